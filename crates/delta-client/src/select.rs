//! Which delta serves a copy. Pure: it fetches nothing, and promises nothing
//! about the result, which only its digest can.

use repomd::{Checksum, Delta, Record};

/// What a client knows of the copy that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyVersion<'a> {
    /// The `<timestamp>` under which it was published, in seconds.
    pub timestamp: Option<u64>,
    /// Its `<open-checksum>`.
    pub open_checksum: Option<&'a Checksum>,
}

/// What a client has to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection<'r> {
    /// Nothing: the copy has the content of the record.
    Current,
    /// This delta, to be verified and then applied.
    Delta(&'r Delta),
    /// The full file, because no delta serves the copy.
    Full {
        /// Why, as part of a sentence.
        why: &'static str,
    },
}

/// The rule of format 1, section 8: the first delta in document order
/// whose timestamp is at most that of the copy, provided that the copy is older
/// than the record; and no delta that is as large as the full file.
///
/// Content is compared before timestamps: a copy with the open-checksum of the
/// record is current, whatever its timestamp says.
#[must_use]
pub fn select<'r>(record: &'r Record, held: &CopyVersion<'_>) -> Selection<'r> {
    if held.open_checksum.is_some() && held.open_checksum == record.open_checksum.as_ref() {
        return Selection::Current;
    }
    let Some(timestamp) = held.timestamp else {
        return Selection::Full { why: "the timestamp of the copy is not known" };
    };
    let Some(current) = &record.timestamp else {
        return Selection::Full { why: "the record has no timestamp" };
    };
    if timestamp >= current.seconds() {
        return Selection::Full { why: "the copy is not older than the record" };
    }
    let Some(delta) = record.usable_deltas().find(|d| d.timestamp.seconds() <= timestamp) else {
        return Selection::Full { why: "no delta serves a copy that old" };
    };
    if record.size.is_some_and(|full| delta.size >= full) {
        return Selection::Full { why: "the delta is as large as the full file" };
    }
    Selection::Delta(delta)
}
