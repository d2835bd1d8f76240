//! An output that only compares: what is written must be what the file has at
//! the same place.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex};

/// Bytes of the file that a comparison holds at a time.
const BUFFER: usize = 64 * 1024;

/// A file that several read at a time, each at a place of its own.
pub(super) struct Place<R> {
    file: Arc<Mutex<R>>,
    position: u64,
}

impl<R> Place<R> {
    /// The start of `file`.
    pub(super) fn new(file: R) -> Self {
        Self { file: Arc::new(Mutex::new(file)), position: 0 }
    }

    /// The start of the same file.
    pub(super) fn another(&self) -> Self {
        self.another_at(0)
    }

    /// A place of its own in the same file.
    pub(super) fn another_at(&self, position: u64) -> Self {
        Self { file: Arc::clone(&self.file), position }
    }
}

impl<R: Read + Seek> Read for Place<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().map_err(|_| io::Error::other("another reader of the file failed"))?;
        file.seek(SeekFrom::Start(self.position))?;
        let read = file.read(into)?;
        self.position += read as u64;
        Ok(read)
    }
}

/// Compares what is written with the file.
pub(super) struct Comparison<R> {
    file: Place<R>,
    buffer: Vec<u8>,
    start: usize,
    compared: u64,
}

/// The first byte that differs, in disguise as an error of the output.
#[derive(Debug, thiserror::Error)]
#[error("the files differ")]
struct Differs;

/// Whether an error of a [`Comparison`] says that the bytes differ.
pub(super) fn differs(error: &io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<Differs>()).is_some()
}

impl<R: Read + Seek> Comparison<R> {
    pub(super) fn new(file: Place<R>) -> Self {
        Self { file, buffer: Vec::new(), start: 0, compared: 0 }
    }

    /// How many bytes were the same.
    pub(super) fn compared(&self) -> u64 {
        self.compared
    }

    fn refill(&mut self) -> io::Result<()> {
        self.buffer.clear();
        self.start = 0;
        let file = &mut self.file;
        file.take(BUFFER as u64).read_to_end(&mut self.buffer).map(drop)
    }
}

impl<R: Read + Seek> Write for Comparison<R> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        if self.start >= self.buffer.len() {
            self.refill()?;
        }
        let there = self.buffer.get(self.start..).unwrap_or_default();
        let length = bytes.len().min(there.len());
        if length == 0 || there.get(..length) != bytes.get(..length) {
            return Err(io::Error::other(Differs));
        }
        self.start += length;
        self.compared += length as u64;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
