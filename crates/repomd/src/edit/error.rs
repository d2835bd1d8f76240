//! Why a document cannot be edited.

use crate::MAX_SIZE;
use crate::read::ReadError;

/// Why a document cannot be edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The document that was to be edited cannot be read.
    #[error(transparent)]
    Read(ReadError),
    /// There is no record of a type that deltas were listed for.
    #[error("expected a record of type `{kind}` for its deltas, found {found}")]
    NoRecord {
        /// The type, escaped.
        kind: String,
        /// The types that there are, escaped.
        found: String,
    },
    /// A record cannot take deltas.
    #[error("expected a record that can take deltas, found `{kind}` at byte {offset}: {why}")]
    Unfit {
        /// Where the record starts.
        offset: usize,
        /// Its type, escaped.
        kind: String,
        /// Why it cannot.
        why: String,
    },
    /// The document has no place for a journal.
    #[error("expected a root element with content for the journal, found a self-closing one")]
    NoContent,
    /// The edited document would be over [`MAX_SIZE`].
    #[error("expected an edited document of at most {MAX_SIZE} bytes, found more at byte {offset}")]
    TooLarge {
        /// The limit.
        offset: usize,
    },
    /// The edited document cannot be read.
    #[error("expected the edited document to be readable: {why}")]
    Unreadable {
        /// What is wrong with it.
        why: ReadError,
    },
    /// The edited document does not say what it should.
    #[error("expected the edited document to say {expected}, found {found} at byte {offset}")]
    Differs {
        /// The place in the edited document.
        offset: usize,
        /// What it should say.
        expected: String,
        /// What it says.
        found: String,
    },
}

impl EditError {
    /// Whether package managers read the document that was to be edited, so that
    /// nothing is wrong with the repository; see [`ReadError::is_unsupported`].
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        match self {
            Self::Read(why) => why.is_unsupported(),
            // What was read is whole; it is the edit that does not go.
            Self::NoRecord { .. } | Self::Unfit { .. } | Self::NoContent => false,
            Self::TooLarge { .. } | Self::Unreadable { .. } | Self::Differs { .. } => true,
        }
    }
}
