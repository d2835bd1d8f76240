//! Why a document is refused, or a part of it set aside.
//!
//! Each error tells the offset of the place in bytes, what was expected there
//! and what was found; quotations are escaped and short.

use crate::excerpt::excerpt;
use crate::value::ValueError;
use crate::{MAX_SIZE, NAMESPACE};

/// Why a document, or a part of it, cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The document is over [`MAX_SIZE`].
    #[error("expected at most {MAX_SIZE} bytes, found {size}")]
    TooLarge {
        /// The limit.
        offset: usize,
        /// The number of bytes.
        size: usize,
    },
    /// There is nothing but white space.
    #[error("expected a repomd.xml document, found an empty one of {offset} bytes")]
    Empty {
        /// The end of the document.
        offset: usize,
    },
    /// Package managers read the document, and this crate does not: it has a
    /// document type, another encoding, another version of XML, another
    /// namespace, an undeclared prefix, or more of something than is kept here.
    /// Apart from that it is a whole repomd.xml.
    #[error("expected {expected} at byte {offset}, found {found}; package managers read such a document")]
    Unsupported {
        /// The place, in bytes.
        offset: usize,
        /// What this crate reads.
        expected: String,
        /// What was found, escaped.
        found: String,
    },
    /// The document is not in the encoding that it says, or in one that is not
    /// known.
    #[error("expected UTF-8 at byte {offset}, found {found}")]
    Encoding {
        /// The place, in bytes.
        offset: usize,
        /// What was found, escaped.
        found: String,
    },
    /// A character that no XML document may contain.
    #[error("expected text at byte {offset}, found character {found:?}")]
    Character {
        /// The place, in bytes.
        offset: usize,
        /// The character.
        found: char,
    },
    /// Something else than `<repomd>` comes first.
    #[error("expected root element `repomd` of `{NAMESPACE}` at byte {offset}, found {found}")]
    Root {
        /// The place, in bytes.
        offset: usize,
        /// What was found, escaped.
        found: String,
    },
    /// Something follows the end of the root element.
    #[error("expected the end of the document at byte {offset}, found `{found}`")]
    AfterRoot {
        /// The place, in bytes.
        offset: usize,
        /// The start of what was found, escaped.
        found: String,
    },
    /// The document ends too early.
    #[error("expected {expected}, found the end of the document at byte {offset}: it was cut short")]
    Truncated {
        /// The end of the document.
        offset: usize,
        /// What would have had to follow.
        expected: String,
    },
    /// Markup that is not well-formed.
    #[error("expected {expected} at byte {offset}, found {found}")]
    Syntax {
        /// The place, in bytes.
        offset: usize,
        /// What would have been right.
        expected: String,
        /// What was found, escaped.
        found: String,
    },
    /// Elements nested deeper than anybody reads them.
    #[error("expected at most {limit} levels of elements, found one more at byte {offset}")]
    TooDeep {
        /// The place, in bytes.
        offset: usize,
        /// The number of levels.
        limit: usize,
    },
    /// A reference to an entity that does not exist, or to no character.
    #[error("expected a predefined entity or a character reference at byte {offset}, found `&{found}`")]
    Reference {
        /// The place, in bytes.
        offset: usize,
        /// What follows the `&`, escaped.
        found: String,
    },
    /// A namespace prefix of the root that was not declared.
    #[error("expected a declared namespace prefix at byte {offset}, found `{found}`")]
    Prefix {
        /// The place, in bytes.
        offset: usize,
        /// The prefix, escaped.
        found: String,
    },
    /// An element without an attribute that it must have.
    #[error("expected attribute `{attribute}` in `<{element}>` at byte {offset}, found none")]
    MissingAttribute {
        /// Where the element starts.
        offset: usize,
        /// The element.
        element: String,
        /// The attribute.
        attribute: &'static str,
    },
    /// A delta without an element that it must have.
    #[error("expected `<{element}>` in `<{parent}>` at byte {offset}, found none")]
    MissingElement {
        /// Where the parent starts.
        offset: usize,
        /// The parent.
        parent: &'static str,
        /// The element.
        element: &'static str,
    },
    /// A field that is given twice.
    #[error("expected one `<{element}>`, found another at byte {offset}; the first is at byte {first}")]
    DuplicateElement {
        /// Where the second one starts.
        offset: usize,
        /// The element.
        element: String,
        /// Where the first one starts.
        first: usize,
    },
    /// Two records of one type.
    #[error(
        "expected one record of type `{kind}`, found another at byte {offset}; the first is at byte {first}"
    )]
    DuplicateRecord {
        /// Where the second one starts.
        offset: usize,
        /// The type, escaped.
        kind: String,
        /// Where the first one starts.
        first: usize,
    },
    /// A value that is not one of its kind.
    #[error("in `<{element}>` at byte {offset}: {why}")]
    Value {
        /// Where the element starts.
        offset: usize,
        /// The element.
        element: String,
        /// What is wrong with it.
        why: ValueError,
    },
    /// Something malformed in the instruction that names the journal.
    #[error("in `<?delta-journal?>` at byte {offset}: expected {expected}, found {found}")]
    Journal {
        /// Where the instruction starts.
        offset: usize,
        /// What would have been right.
        expected: String,
        /// What was found, escaped.
        found: String,
    },
    /// A delta that is relative to another place.
    #[error("expected a delta within the repository at byte {offset}, found base `{base}`")]
    Elsewhere {
        /// Where the location of the delta starts.
        offset: usize,
        /// The base, escaped.
        base: String,
    },
}

impl ReadError {
    /// Markup that is not well-formed, of which `found` is quoted.
    pub(crate) fn markup(offset: usize, expected: &str, found: &str) -> Self {
        Self::Syntax { offset, expected: expected.to_owned(), found: format!("`{}`", excerpt(found)) }
    }

    /// Whether package managers read the document all the same, so that nothing is
    /// wrong with the repository: librepo does, by which dnf and dnf5
    /// read it. All other documents it refuses, too.
    ///
    /// What a document type declares is not looked at, except that it is made of
    /// declarations. A document over [`MAX_SIZE`] is taken for one that is read.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        matches!(self, Self::Unsupported { .. } | Self::TooLarge { .. })
    }

    /// The place in the document, in bytes from its start.
    #[must_use]
    pub fn offset(&self) -> usize {
        match self {
            Self::TooLarge { offset, .. }
            | Self::Empty { offset }
            | Self::Unsupported { offset, .. }
            | Self::Encoding { offset, .. }
            | Self::Character { offset, .. }
            | Self::Root { offset, .. }
            | Self::AfterRoot { offset, .. }
            | Self::Truncated { offset, .. }
            | Self::Syntax { offset, .. }
            | Self::TooDeep { offset, .. }
            | Self::Reference { offset, .. }
            | Self::Prefix { offset, .. }
            | Self::MissingAttribute { offset, .. }
            | Self::MissingElement { offset, .. }
            | Self::DuplicateElement { offset, .. }
            | Self::DuplicateRecord { offset, .. }
            | Self::Value { offset, .. }
            | Self::Journal { offset, .. }
            | Self::Elsewhere { offset, .. } => *offset,
        }
    }
}
