//! Directories for files that are never published: private, and gone when they are
//! dropped.

use std::path::Path;

use tempfile::TempDir;

use crate::Error;

/// A new directory in the system's temporary directory that nobody else may enter.
pub(crate) fn private_dir() -> Result<TempDir, Error> {
    let parent = std::env::temp_dir();
    tempfile::Builder::new()
        .prefix("createrepo-delta.")
        .tempdir_in(&parent)
        .map_err(|reason| Error::Scratch { path: Path::new(&parent).to_owned(), reason })
}
