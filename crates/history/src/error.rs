//! What can go wrong with a history.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

pub use delta_core::chunk::TableError;
pub use durable::Error as FileError;

/// Why a history could not be read or changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A file-system step failed.
    #[error(transparent)]
    File(FileError),
    /// A newer version of this program wrote it; it was left as it is.
    #[error("`{}` was written by a newer version of createrepo-delta: expected `{expected}`, found `{found}`", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its first line as this version writes it.
        expected: String,
        /// Its first line, escaped.
        found: String,
    },
    /// The directory has things in it and does not say that it is a history.
    #[error("`{}` is not a history: expected an empty directory, or one with a file `format`, found `{}`", path.display(), found.escape_debug())]
    Foreign {
        /// The directory.
        path: PathBuf,
        /// The first of the things in it.
        found: String,
    },
    /// The directory says that it is something else.
    #[error("`{}` is not a file of a history: expected `{expected}`, found `{found}`", path.display())]
    Format {
        /// The file that says what the directory is.
        path: PathBuf,
        /// What it should say.
        expected: String,
        /// What it says, escaped.
        found: String,
    },
    /// There is no history at this place.
    #[error("`{}` holds no history", path.display())]
    Missing {
        /// The directory.
        path: PathBuf,
    },
    /// Another process holds the lock.
    #[error("the history `{}` is in use by {}", path.display(), holder.clone().unwrap_or_default())]
    Locked {
        /// The directory.
        path: PathBuf,
        /// The process that holds it, if known.
        holder: Option<durable::Holder>,
    },
    /// A name of a metadata type that cannot be a directory's name.
    #[error("`{name}` is no metadata type's name: expected letters, digits, `-`, `_` and `.`")]
    TypeName {
        /// The name given.
        name: String,
    },
    /// A part of the history is not what was written.
    #[error("`{}` is damaged at byte {offset}: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in it.
        offset: u64,
        /// Expected and found.
        what: String,
    },
    /// The history was opened for reading only.
    #[error("the history `{}` was opened for reading only", path.display())]
    ReadOnly {
        /// The directory.
        path: PathBuf,
    },
    /// A chunk cannot be numbered.
    #[error("`{}`: {source}", path.display())]
    Table {
        /// The track's directory.
        path: PathBuf,
        /// Why.
        source: TableError,
    },
    /// A generation's chunks do not add up to what is said of it.
    #[error("`{}`: expected {expected} bytes in the chunks recorded, found {found}", path.display())]
    OpenSize {
        /// The track's directory.
        path: PathBuf,
        /// Bytes announced.
        expected: u64,
        /// Bytes recorded.
        found: u64,
    },
    /// Compressing chunks failed.
    #[error("cannot compress chunks for `{}`: {reason}", path.display())]
    Compress {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// Writing a generation back out failed.
    #[error("cannot write the generation: {reason}")]
    Output {
        /// What the writer said.
        reason: io::Error,
    },
}

/// What an [`enum@Error`] comes to for a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// Another process holds the lock: trying again later may help.
    Temporary,
    /// A newer version wrote it; it was left as it is.
    Newer,
    /// A part of it is not what was written.
    Damaged,
    /// It cannot be read or written, is none, or was asked for what it cannot do.
    Failed,
}

impl Error {
    /// What the error comes to.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Locked { .. } => ErrorClass::Temporary,
            Self::Newer { .. } => ErrorClass::Newer,
            Self::Damaged { .. } => ErrorClass::Damaged,
            Self::File(_)
            | Self::Foreign { .. }
            | Self::Format { .. }
            | Self::Missing { .. }
            | Self::TypeName { .. }
            | Self::ReadOnly { .. }
            | Self::Table { .. }
            | Self::OpenSize { .. }
            | Self::Compress { .. }
            | Self::Output { .. } => ErrorClass::Failed,
        }
    }

    /// Whether trying again later may help, because another process is at work.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Locked { .. })
    }
}
