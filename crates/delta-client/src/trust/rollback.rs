//! Telling a repomd.xml of the past from one that merely looks odd.
//!
//! Revisions and timestamps of real repositories may repeat, go backwards or be
//! pinned, so one of them alone proves nothing.

use std::fmt;

use repomd::Repomd;

/// How old a repomd.xml says that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Age {
    revision: Option<u64>,
    pub(crate) timestamp: Option<u64>,
}

impl Age {
    /// Of this document: its revision, where that is a number, and its
    /// greatest timestamp in seconds.
    pub(crate) fn from_repomd(model: &Repomd) -> Self {
        let revision = model.revision.as_deref().and_then(|text| text.parse().ok());
        Self { revision, timestamp: model.greatest_timestamp() }
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_none = |number: Option<u64>| number.map_or("none".to_owned(), |number| number.to_string());
        write!(f, "revision {} and timestamp {}", or_none(self.revision), or_none(self.timestamp))
    }
}

/// How much the age of what is held is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    /// Nobody vouches for it: what it says of the future may be invented.
    Taken,
    /// Both documents were signed by a trusted key.
    Signed,
}

/// Whether `new` is older than `held`: if both its revision and its greatest
/// timestamp are below those held. Of signed documents whose revisions do not
/// tell, because they are no numbers, absent or equal, the timestamp decides.
pub(crate) fn is_rollback(held: &Age, new: &Age, basis: Basis) -> bool {
    let below = |new: Option<u64>, held: Option<u64>| matches!((new, held), (Some(n), Some(h)) if n < h);
    let untold = new.revision.is_none() || held.revision.is_none() || new.revision == held.revision;
    let by_revision = below(new.revision, held.revision) || basis == Basis::Signed && untold;
    by_revision && below(new.timestamp, held.timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn age(revision: &str, timestamps: &[u64]) -> Age {
        let record = |(n, t)| format!("<data type=\"t{n}\"><timestamp>{t}</timestamp></data>");
        let records = timestamps.iter().enumerate().map(record).collect::<Vec<_>>().concat();
        let text = format!(
            "<repomd xmlns=\"http://linux.duke.edu/metadata/repo\"><revision>{revision}</revision>{records}</repomd>"
        );
        Age::from_repomd(&Repomd::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn only_what_is_older_in_both_ways_is_a_rollback() {
        let is_rollback = |held: &Age, new: &Age| super::is_rollback(held, new, Basis::Taken);
        let held = age("100", &[50, 200]);
        assert!(is_rollback(&held, &age("99", &[199, 1])));
        assert!(!is_rollback(&held, &age("99", &[200])));
        assert!(!is_rollback(&held, &age("99", &[201])));
        assert!(!is_rollback(&held, &age("100", &[199])));
        assert!(!is_rollback(&held, &age("101", &[1])));
        assert!(!is_rollback(&held, &age("abc", &[1])));
        assert!(!is_rollback(&held, &age("1", &[])));
        assert!(!is_rollback(&age("abc", &[200]), &age("1", &[1])));
        assert_eq!(held.to_string(), "revision 100 and timestamp 200");
        assert_eq!(age("x", &[]).to_string(), "revision none and timestamp none");
    }

    #[test]
    fn of_signed_documents_the_timestamp_decides_where_revisions_do_not_tell() {
        let is_rollback = |held: &Age, new: &Age| super::is_rollback(held, new, Basis::Signed);
        for (held, new) in
            [("100", "100"), ("2026-11-02", "2026-11-01"), ("", ""), ("100", "x"), ("x", "100")]
        {
            let held = age(held, &[200]);
            assert!(is_rollback(&held, &age(new, &[199])), "{new}");
            assert!(!is_rollback(&held, &age(new, &[200])), "{new}");
            assert!(!is_rollback(&held, &age(new, &[])), "{new}");
        }
        assert!(!is_rollback(&age("100", &[200]), &age("101", &[1])));
        assert!(is_rollback(&age("100", &[200]), &age("99", &[199])));
    }
}
