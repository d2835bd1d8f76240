//! The body of an answer: says what went wrong, and gives its connection back.
//!
//! A connection is free for another request as soon as the last byte announced
//! was read, whether or not the reader asks for more.

use std::io::{self, Read};

use super::fail::Failing;

/// A body on its way.
pub(super) struct HttpReader<R> {
    inner: R,
    failing: Failing,
    /// Bytes still to come, where their number was announced.
    left: Option<u64>,
}

impl<R: Read> HttpReader<R> {
    /// `length` is the number of bytes by which the connection itself tells the end.
    pub(super) fn new(inner: R, failing: Failing, length: Option<u64>) -> Self {
        Self { inner, failing, left: length }
    }
}

impl<R: Read> Read for HttpReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer).map_err(|error| self.failing.body(error))?;
        if n > 0 {
            self.left = self.left.map(|left| left.saturating_sub(n as u64));
            if self.left == Some(0) {
                // There is nothing to wait for: the end is known, and ureq gives
                // a connection back when it is asked for what comes after it.
                let _ = self.inner.read(&mut [0]);
                self.left = None;
            }
        }
        Ok(n)
    }
}
