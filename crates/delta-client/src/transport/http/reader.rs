//! The body of an answer: gives up on a server that sends too slowly, and says
//! what went wrong.
//!
//! A connection is free for another request as soon as the last byte announced
//! was read, whether or not the reader asks for more.
//!
//! Only the time spent waiting for the server counts, not what the caller does
//! between two reads.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use super::fail::Failing;
use crate::transport::{TransportError, TransportErrorKind};

/// A body on its way.
pub(super) struct HttpReader<R> {
    inner: R,
    failing: Failing,
    /// Bytes still to come, where their number was announced.
    left: Option<u64>,
    stall: Duration,
    min_rate: u64,
    waited: Duration,
    received: u64,
}

impl<R: Read> HttpReader<R> {
    /// Expects `min_rate` bytes per second over each period of `stall`. `length`
    /// is the number of bytes by which the connection itself tells the end.
    pub(super) fn new(
        inner: R,
        failing: Failing,
        length: Option<u64>,
        stall: Duration,
        min_rate: u32,
    ) -> Self {
        let min_rate = u64::from(min_rate);
        Self { inner, failing, left: length, stall, min_rate, waited: Duration::ZERO, received: 0 }
    }

    /// Looks back on the period that ended, if one did.
    fn judge(&mut self) -> Result<(), TransportError> {
        if self.waited < self.stall {
            return Ok(());
        }
        let expected = self.min_rate.saturating_mul(self.waited.as_secs());
        let (received, waited) = (self.received, self.waited);
        (self.received, self.waited) = (0, Duration::ZERO);
        if received >= expected {
            return Ok(());
        }
        let why = format!(
            "expected at least {} bytes per second, found {received} bytes in {} s",
            self.min_rate,
            waited.as_secs()
        );
        Err(self.failing.error(TransportErrorKind::Timeout, why))
    }
}

impl<R: Read> Read for HttpReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let started = Instant::now();
        let n = self.inner.read(buffer).map_err(|error| self.failing.body(error))?;
        self.waited += started.elapsed();
        self.received += n as u64;
        if n > 0 {
            self.judge()?;
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

#[cfg(test)]
mod tests {
    use super::HttpReader;
    use crate::transport::http::fail::Failing;
    use crate::transport::{TransportError, TransportErrorKind};
    use std::io::{self, Read};
    use std::time::Duration;

    /// One byte at a time, each after a pause.
    struct Drip(Duration);

    impl Read for Drip {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            std::thread::sleep(self.0);
            buffer[0] = b'x';
            Ok(1)
        }
    }

    fn reader(min_rate: u32) -> HttpReader<Drip> {
        let failing = Failing::for_tests("http://h/x");
        HttpReader::new(Drip(Duration::from_millis(20)), failing, None, Duration::from_secs(1), min_rate)
    }

    #[test]
    fn a_drip_is_a_stall() {
        let error = io::copy(&mut reader(1000), &mut io::sink()).unwrap_err();
        let error = TransportError::from_io(error);
        assert_eq!(error.kind(), TransportErrorKind::Timeout);
        assert!(error.to_string().contains("expected at least 1000 bytes per second"), "{error}");
    }

    #[test]
    fn slow_but_steady_is_fine() {
        let mut taken = reader(10).take(75);
        assert_eq!(io::copy(&mut taken, &mut io::sink()).unwrap(), 75);
    }
}
