//! The names of what createrepo-delta adds to a document: elements in a `<data>`, and an
//! instruction directly below the root.
//!
//! This is the one place that knows them: the reader records the spans of
//! direct children of `<data>` with one of these names and of such instructions, the
//! editor removes them. What they mean is not decided here.

/// The copy of the record's own location, before all else of ours where deltas
/// are listed.
pub(crate) const DELTA_BASE: &str = "delta-base";

/// The element of one format-1 delta.
pub(crate) const DELTA: &str = "delta";

/// The instruction that names the journal, of format 2 or of one to come.
pub(crate) const JOURNAL: &str = "delta-journal";

/// Every element name that belongs to us inside `<data>`.
const NAMES: &[&str] = &[DELTA_BASE, DELTA];

/// Whether a direct child of `<data>` with this local name is ours.
pub(crate) fn is_ours(name: &str) -> bool {
    NAMES.contains(&name)
}
