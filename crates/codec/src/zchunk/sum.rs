//! The checksums of zchunk files, by the numbers that the format gives to their
//! kinds.

use std::io;

use sha1::{Digest as _, Sha1};
use sha2::{Sha256, Sha512};

use super::invalid::invalid;
use crate::{Algorithm, Digest};

/// How zchunk files hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sha1,
    Sha256,
    Sha512,
    /// The first 128 bits of SHA-512.
    Sha512Short,
}

impl Kind {
    pub(super) fn from_number(number: u64) -> io::Result<Self> {
        Ok(match number {
            0 => Self::Sha1,
            1 => Self::Sha256,
            2 => Self::Sha512,
            3 => Self::Sha512Short,
            other => return Err(invalid(format!("expected a checksum type of 0 to 3, found {other}"))),
        })
    }

    pub(super) fn number(self) -> u64 {
        match self {
            Self::Sha1 => 0,
            Self::Sha256 => 1,
            Self::Sha512 => 2,
            Self::Sha512Short => 3,
        }
    }

    pub(super) fn len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
            Self::Sha512Short => 16,
        }
    }
}

/// A checksum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) kind: Kind,
    pub(super) bytes: Box<[u8]>,
}

/// Computes a [`Sum`].
pub(crate) enum Summing {
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Sha512, Kind),
}

impl Summing {
    pub(crate) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Sha1 => Self::Sha1(Sha1::new()),
            Kind::Sha256 => Self::Sha256(Sha256::new()),
            Kind::Sha512 | Kind::Sha512Short => Self::Sha512(Sha512::new(), kind),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha512(hasher, _) => hasher.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Sum {
        let (kind, mut bytes) = match self {
            Self::Sha1(hasher) => (Kind::Sha1, hasher.finalize().to_vec()),
            Self::Sha256(hasher) => (Kind::Sha256, hasher.finalize().to_vec()),
            Self::Sha512(hasher, kind) => (kind, hasher.finalize().to_vec()),
        };
        bytes.truncate(kind.len());
        Sum { kind, bytes: bytes.into() }
    }
}

impl Sum {
    pub(crate) fn from_content(kind: Kind, content: &[u8]) -> Self {
        let mut summing = Summing::new(kind);
        summing.update(content);
        summing.finish()
    }

    /// What stands for a checksum where there is nothing to sum up.
    pub(crate) fn zeros(kind: Kind) -> Self {
        Self { kind, bytes: vec![0; kind.len()].into() }
    }

    /// Nothing where no digest of repomd.xml is of this kind.
    pub(crate) fn to_digest(&self) -> Option<Digest> {
        let algorithm = match self.kind {
            Kind::Sha1 => Algorithm::Sha1,
            Kind::Sha256 => Algorithm::Sha256,
            Kind::Sha512 => Algorithm::Sha512,
            Kind::Sha512Short => return None,
        };
        Digest::from_bytes(algorithm, &self.bytes)
    }

    pub(super) fn holds(&self, content: &[u8]) -> bool {
        Self::from_content(self.kind, content) == *self
    }
}
