//! Hashing: bytes at hand, a stream, or piece by piece.

use std::io::{self, Read};

use sha2::Digest as _;

use crate::{Algorithm, Digest};

/// Bytes asked of a stream at a time.
const BLOCK: usize = 256 * 1024;

impl Algorithm {
    /// The digest of `bytes`.
    #[must_use]
    pub fn digest(self, bytes: &[u8]) -> Digest {
        let mut hasher = Hasher::new(self);
        hasher.update(bytes);
        hasher.finish()
    }

    /// The digest of all that `source` gives, which is read in blocks.
    ///
    /// # Errors
    /// Those of `source`.
    pub fn digest_of(self, mut source: impl Read) -> io::Result<Digest> {
        let mut hasher = Hasher::new(self);
        let mut block = vec![0; BLOCK];
        loop {
            match source.read(&mut block) {
                Ok(0) => return Ok(hasher.finish()),
                Ok(read) => hasher.update(block.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// A hash over bytes that come piece by piece.
#[derive(Clone, Debug)]
pub struct Hasher(State);

#[derive(Clone, Debug)]
enum State {
    Sha1(sha1::Sha1),
    Sha224(sha2::Sha224),
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
}

impl Hasher {
    /// Starts a hash.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Self {
        Self(match algorithm {
            Algorithm::Sha1 => State::Sha1(sha1::Sha1::new()),
            Algorithm::Sha224 => State::Sha224(sha2::Sha224::new()),
            Algorithm::Sha256 => State::Sha256(sha2::Sha256::new()),
            Algorithm::Sha384 => State::Sha384(sha2::Sha384::new()),
            Algorithm::Sha512 => State::Sha512(sha2::Sha512::new()),
        })
    }

    /// The algorithm it was started with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match &self.0 {
            State::Sha1(_) => Algorithm::Sha1,
            State::Sha224(_) => Algorithm::Sha224,
            State::Sha256(_) => Algorithm::Sha256,
            State::Sha384(_) => Algorithm::Sha384,
            State::Sha512(_) => Algorithm::Sha512,
        }
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha1(state) => state.update(bytes),
            State::Sha224(state) => state.update(bytes),
            State::Sha256(state) => state.update(bytes),
            State::Sha384(state) => state.update(bytes),
            State::Sha512(state) => state.update(bytes),
        }
    }

    /// The digest of all bytes added.
    #[must_use]
    pub fn finish(self) -> Digest {
        let algorithm = self.algorithm();
        match self.0 {
            State::Sha1(state) => Digest::new(algorithm, &state.finalize()),
            State::Sha224(state) => Digest::new(algorithm, &state.finalize()),
            State::Sha256(state) => Digest::new(algorithm, &state.finalize()),
            State::Sha384(state) => Digest::new(algorithm, &state.finalize()),
            State::Sha512(state) => Digest::new(algorithm, &state.finalize()),
        }
    }
}
