//! What is right in a document and not read here.
//!
//! It is noted and passed over, because only the rest of the document tells
//! whether it is one that others read.

use crate::read::ReadError;

/// The first thing of that kind in a document.
#[derive(Debug, Default)]
pub(crate) struct Unsupported(Option<ReadError>);

impl Unsupported {
    /// Notes what was found at `offset`.
    pub(crate) fn note(&mut self, offset: usize, expected: impl Into<String>, found: String) {
        let expected = expected.into();
        self.0.get_or_insert(ReadError::Unsupported { offset, expected, found });
    }

    /// The error for a document that is right otherwise.
    pub(super) fn take(&mut self) -> Result<(), ReadError> {
        self.0.take().map_or(Ok(()), Err)
    }
}
