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
    pub(crate) fn of(model: &Repomd) -> Self {
        let revision = model.revision.as_deref().and_then(|text| text.parse().ok());
        let timestamps = model.records.iter().filter_map(|record| record.timestamp.as_ref());
        Self { revision, timestamp: timestamps.map(repomd::Timestamp::seconds).max() }
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_none = |number: Option<u64>| number.map_or("none".to_owned(), |number| number.to_string());
        write!(f, "revision {} and timestamp {}", or_none(self.revision), or_none(self.timestamp))
    }
}

/// Whether `new` is older than `held`: only if both its revision and its
/// greatest timestamp are below those held.
pub(crate) fn is_rollback(held: &Age, new: &Age) -> bool {
    let below = |new: Option<u64>, held: Option<u64>| matches!((new, held), (Some(n), Some(h)) if n < h);
    below(new.revision, held.revision) && below(new.timestamp, held.timestamp)
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
        Age::of(&Repomd::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn only_what_is_older_in_both_ways_is_a_rollback() {
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
}
