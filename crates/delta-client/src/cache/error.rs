//! What can be wrong with a cache directory.

use std::path::PathBuf;

use thiserror::Error;

/// Why a cache directory could not be used. It is then as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CacheError {
    /// A file-system step failed.
    #[error(transparent)]
    File(#[from] durable::Error),
    /// Another process is updating it.
    #[error("the cache is in use: `{}` is locked by {}", path.display(), holder.clone().unwrap_or_default())]
    #[non_exhaustive]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The process that took it, if known.
        holder: Option<durable::Holder>,
    },
    /// Something is there that this program did not write.
    #[error("`{}` was not written by createrepo-delta update: expected {expected}", path.display())]
    #[non_exhaustive]
    NotOurs {
        /// What is there.
        path: PathBuf,
        /// What there should be.
        expected: &'static str,
    },
    /// Our notes cannot be understood.
    #[error("cannot use `{}`: expected {expected}, found {found}", path.display())]
    #[non_exhaustive]
    State {
        /// The file.
        path: PathBuf,
        /// What there should be.
        expected: &'static str,
        /// What there is.
        found: String,
    },
    /// A directory was exchanged for another one while it was read.
    #[error("`{}` was replaced by another process while it was read", path.display())]
    #[non_exhaustive]
    Replaced {
        /// The directory.
        path: PathBuf,
    },
    /// There is nothing in it.
    #[error("`{}` holds no metadata: expected a directory that createrepo-delta update has filled", path.display())]
    #[non_exhaustive]
    Empty {
        /// The cache.
        path: PathBuf,
    },
}

impl CacheError {
    /// Whether another process is at work, so that the same may succeed later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Locked { .. } | Self::Replaced { .. })
    }
}
