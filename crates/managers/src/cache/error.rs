//! What can be wrong with a package manager's cache, or with a new state for it.

use std::path::PathBuf;

use thiserror::Error;

/// Why a cache could not be read or replaced. It is then as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CacheError {
    /// A file-system step failed.
    #[error(transparent)]
    File(#[from] durable::Error),
    /// repomd.xml cannot be read.
    #[error("cannot use `{}`: {why}", path.display())]
    #[non_exhaustive]
    Repomd {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A new state lacks a file, or has one that its repomd.xml does not mean.
    #[error("the new state is incomplete: expected {expected} in `{}`, found {found}", path.display())]
    #[non_exhaustive]
    Incomplete {
        /// The file.
        path: PathBuf,
        /// What repomd.xml says.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The package manager, or somebody else, put another state there meanwhile.
    #[error("`{}` was replaced by another process meanwhile", path.display())]
    #[non_exhaustive]
    Replaced {
        /// The directory.
        path: PathBuf,
    },
}

impl CacheError {
    /// Whether the same may succeed later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Replaced { .. })
    }
}
