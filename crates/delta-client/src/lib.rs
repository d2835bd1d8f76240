//! Client side: from an old copy of a metadata file and a published delta to
//! the current file.
//!
//! [`select`] is the rule by which a client picks the delta that serves its
//! copy (`docs/format-1.md`, section 8); [`apply_files`] plays a delta file
//! against an old file, whatever the old file's compression, and puts the result
//! in place only after its digest was compared with the one wanted.
//!
//! What is deliberately not here: the history that the deltas were made from,
//! and publishing.

mod apply;
mod error;
mod select;

pub use apply::{FilesApplied, Wanted, apply_files};
pub use error::Error;
pub use select::{Held, Selection, select};
