//! What can go wrong, with the operation, the path and the system's reason.
//!
//! The reason is part of the message and therefore not repeated as
//! [`std::error::Error::source`]; [`Error::io`] gives it to code.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::Kind;

/// A file-system operation, as named in messages and seen by the fault injection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Opening a file or directory.
    Open,
    /// Asking for type, size or identity.
    Inspect,
    /// Listing a directory.
    List,
    /// Reading from a file.
    Read,
    /// Taking a lock.
    Lock,
    /// Creating a file.
    Create,
    /// Writing to a file.
    Write,
    /// Cutting a file to length zero.
    Truncate,
    /// Setting permission bits.
    SetMode,
    /// Setting owner and group.
    SetOwner,
    /// Setting the SELinux label.
    SetLabel,
    /// Setting when a file was last modified.
    SetTime,
    /// Flushing a file's content to the disk.
    Sync,
    /// Renaming a file over another, or a directory.
    Rename,
    /// Letting two directories exchange their names.
    Exchange,
    /// Giving a file a second name.
    Link,
    /// Removing a file or an empty directory.
    Remove,
    /// Creating a directory.
    MakeDir,
    /// Flushing a directory's entries to the disk.
    SyncDir,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Inspect => "inspect",
            Self::List => "list",
            Self::Read => "read",
            Self::Lock => "lock",
            Self::Create => "create",
            Self::Write => "write to",
            Self::Truncate => "truncate",
            Self::SetMode => "set the mode of",
            Self::SetOwner => "set the owner of",
            Self::SetLabel => "set the SELinux label of",
            Self::SetTime => "set the time of",
            Self::Sync => "sync",
            Self::Rename => "rename",
            Self::Exchange => "exchange",
            Self::Link => "link",
            Self::Remove => "remove",
            Self::MakeDir => "create directory",
            Self::SyncDir => "sync directory",
        })
    }
}

/// Why a file-system step failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system refused an operation.
    #[error("cannot {operation} `{}`: {reason}", path.display())]
    #[non_exhaustive]
    Io {
        /// What was attempted.
        operation: Operation,
        /// On which file or directory.
        path: PathBuf,
        /// The system's answer.
        reason: io::Error,
    },
    /// The file system has no locks of the kind that is needed.
    #[error("cannot lock `{}`: its file system has no locks ({reason})", path.display())]
    #[non_exhaustive]
    NoLocks {
        /// The lock file.
        path: PathBuf,
        /// The system's answer.
        reason: io::Error,
    },
    /// The system refused to rename a file or a directory.
    #[error("cannot rename `{}` to `{}`: {reason}", from.display(), to.display())]
    #[non_exhaustive]
    Rename {
        /// Its name so far.
        from: PathBuf,
        /// The name that it was to get.
        to: PathBuf,
        /// The system's answer.
        reason: io::Error,
    },
    /// A pipe, a terminal or a device does not take what is written to it.
    #[error("cannot write to `{}`: {reason}", path.display())]
    #[non_exhaustive]
    Stream {
        /// Where it is, or `-` for standard output.
        path: PathBuf,
        /// The system's answer.
        reason: io::Error,
    },
    /// Something else has the name of a file or directory that was asked for.
    #[error("`{}` is a {found}, not a {expected}", path.display())]
    #[non_exhaustive]
    WrongKind {
        /// Where it is.
        path: PathBuf,
        /// What the caller needs.
        expected: Kind,
        /// What is there.
        found: Kind,
    },
    /// A name that is empty, `.` or `..`, has a `/` or NUL, or is reserved.
    #[error("`{}` is not a usable file name in `{}`", name.escape_debug(), dir.display())]
    #[non_exhaustive]
    BadName {
        /// The directory in which it was to be used.
        dir: PathBuf,
        /// The name.
        name: String,
    },
    /// A file is larger than the caller wants to read.
    #[error("`{}` has {found} bytes, more than the limit of {limit}", path.display())]
    #[non_exhaustive]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size, or how much of it was read.
        found: u64,
        /// The limit given.
        limit: u64,
    },
    /// An earlier write to this temporary file failed, so it is not published.
    #[error("`{}` is incomplete, because an earlier write to it failed", path.display())]
    #[non_exhaustive]
    Incomplete {
        /// The temporary file.
        path: PathBuf,
    },
    /// Somebody replaced or removed the temporary file before it was published.
    #[error("`{}` was replaced by another process before it was complete", path.display())]
    #[non_exhaustive]
    Replaced {
        /// The temporary file.
        path: PathBuf,
    },
    /// Directories are nested more deeply than a removal goes.
    #[error("`{}` is nested too deeply to be removed", path.display())]
    #[non_exhaustive]
    TooDeep {
        /// The directory at which the removal stopped.
        path: PathBuf,
    },
}

impl Error {
    pub(crate) fn new(operation: Operation, path: &Path, reason: impl Into<io::Error>) -> Self {
        Self::Io { operation, path: path.to_path_buf(), reason: reason.into() }
    }

    /// The error for a lock on the file `path` that could not be taken, by nobody's doing.
    #[must_use]
    pub fn from_lock(reason: io::Error, path: &Path) -> Self {
        let missing = [Errno::NOLCK, Errno::NOTSUP, Errno::NOSYS];
        if reason.raw_os_error().is_some_and(|raw| missing.contains(&Errno::from_raw_os_error(raw))) {
            return Self::NoLocks { path: path.to_path_buf(), reason };
        }
        Self::new(Operation::Lock, path, reason)
    }

    /// The system's answer, if the system was asked.
    #[must_use]
    pub fn io(&self) -> Option<&io::Error> {
        match self {
            Self::Io { reason, .. }
            | Self::NoLocks { reason, .. }
            | Self::Rename { reason, .. }
            | Self::Stream { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// Whether the disk or the quota is full. Of a device, nobody can make room on it.
    #[must_use]
    pub fn is_no_space(&self) -> bool {
        let disk = self.io().filter(|_| !matches!(self, Self::Stream { .. }));
        disk.is_some_and(|reason| {
            matches!(reason.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        })
    }

    /// Whether two names are on different file systems, or on what counts as that.
    pub(crate) fn is_other_device(&self) -> bool {
        self.io().is_some_and(|reason| reason.kind() == io::ErrorKind::CrossesDevices)
    }

    /// Whether the file or directory does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.io().is_some_and(|reason| reason.kind() == io::ErrorKind::NotFound)
    }

    /// The precise error behind an [`io::Error`] that a write to a
    /// [`Pending`](crate::Pending) returned; any other error is taken as a
    /// failure to write to `path`.
    #[must_use]
    pub fn from_io(error: io::Error, path: &Path) -> Self {
        match error.downcast::<Self>() {
            Ok(inner) => inner,
            Err(other) => Self::new(Operation::Write, path, other),
        }
    }

    /// The error for a failure to read from the open file `path`.
    #[must_use]
    pub fn from_read(reason: io::Error, path: &Path) -> Self {
        Self::new(Operation::Read, path, reason)
    }

    /// Wraps the error for [`std::io::Write`], keeping the kind.
    pub(crate) fn into_io(self) -> io::Error {
        let kind = self.io().map_or(io::ErrorKind::InvalidInput, io::Error::kind);
        io::Error::new(kind, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_without_locks_is_told_from_a_failure() {
        let of = |errno: Errno| Error::from_lock(errno.into(), Path::new("/c/lock"));
        for errno in [Errno::NOLCK, Errno::NOTSUP, Errno::NOSYS] {
            let text = of(errno).to_string();
            assert!(text.starts_with("cannot lock `/c/lock`: its file system has no locks ("), "{text}");
        }
        assert!(matches!(of(Errno::IO), Error::Io { operation: Operation::Lock, .. }));
    }
}
