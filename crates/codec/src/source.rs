//! The compressed side: reading the source, counting and hashing its bytes.
//!
//! More bytes than expected are noticed with the read that brings them; fewer,
//! and a wrong checksum, at the end, by the module `check`.

use std::io::{self, BufRead, Read};
use std::path::PathBuf;
use std::sync::Arc;

use crate::compression::MAGIC_LEN;
use crate::{Algorithm, Digest, Error, Hasher};

/// Bytes asked of the source at a time.
const BUFFER: usize = 256 * 1024;

/// What is known about the compressed bytes once all are read.
#[derive(Default)]
pub(crate) struct Totals {
    pub(crate) size: u64,
    pub(crate) checksum: Option<Digest>,
}

/// A buffered source whose errors are [`Error`]s in disguise.
pub(crate) struct Source {
    inner: Box<dyn Read + Send>,
    path: PathBuf,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    size: u64,
    expected: Option<u64>,
    hasher: Option<Hasher>,
    eof: bool,
}

impl Source {
    pub(crate) fn new(
        inner: Box<dyn Read + Send>,
        path: PathBuf,
        expected: Option<u64>,
        algorithm: Option<Algorithm>,
    ) -> Self {
        Self {
            inner,
            path,
            buffer: vec![0; BUFFER].into_boxed_slice(),
            start: 0,
            end: 0,
            size: 0,
            expected,
            hasher: algorithm.map(Hasher::new),
            eof: false,
        }
    }

    /// Fills the buffer as far as the source goes; says whether it ended.
    pub(crate) fn prime(&mut self) -> Result<bool, Error> {
        while self.end < self.buffer.len() && !self.eof {
            self.read_more()?;
        }
        Ok(self.eof)
    }

    /// The first bytes of a primed source, fewer if the file is shorter.
    pub(crate) fn magic(&self) -> &[u8] {
        let window = self.window();
        window.get(..MAGIC_LEN).unwrap_or(window)
    }

    /// What is in the buffer of a primed source: 256 KiB of the file's beginning, fewer
    /// if the file is shorter.
    pub(crate) fn head(&self) -> &[u8] {
        self.window()
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn totals(&mut self) -> Totals {
        Totals { size: self.size, checksum: self.hasher.take().map(Hasher::finish) }
    }

    fn window(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// One read into what is free behind the window.
    fn read_more(&mut self) -> Result<(), Error> {
        let free = self.buffer.get_mut(self.end..).unwrap_or_default();
        let read = loop {
            match self.inner.read(free) {
                Ok(read) => break read.min(free.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(Error::Read { path: self.path.clone(), reason: Arc::new(error) });
                }
            }
        };
        self.eof = read == 0;
        self.size += read as u64;
        if let Some(expected) = self.expected.filter(|expected| self.size > *expected) {
            return Err(Error::TooLong { path: self.path.clone(), expected, found: self.size });
        }
        if let Some(hasher) = &mut self.hasher {
            hasher.update(free.get(..read).unwrap_or_default());
        }
        self.end += read;
        Ok(())
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start >= self.end && !self.eof {
            self.start = 0;
            self.end = 0;
            self.read_more().map_err(Error::into_io)?;
        }
        Ok(self.window())
    }

    fn consume(&mut self, amount: usize) {
        self.start = self.end.min(self.start + amount);
    }
}

impl Read for Source {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let amount = self.fill_buf()?.read(into)?;
        self.consume(amount);
        Ok(amount)
    }
}
