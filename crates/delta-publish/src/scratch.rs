//! Directories for files that are never published: private, and gone when they are
//! dropped. A dry run works there, on a copy of the history.

use std::io::{self, ErrorKind};
use std::ops::Deref;
use std::path::Path;

use history::History;
use tempfile::TempDir;

use crate::Error;

/// A new directory in the system's temporary directory that nobody else may enter.
pub(crate) fn private_dir() -> Result<TempDir, Error> {
    let parent = std::env::temp_dir();
    tempfile::Builder::new()
        .prefix("createrepo-delta.")
        .tempdir_in(&parent)
        .map_err(|reason| Error::Scratch { path: Path::new(&parent).to_owned(), reason: answer(reason) })
}

/// The system's answer without the path of the directory, which is told already.
pub(crate) fn answer(error: io::Error) -> io::Error {
    match error.kind() {
        kind @ (ErrorKind::NotFound
        | ErrorKind::NotADirectory
        | ErrorKind::PermissionDenied
        | ErrorKind::ReadOnlyFilesystem
        | ErrorKind::StorageFull
        | ErrorKind::QuotaExceeded) => kind.into(),
        _ => error,
    }
}

/// A history to work on: that at a path, or for a dry run a private copy of it.
pub(crate) struct WorkingHistory {
    history: History,
    copy: Option<TempDir>,
}

impl WorkingHistory {
    /// Opens it; one that is not there is made.
    pub(crate) fn open(path: &Path, dry_run: bool) -> Result<Self, Error> {
        let copy = dry_run.then(private_dir).transpose()?;
        let opened = match &copy {
            Some(copy) => History::open_copy(path, copy.path()),
            None => History::open(path),
        };
        match opened {
            Ok(history) => Ok(Self { history, copy }),
            Err(error) => Err(of_copy(Error::History(error), copy.as_ref())),
        }
    }

    /// What an error means: where a copy has no room, the history has.
    pub(crate) fn explain(&self, error: Error) -> Error {
        of_copy(error, self.copy.as_ref())
    }
}

impl Deref for WorkingHistory {
    type Target = History;

    fn deref(&self) -> &History {
        &self.history
    }
}

fn of_copy(error: Error, copy: Option<&TempDir>) -> Error {
    match copy {
        Some(copy) => error.of_scratch(copy.path()),
        None => error,
    }
}
