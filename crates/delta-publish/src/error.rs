//! What can go wrong while publishing. Every message names the file, what was
//! expected and what was found; hints are the command line's business.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use durable::{Kind, Operation};
use thiserror::Error;

use crate::report::{Reduction, ReductionKind};
pub use crate::signing::{SignError, SignFailure};
pub use codec::{DigestError, Error as OpenError};
pub use delta_core::DiffError;
pub use delta_core::chunk::ChunkError;
pub use delta_core::plan::CheckError;
pub use durable::Error as FileError;
pub use history::Error as HistoryError;
pub use repomd::ReadError;
pub use repomd::edit::EditError;
pub use signatures::{ArmorError, KeyringError, VerifyError};

/// Why a repository was not, or not wholly, processed. What it is then, each
/// operation says.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A file-system step failed.
    #[error(transparent)]
    File(FileError),
    /// repomd.xml, or a file that it names, is something else than a file of usual size.
    #[error(transparent)]
    NotAFile(FileError),
    /// The history cannot be used.
    #[error(transparent)]
    History(HistoryError),
    /// Any other, after something of the history was found to be lost and set aside.
    #[error("{source}; besides, {}", messages(reduced))]
    Besides {
        /// What is lost.
        reduced: Vec<Reduction>,
        /// Why the run failed.
        source: Box<Error>,
    },
    /// There is no repomd.xml.
    #[error("`{}` is not a repository: it has no repodata/repomd.xml", path.display())]
    NoRepomd {
        /// The directory given.
        path: PathBuf,
    },
    /// repomd.xml cannot be read as one.
    #[error("`{}`: {source}", path.display())]
    Repomd {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: ReadError,
    },
    /// repomd.xml cannot be edited.
    #[error("`{}`: {source}", path.display())]
    Edit {
        /// The file.
        path: PathBuf,
        /// Why.
        source: EditError,
    },
    /// createrepo_c works on the repository, or did when it was killed.
    #[error("createrepo_c is at work in the repository, or was interrupted: `{}` is there", path.display())]
    Busy {
        /// The directory that serves createrepo_c as a lock.
        path: PathBuf,
    },
    /// The repository was changed by somebody else meanwhile.
    #[error("`{}` was replaced by another process while deltas were made", path.display())]
    Swapped {
        /// What was replaced.
        path: PathBuf,
    },
    /// The repository is signed and must not change.
    #[error("the repository is signed (`{}`), and repomd.xml would have to change", path.display())]
    Signed {
        /// The signature.
        path: PathBuf,
    },
    /// repomd.xml was not signed.
    #[error(transparent)]
    Sign(SignError),
    /// A record's file is missing.
    #[error("`{}` is missing: repomd.xml names it for type `{data_type}`", path.display())]
    NoFile {
        /// The metadata type.
        data_type: String,
        /// The file.
        path: PathBuf,
    },
    /// A record has a checksum that cannot be computed.
    #[error("`{}`: the {field} of type `{data_type}`: {source}", path.display())]
    Checksum {
        /// repomd.xml.
        path: PathBuf,
        /// The metadata type.
        data_type: String,
        /// The element's name.
        field: &'static str,
        /// Why.
        source: DigestError,
    },
    /// A record's file cannot be opened, or is not what repomd.xml says.
    #[error(transparent)]
    Open(OpenError),
    /// A file cannot be cut into chunks.
    #[error("`{}`: {source}", path.display())]
    Chunk {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ChunkError,
    },
    /// A metadata type that is a database: it would have no chunks in common.
    #[error("no deltas are defined for metadata type `{data_type}`: it is a database")]
    Database {
        /// The type asked for.
        data_type: String,
    },
    /// A file that was to be cut at lines and has none.
    #[error("`{}` is no text: expected lines, found a zero byte", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// A delta could not be made.
    #[error("cannot make a delta for type `{data_type}`: {what}")]
    Encode {
        /// The metadata type.
        data_type: String,
        /// Why.
        what: String,
    },
    /// A delta that was just made does not do what it should. Never published.
    #[error("a delta for type `{data_type}` failed its verification and is not published: {source}")]
    Unproven {
        /// The metadata type.
        data_type: String,
        /// What is wrong.
        source: CheckError,
    },
    /// The record of published states cannot be read.
    #[error("`{}` is damaged: {what}", path.display())]
    Ledger {
        /// The file.
        path: PathBuf,
        /// Expected and found.
        what: String,
    },
    /// A newer version of this program wrote the record of published states.
    #[error("`{}` was written by a newer version of createrepo-delta: expected format {expected}, found {found}", path.display())]
    NewerLedger {
        /// The file.
        path: PathBuf,
        /// The format that this version writes.
        expected: u32,
        /// The format of the file.
        found: u64,
    },
    /// The history remembers hardly any package of the repository.
    #[error(
        "`{}` is the history of another repository: it has fewer than one in ten packages of `{}`",
        path.display(), repository.display()
    )]
    ForeignHistory {
        /// The history.
        path: PathBuf,
        /// The repository.
        repository: PathBuf,
    },
    /// There can be no temporary directory.
    #[error("cannot make a temporary directory in `{}`: {reason}", path.display())]
    Scratch {
        /// Where it was to be.
        path: PathBuf,
        /// The system's answer.
        reason: io::Error,
    },
    /// A metadata type that is neither known nor in the repository.
    #[error("`{}` has no metadata of type `{data_type}`", path.display())]
    UnknownType {
        /// The repository.
        path: PathBuf,
        /// The type asked for.
        data_type: String,
        /// The types of the repository.
        present: Vec<String>,
    },
    /// A delta file or a journal is not one.
    #[error("`{}`: {what}", path.display())]
    Delta {
        /// The file.
        path: PathBuf,
        /// Expected and found.
        what: String,
    },
    /// A file on the command line could not be opened.
    #[error("cannot open `{}`: {reason}", path.display())]
    OpenFile {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// A delta could not be made from files.
    #[error("cannot make a delta: {0}")]
    Diff(DiffError),
}

/// What an [`enum@Error`] comes to for a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The repository, or a file that was to be read, is not what it should be.
    Broken,
    /// The repository is fine. It serves fewer deltas than asked for, because its
    /// history cannot be used, because it is to stay as it is, or because this program
    /// does not handle what is in it.
    Reduced,
    /// Another process is at work: trying again later may help.
    Temporary,
    /// What was asked for makes no sense, or the system failed.
    Failed,
}

impl Error {
    /// Whether the repository is fine, as package managers read its repomd.xml, and
    /// only this program does not edit it.
    #[must_use]
    pub fn is_unsupported_repomd(&self) -> bool {
        match self {
            Self::Besides { source, .. } => source.is_unsupported_repomd(),
            Self::Repomd { source, .. } => source.is_unsupported(),
            Self::Edit { source, .. } => source.is_unsupported(),
            _ => false,
        }
    }

    /// What the error comes to.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            // Package managers follow links, and have other limits.
            Self::NotAFile(
                durable::Error::WrongKind { found: Kind::Symlink, .. } | durable::Error::TooLarge { .. },
            ) => ErrorClass::Reduced,
            Self::NotAFile(_) => ErrorClass::Broken,
            Self::Besides { source, .. } => source.class(),
            Self::History(error) => match error.class() {
                history::ErrorClass::Temporary => ErrorClass::Temporary,
                history::ErrorClass::Newer => ErrorClass::Reduced,
                history::ErrorClass::Damaged => ErrorClass::Broken,
                history::ErrorClass::Failed => ErrorClass::Failed,
            },
            // Package managers read it.
            error if error.is_unsupported_repomd() => ErrorClass::Reduced,
            Self::Open(error) if !error.is_of_the_file() => ErrorClass::Failed,
            Self::NoRepomd { .. }
            | Self::Repomd { .. }
            | Self::NoFile { .. }
            | Self::Checksum { .. }
            | Self::Open(_)
            | Self::Chunk { .. }
            | Self::NotText { .. }
            | Self::Delta { .. }
            | Self::Diff(_) => ErrorClass::Broken,
            Self::Edit { .. }
            | Self::Signed { .. }
            | Self::Ledger { .. }
            | Self::NewerLedger { .. }
            | Self::ForeignHistory { .. }
            | Self::Encode { .. }
            | Self::Unproven { .. } => ErrorClass::Reduced,
            // Another process works on the same files.
            Self::File(durable::Error::Replaced { .. }) | Self::Busy { .. } | Self::Swapped { .. } => {
                ErrorClass::Temporary
            }
            Self::File(_)
            | Self::Sign(_)
            | Self::Database { .. }
            | Self::Scratch { .. }
            | Self::UnknownType { .. }
            | Self::OpenFile { .. } => ErrorClass::Failed,
        }
    }

    /// A file of the repository could not be read.
    pub(crate) fn of_reading(error: durable::Error) -> Self {
        match error {
            durable::Error::WrongKind { .. } | durable::Error::TooLarge { .. } => Self::NotAFile(error),
            other => Self::File(other),
        }
    }

    /// Why a publish goes on without new deltas; nothing for an error that is about
    /// the repository, or that ends when another process does.
    pub(crate) fn reduction(&self) -> Option<ReductionKind> {
        match self {
            Self::Besides { source, .. } => source.reduction(),
            Self::ForeignHistory { .. } => Some(ReductionKind::HistoryForeign),
            Self::NewerLedger { .. } | Self::History(history::Error::Newer { .. }) => {
                Some(ReductionKind::HistoryNewer)
            }
            Self::History(error) if error.is_locked() => None,
            Self::History(history::Error::File(error)) if is_not_writable(error) => {
                Some(ReductionKind::HistoryNotWritable)
            }
            Self::History(_) => Some(ReductionKind::HistoryUnreadable),
            Self::Encode { .. } | Self::Unproven { .. } => Some(ReductionKind::DeltasNotMade),
            _ => None,
        }
    }

    /// As [`reduction`](Self::reduction), with the message, to which `rest` is added.
    pub(crate) fn as_reduction(&self, rest: &str) -> Option<Reduction> {
        let answer = match self {
            Self::Besides { source, .. } => return source.as_reduction(rest),
            Self::History(history::Error::File(error)) => error.io().map(io::Error::kind),
            _ => None,
        };
        let message = format!("{self}; {rest}");
        Some(Reduction { answer, ..Reduction::new(self.reduction()?, message) })
    }

    /// With what was found to be lost meanwhile, if anything was.
    pub(crate) fn besides(self, reduced: Vec<Reduction>) -> Self {
        if reduced.is_empty() { self } else { Self::Besides { reduced, source: Box::new(self) } }
    }

    /// Why the repository is left alone, though it is fine.
    pub(crate) fn left_alone(&self) -> Option<Reduction> {
        let kind = match self {
            Self::Besides { source, .. } => return source.left_alone(),
            Self::Signed { .. } => ReductionKind::Signed,
            _ if self.class() != ErrorClass::Reduced => return None,
            Self::NotAFile(_) | Self::Repomd { .. } | Self::Edit { .. } => ReductionKind::NotEdited,
            _ => return None,
        };
        Some(Reduction::new(kind, format!("{self}; the repository stays as it is")))
    }

    /// What was found to be lost meanwhile.
    pub(crate) fn into_besides(self) -> Vec<Reduction> {
        match self {
            Self::Besides { reduced, .. } => reduced,
            _ => Vec::new(),
        }
    }

    /// What it is if only a private copy of the history in `scratch` is written to.
    pub(crate) fn of_scratch(self, scratch: &Path) -> Self {
        match self {
            // Who may write to the history is found out as in the run.
            Self::History(history::Error::File(error)) if error.is_no_space() => {
                Self::Scratch { path: scratch.to_owned(), reason: ErrorKind::StorageFull.into() }
            }
            other => other,
        }
    }

    /// Whether a file that was being written is gone: another run took it for one that an
    /// interrupted run left.
    pub(crate) fn is_of_lost_temporary(&self) -> bool {
        let (path, reason) = match self {
            Self::Besides { source, .. } => return source.is_of_lost_temporary(),
            Self::File(durable::Error::Rename { from, reason, .. }) => (from, reason),
            Self::File(durable::Error::Io { path, reason, .. }) => (path, reason),
            _ => return false,
        };
        let name = path.file_name().unwrap_or_default();
        reason.kind() == ErrorKind::NotFound
            && name.as_encoded_bytes().starts_with(repomd::files::TEMP_PREFIX.as_bytes())
    }

    /// Whether trying again later may help, because another process is at work.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.class() == ErrorClass::Temporary
    }
}

fn messages(reduced: &[Reduction]) -> String {
    let messages: Vec<&str> = reduced.iter().map(|reduction| &*reduction.message).collect();
    messages.join("; ")
}

/// Whether the system refused to write: for lack of room, or of permission.
fn is_not_writable(error: &durable::Error) -> bool {
    let reads = matches!(
        error,
        durable::Error::Io {
            operation: Operation::Open | Operation::Inspect | Operation::List | Operation::Read,
            ..
        }
    );
    match error.io().map(io::Error::kind) {
        Some(
            ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded
            | ErrorKind::FileTooLarge
            | ErrorKind::ReadOnlyFilesystem,
        ) => true,
        Some(ErrorKind::PermissionDenied) => !reads,
        _ => false,
    }
}
