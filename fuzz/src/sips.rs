//! A source that gives a few bytes at a time, and is interrupted now and then.

use std::io::{self, Read};

/// Gives `bytes` in pieces whose lengths are the squares of `sizes`, over and
/// over; a size of 0 is an interruption.
#[derive(Debug)]
pub struct Sips<B> {
    bytes: B,
    sizes: Vec<u8>,
    given: usize,
    reads: usize,
    interrupted: bool,
}

impl<B: AsRef<[u8]>> Sips<B> {
    /// A source of `bytes`; without `sizes` it gives all that it is asked for.
    #[must_use]
    pub fn new(bytes: B, sizes: &[u8]) -> Self {
        Self { bytes, sizes: sizes.to_vec(), given: 0, reads: 0, interrupted: false }
    }
}

impl<B: AsRef<[u8]>> Read for Sips<B> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = match self.sizes[..] {
            [] => usize::MAX,
            ref sizes => usize::from(sizes[self.reads % sizes.len()]).pow(2),
        };
        self.reads += 1;
        if size == 0 && !self.interrupted {
            self.interrupted = true;
            return Err(io::ErrorKind::Interrupted.into());
        }
        self.interrupted = false;
        let left = &self.bytes.as_ref()[self.given..];
        let len = size.max(1).min(left.len()).min(into.len());
        into[..len].copy_from_slice(&left[..len]);
        self.given += len;
        Ok(len)
    }
}
