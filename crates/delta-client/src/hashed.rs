//! Counting and hashing bytes on their way to where they are written, and
//! comparing that with what is expected.

use std::io::{self, Write};

use codec::{Algorithm, Digest, Hasher};

use crate::pipe::Pipe;

/// A writer that knows what went through it.
#[derive(Debug)]
pub(crate) struct Hashed<W> {
    inner: W,
    hasher: Hasher,
    size: u64,
}

impl<W> Hashed<W> {
    pub(crate) fn new(inner: W, algorithm: Algorithm) -> Self {
        Self { inner, hasher: Hasher::new(algorithm), size: 0 }
    }

    /// The writer, and what went through.
    pub(crate) fn finish(self) -> (W, Written) {
        (self.inner, Written { digest: self.hasher.finish(), size: self.size })
    }
}

impl<T: Send + 'static> Hashed<Pipe<T>> {
    /// Hashes a block and hands it over as it is; see [`Pipe::pass`].
    pub(crate) fn pass(&mut self, block: Vec<u8>) -> io::Result<Vec<u8>> {
        self.hasher.update(&block);
        self.size += block.len() as u64;
        self.inner.pass(block)
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(bytes)?;
        self.hasher.update(bytes.get(..taken).unwrap_or_default());
        self.size += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// What was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pub(crate) digest: Digest,
    /// In bytes.
    pub(crate) size: u64,
}

impl Written {
    /// What was expected and what was found, where it is not what was wanted.
    pub(crate) fn differs(&self, size: Option<u64>, digest: Option<&Digest>) -> Option<(String, String)> {
        match (size, digest) {
            (Some(size), _) if size != self.size => {
                Some((format!("{size} bytes"), format!("{} bytes", self.size)))
            }
            (_, Some(digest)) if *digest != self.digest => {
                Some((digest.to_string(), self.digest.to_string()))
            }
            _ => None,
        }
    }
}
