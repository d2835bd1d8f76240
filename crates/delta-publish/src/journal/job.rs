//! What the journal of one type is made from and within.

use delta_core::Rule;
use history::Track;

/// What the journal of one type is to be.
pub(crate) struct JournalJob<'w> {
    pub(crate) data_type: &'w str,
    pub(crate) rule: Rule,
    pub(crate) track: &'w Track,
    /// Most bytes that a client may have to read, the head included.
    pub(crate) max: u64,
    /// Most bytes of the whole file.
    pub(crate) file: u64,
    /// Most bytes of inserted text that may be encoded.
    pub(crate) text: u64,
}
