//! Why a delta or a journal could not be applied to a file.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a delta could not be applied to a file. The target is then as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A file-system step failed.
    #[error(transparent)]
    File(durable::Error),
    /// A file could not be opened.
    #[error("cannot open `{}`: {reason}", path.display())]
    OpenFile {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// A file cannot be decompressed, or is not what was expected.
    #[error(transparent)]
    Open(codec::Error),
    /// A metadata type that is a database.
    #[error("no deltas are defined for metadata type `{data_type}`: it is a database")]
    Database {
        /// The type asked for.
        data_type: String,
    },
    /// The delta file is not compressed as deltas are.
    #[error("`{}` is no delta: expected bzip2 data, found {found}", path.display())]
    NotBzip2 {
        /// The delta.
        path: PathBuf,
        /// What it is.
        found: String,
    },
    /// The delta does not fit the old file, or is damaged.
    #[error("cannot apply `{}` to `{}`: {source}", delta.display(), old.display())]
    Apply {
        /// The old file.
        old: PathBuf,
        /// The delta.
        delta: PathBuf,
        /// Where and why.
        source: delta_core::ApplyError,
    },
    /// The journal does not fit the old file, or is damaged.
    #[error("cannot apply `{}` to `{}`: {source}", journal.display(), old.display())]
    ApplyJournal {
        /// The old file.
        old: PathBuf,
        /// The journal.
        journal: PathBuf,
        /// Where and why.
        source: delta_core::journal::JournalError,
    },
    /// The result cannot be stored in the form wanted.
    #[error("cannot write `{}`: {why}", path.display())]
    Encode {
        /// The target.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A zchunk file is to be made, and nothing says where its chunks begin.
    #[error("cannot make a zchunk file: expected a rule that says where its chunks begin, found none")]
    NoChunkRule,
    /// The journal has no steps for the old file.
    #[error("`{}` does not serve `{}`: expected its generation among those that it serves, found others only", journal.display(), old.display())]
    NotServed {
        /// The journal.
        journal: PathBuf,
        /// The old file.
        old: PathBuf,
    },
    /// The result is not the target: the delta is for another old file.
    #[error("the result of `{}` is not the file wanted: expected {expected}, found {found}", delta.display())]
    WrongResult {
        /// The delta.
        delta: PathBuf,
        /// Digest or size wanted.
        expected: String,
        /// Digest or size made.
        found: String,
    },
}

impl Error {
    /// Whether one of the files is not what it should be, or they do not fit together;
    /// otherwise the system failed, or what was asked for makes no sense.
    #[must_use]
    pub fn is_of_the_files(&self) -> bool {
        match self {
            Self::Open(error) => error.is_of_the_file(),
            Self::File(_)
            | Self::OpenFile { .. }
            | Self::Database { .. }
            | Self::NoChunkRule
            | Self::Encode { .. } => false,
            Self::NotBzip2 { .. }
            | Self::Apply { .. }
            | Self::ApplyJournal { .. }
            | Self::NotServed { .. }
            | Self::WrongResult { .. } => true,
        }
    }
}
