//! What types need of a journal, once it was fetched and verified.

use std::sync::Arc;

use delta_core::journal::{Ids, Part};

/// A part that was verified, with the identifiers of its step.
pub(super) type OwnedPart = (Arc<Ids>, Vec<u8>);

/// What a type needs of the journal.
#[derive(Debug, Default)]
pub(super) struct TypeParts {
    /// Newest first.
    pub(super) parts: Vec<OwnedPart>,
    /// Its share of what was downloaded.
    pub(super) bytes: u64,
}

impl TypeParts {
    pub(super) fn as_parts(&self) -> Vec<Part<'_>> {
        self.parts.iter().map(|(ids, payload)| Part { ids: ids.clone(), payload }).collect()
    }
}
