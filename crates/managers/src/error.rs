//! What keeps the configuration from being read.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why the configuration of a package manager cannot be read. What is wrong
/// with a single `.repo` file is no error: the package managers go on without
/// it, and so does this crate, with a word about it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The system refused.
    #[error("cannot read `{}`: {reason}", path.display())]
    #[non_exhaustive]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// The system's answer.
        reason: io::Error,
    },
    /// A file is too large to be one of its kind.
    #[error("cannot use `{}`: expected at most {limit} bytes, found more", path.display())]
    #[non_exhaustive]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// A file is not what it should be.
    #[error("cannot use `{}`: {why}", path.display())]
    #[non_exhaustive]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where, what was expected and what was found.
        why: String,
    },
    /// A setting has a value that cannot be used.
    #[error("cannot use `{}`: expected {expected} for `{key}`, found `{found}`", path.display())]
    #[non_exhaustive]
    Value {
        /// The file.
        path: PathBuf,
        /// The setting.
        key: &'static str,
        /// What it takes.
        expected: &'static str,
        /// What is there.
        found: String,
    },
}
