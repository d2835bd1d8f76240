//! A reader that holds a source to what it announced and the caller to what it
//! can take.
//!
//! It counts; it knows neither where the bytes come from nor what they should
//! be. A source may give wrong bytes: that is found by their checksum.

use std::io::{self, Read};

use super::{TransportError, TransportErrorKind};

/// Counts bytes; an end that is too early, or too many bytes, is an error.
pub(super) struct Counted<R> {
    inner: R,
    /// What messages call the file.
    what: String,
    announced: Option<u64>,
    max_bytes: u64,
    seen: u64,
}

impl<R: Read> Counted<R> {
    /// Refuses at once what is announced to be larger than `max_bytes`.
    pub(super) fn new(
        inner: R,
        what: String,
        announced: Option<u64>,
        max_bytes: Option<u64>,
    ) -> Result<Self, TransportError> {
        expect_at_most(&what, announced, max_bytes)?;
        Ok(Self { inner, what, announced, max_bytes: max_bytes.unwrap_or(u64::MAX), seen: 0 })
    }
}

/// Refuses a file that is known to be larger than `max_bytes`.
pub(super) fn expect_at_most(
    what: &str,
    length: Option<u64>,
    max_bytes: Option<u64>,
) -> Result<(), TransportError> {
    match (length, max_bytes) {
        (Some(length), Some(max_bytes)) if length > max_bytes => {
            let why = format!("expected at most {max_bytes} bytes, found a file of {length}");
            Err(TransportError::about(TransportErrorKind::TooLarge, what, why))
        }
        _ => Ok(()),
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let n = match self.inner.read(buffer) {
            // That the end came too early is said below, with numbers.
            Err(error)
                if error.kind() == io::ErrorKind::UnexpectedEof && self.announced > Some(self.seen) =>
            {
                0
            }
            result => result?,
        };
        let fail = |kind, why: String| Err(TransportError::about(kind, &self.what, why).into());
        self.seen = self.seen.saturating_add(n as u64);
        match self.announced {
            Some(length) if n == 0 && self.seen < length => fail(
                TransportErrorKind::Interrupted,
                format!("expected {length} bytes, found an end after {}", self.seen),
            ),
            Some(length) if self.seen > length => fail(
                TransportErrorKind::Other,
                format!("expected {length} bytes as announced, found at least {}", self.seen),
            ),
            _ if self.seen > self.max_bytes => fail(
                TransportErrorKind::TooLarge,
                format!("expected at most {} bytes, found more", self.max_bytes),
            ),
            _ => Ok(n),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Counted;
    use crate::transport::{TransportError, TransportErrorKind};
    use std::io::Read;

    fn read(bytes: &[u8], announced: Option<u64>, max: Option<u64>) -> Result<Vec<u8>, TransportError> {
        let mut reader = Counted::new(bytes, "f".to_owned(), announced, max)?;
        let mut out = Vec::new();
        reader.read_to_end(&mut out).map_err(TransportError::from_io)?;
        Ok(out)
    }

    fn kind(result: Result<Vec<u8>, TransportError>) -> TransportErrorKind {
        result.unwrap_err().kind()
    }

    #[test]
    fn what_is_as_announced_passes() {
        assert_eq!(read(b"abc", Some(3), Some(3)).unwrap(), b"abc");
        assert_eq!(read(b"abc", None, None).unwrap(), b"abc");
        assert_eq!(read(b"", Some(0), Some(0)).unwrap(), b"");
    }

    #[test]
    fn too_little_is_an_interruption_and_too_much_an_error() {
        assert_eq!(kind(read(b"abc", Some(4), None)), TransportErrorKind::Interrupted);
        assert_eq!(kind(read(b"abc", Some(2), None)), TransportErrorKind::Other);
        assert_eq!(kind(read(b"abc", None, Some(2))), TransportErrorKind::TooLarge);
    }

    #[test]
    fn what_is_announced_too_large_is_not_read() {
        let error = read(b"abc", Some(3), Some(2)).unwrap_err();
        assert_eq!(error.to_string(), "cannot fetch `f`: expected at most 2 bytes, found a file of 3");
    }
}
