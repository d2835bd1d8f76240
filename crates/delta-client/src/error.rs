//! Why an update or a check failed. The directory is then as it was.
//!
//! What is wrong with a delta is said in [`patch`](crate::patch::Error), what with a source in
//! [`transport`](crate::transport::TransportError).

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use repomd::Record;
use signatures::PROGRAM;
use thiserror::Error;

use crate::transport::{TransportError, TransportErrorKind};

pub use durable::{Error as FileError, Holder};
pub use repomd::ReadError;
pub use repomd::write::WriteError;

/// Why a cache could not be brought up to date.
///
/// Whatever the reason, what the cache held is untouched.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The cache directory cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// There is no source.
    #[error("no source is given: expected at least one")]
    NoSource,
    /// repomd.xml could not be fetched.
    #[error(transparent)]
    Fetch(TransportError),
    /// It is none.
    #[error("`{source_name}` gave no usable repomd.xml: {why}")]
    #[non_exhaustive]
    Repomd {
        /// The source.
        source_name: String,
        /// What is wrong with it.
        why: ReadError,
    },
    /// Its signature was not accepted.
    #[error(transparent)]
    Signature(SignatureError),
    /// It is older than the one held.
    #[error("`{source_name}` gave an older repomd.xml: expected at least {least}, found {found}")]
    #[non_exhaustive]
    Rollback {
        /// The source.
        source_name: String,
        /// Revision and greatest timestamp of the one held.
        least: String,
        /// Of the one found.
        found: String,
    },
    /// It is older than it must be by [`Options::not_before`](crate::options::Options::not_before).
    #[error(
        "`{source_name}` gave a repomd.xml that is out of date: expected at least timestamp {least}, found {found}"
    )]
    #[non_exhaustive]
    Outdated {
        /// The source.
        source_name: String,
        /// The timestamp that was asked for.
        least: u64,
        /// Its greatest timestamp.
        found: u64,
    },
    /// It has no record that is wanted.
    #[error(
        "repomd.xml of `{source_name}` has none of the types wanted: expected {}, found {}",
        list(wanted, "any"),
        list(present, "none")
    )]
    #[non_exhaustive]
    NothingWanted {
        /// The source.
        source_name: String,
        /// The types that were named; none where all but databases are wanted.
        wanted: Vec<String>,
        /// The types there.
        present: Vec<String>,
    },
    /// A record cannot be fetched or verified.
    #[error("repomd.xml of `{source_name}` has an unusable record `{data_type}`: {why}")]
    #[non_exhaustive]
    Record {
        /// The source.
        source_name: String,
        /// The metadata type.
        data_type: String,
        /// What is wrong with it.
        why: String,
    },
    /// It has none of the digests that it must have.
    #[error(
        "repomd.xml of `{source_name}` is not the one that was asked for: expected {expected}, found {found}"
    )]
    #[non_exhaustive]
    Digest {
        /// The source.
        source_name: String,
        /// The digests that were given.
        expected: String,
        /// Its digest, by the algorithm of the first of them.
        found: String,
    },
    /// A copy cannot be exact.
    #[error("repomd.xml of `{source_name}` cannot be copied exactly: record `{data_type}`: {why}")]
    #[non_exhaustive]
    NotExact {
        /// The source.
        source_name: String,
        /// The metadata type.
        data_type: String,
        /// What is in the way.
        why: String,
    },
    /// The full file of a type could not be had from any source.
    #[error("cannot get the full file of `{data_type}`: {why}")]
    #[non_exhaustive]
    Full {
        /// The metadata type.
        data_type: String,
        /// What each of the sources gave.
        why: String,
        /// What kind of failure it was at the first of them, if it did not give other
        /// bytes.
        kind: Option<TransportErrorKind>,
    },
    /// The time for all of it was over.
    #[error("the update is not done after {} s: {why}", max_time.as_secs_f64())]
    #[non_exhaustive]
    OutOfTime {
        /// The time that it had.
        max_time: Duration,
        /// What was being done.
        why: String,
    },
    /// The new repomd.xml of the cache could not be written.
    #[error("cannot describe the new state: {0}")]
    Describe(WriteError),
}

impl UpdateError {
    pub(crate) fn record(source_name: &str, record: &Record, why: String) -> Self {
        Self::Record { source_name: source_name.to_owned(), data_type: record.kind.clone(), why }
    }

    /// What kind of failure kept a file from being fetched, if that is what it was:
    /// whose fault it is, the server's, the proxy's or the network's.
    #[must_use]
    pub fn transport_kind(&self) -> Option<TransportErrorKind> {
        match self {
            Self::Fetch(error) => Some(error.kind()),
            Self::Full { kind, .. } => *kind,
            Self::OutOfTime { .. } => Some(TransportErrorKind::OutOfTime),
            _ => None,
        }
    }

    /// Whether another process is at work, so that the same may succeed later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Cache(error) if error.is_temporary())
    }
}

impl From<FileError> for UpdateError {
    fn from(error: FileError) -> Self {
        Self::Cache(error.into())
    }
}

fn list(names: &[String], none: &str) -> String {
    if names.is_empty() { none.to_owned() } else { names.join(", ") }
}

/// Why a cache directory could not be used. It is then as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CacheError {
    /// A file-system step failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another process is updating it.
    #[error("the cache is in use: `{}` is locked by {}", path.display(), holder.clone().unwrap_or_default())]
    #[non_exhaustive]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The process that took it, if known.
        holder: Option<Holder>,
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
    /// It is what goes into a cache.
    #[error("`{}` is a repodata directory: expected the directory that contains it", path.display())]
    #[non_exhaustive]
    Repodata {
        /// The directory.
        path: PathBuf,
    },
    /// Another version of this program wrote our notes.
    #[error("`{}` was written by another version of createrepo-delta: expected `{expected}`, found `{found}`", path.display())]
    #[non_exhaustive]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// The format that this version writes.
        expected: &'static str,
        /// That of the file, escaped.
        found: String,
    },
    /// Our notes would be none that can be read.
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

/// Why a signature was not accepted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The keyring cannot be used.
    #[error("cannot use keyring `{}`: {why}", path.display())]
    #[non_exhaustive]
    Keyring {
        /// The keyring.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// gpgv could not be run.
    #[error("cannot run `{PROGRAM}`: {reason}")]
    #[non_exhaustive]
    Program {
        /// Why.
        reason: io::Error,
    },
    /// Its input could not be written for gpgv.
    #[error(transparent)]
    File(FileError),
    /// There is no signature.
    #[error("repomd.xml of `{source_name}` is not signed: {why}")]
    #[non_exhaustive]
    Missing {
        /// Where it came from.
        source_name: String,
        /// How that was found.
        why: String,
    },
    /// The signature is not a good one by a key of the keyring.
    #[error("the signature of repomd.xml from `{source_name}` is not good: {why}")]
    #[non_exhaustive]
    Bad {
        /// Where both came from.
        source_name: String,
        /// What gpgv says.
        why: String,
    },
}
