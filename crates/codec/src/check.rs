//! What a caller expects of a file, and comparing it with what is found.
//!
//! The open side is counted and hashed here; the compressed side is counted and
//! hashed where it is read, and compared here at the end.

use std::path::PathBuf;

use crate::source::Totals;
use crate::{Algorithm, Compression, Digest, Error, Hasher};

/// The cap on the open size unless the caller gives another: 8 GiB.
pub const DEFAULT_MAX_OPEN_SIZE: u64 = 8 * 1024 * 1024 * 1024;

/// What a file should be, usually from its record in repomd.xml.
///
/// By default nothing is expected, and the open size is capped at
/// [`DEFAULT_MAX_OPEN_SIZE`].
#[derive(Clone, Debug)]
pub struct Expect {
    /// Checksum of the file as it is.
    pub checksum: Option<Digest>,
    /// Size of the file as it is, in bytes.
    pub size: Option<u64>,
    /// Checksum of the open content.
    pub open_checksum: Option<Digest>,
    /// Size of the open content, in bytes.
    pub open_size: Option<u64>,
    /// The most open bytes that are accepted, whatever is expected.
    pub max_open_size: u64,
    /// Algorithms by which to hash the open content besides.
    pub open_digests: Vec<Algorithm>,
}

impl Default for Expect {
    fn default() -> Self {
        Self {
            checksum: None,
            size: None,
            open_checksum: None,
            open_size: None,
            max_open_size: DEFAULT_MAX_OPEN_SIZE,
            open_digests: Vec::new(),
        }
    }
}

impl Expect {
    /// Sets [`Expect::checksum`].
    #[must_use]
    pub fn with_checksum(mut self, checksum: impl Into<Option<Digest>>) -> Self {
        self.checksum = checksum.into();
        self
    }

    /// Sets [`Expect::size`].
    #[must_use]
    pub fn with_size(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.size = bytes.into();
        self
    }

    /// Sets [`Expect::open_checksum`].
    #[must_use]
    pub fn with_open_checksum(mut self, checksum: impl Into<Option<Digest>>) -> Self {
        self.open_checksum = checksum.into();
        self
    }

    /// Sets [`Expect::open_size`].
    #[must_use]
    pub fn with_open_size(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.open_size = bytes.into();
        self
    }

    /// Sets [`Expect::max_open_size`].
    #[must_use]
    pub fn with_max_open_size(mut self, bytes: u64) -> Self {
        self.max_open_size = bytes;
        self
    }

    /// Sets [`Expect::open_digests`].
    #[must_use]
    pub fn with_open_digests(mut self, algorithms: Vec<Algorithm>) -> Self {
        self.open_digests = algorithms;
        self
    }
}

/// What a file turned out to be, all expectations met.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Its compression.
    pub compression: Compression,
    /// Its size in bytes.
    pub size: u64,
    /// The size of its open content in bytes.
    pub open_size: u64,
    /// Its checksum, by the algorithm of the expected one.
    pub checksum: Option<Digest>,
    /// Digests of the open content, one for each algorithm that was asked for
    /// or expected, sorted.
    pub open: Vec<Digest>,
}

impl Summary {
    /// The digest of the open content by `algorithm`, if it was computed.
    #[must_use]
    pub fn open_digest(&self, algorithm: Algorithm) -> Option<Digest> {
        let mut digests = self.open.iter();
        digests.find(|digest| digest.algorithm() == algorithm).copied()
    }
}

/// Counts and hashes open bytes.
pub(crate) struct Check {
    path: PathBuf,
    expect: Expect,
    compression: Compression,
    limit: u64,
    open_size: u64,
    hashers: Vec<Hasher>,
}

impl Check {
    pub(crate) fn new(path: PathBuf, expect: Expect, compression: Compression) -> Self {
        let mut algorithms = expect.open_digests.clone();
        algorithms.extend(expect.open_checksum.map(|digest| digest.algorithm()));
        algorithms.sort_unstable();
        algorithms.dedup();
        Self {
            path,
            limit: expect.open_size.map_or(expect.max_open_size, |size| size.min(expect.max_open_size)),
            expect,
            compression,
            open_size: 0,
            hashers: algorithms.into_iter().map(Hasher::new).collect(),
        }
    }

    pub(crate) fn compression(&self) -> Compression {
        self.compression
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.open_size += bytes.len() as u64;
        if self.open_size > self.limit {
            return Err(Error::TooLarge {
                path: self.path.clone(),
                limit: self.limit,
                found: self.open_size,
            });
        }
        for hasher in &mut self.hashers {
            hasher.update(bytes);
        }
        Ok(())
    }

    /// Compares everything; the size comes first, because it says most.
    pub(crate) fn finish(&mut self, totals: &Totals) -> Result<Summary, Error> {
        let path = || self.path.clone();
        let hashers = std::mem::take(&mut self.hashers);
        let summary = Summary {
            compression: self.compression,
            size: totals.size,
            open_size: self.open_size,
            checksum: totals.checksum,
            open: hashers.into_iter().map(Hasher::finish).collect(),
        };
        match self.expect.size {
            Some(expected) if expected != summary.size => {
                return Err(Error::Size { path: path(), expected, found: summary.size });
            }
            _ => {}
        }
        if let (Some(expected), Some(found)) = (self.expect.checksum, summary.checksum)
            && expected != found
        {
            return Err(Error::Checksum {
                path: path(),
                expected: Box::new(expected),
                found: Box::new(found),
            });
        }
        match self.expect.open_size {
            Some(expected) if expected != summary.open_size => {
                return Err(Error::OpenSize { path: path(), expected, found: summary.open_size });
            }
            _ => {}
        }
        if let Some(expected) = self.expect.open_checksum
            && let Some(found) = summary.open_digest(expected.algorithm())
            && expected != found
        {
            return Err(Error::OpenChecksum {
                path: path(),
                expected: Box::new(expected),
                found: Box::new(found),
            });
        }
        Ok(summary)
    }
}
