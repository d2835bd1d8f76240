//! Numbers of variable length (LEB128: seven bits to a byte, low bits first),
//! and reading them back with checks. Which numbers a format has is not known
//! here.

use std::fmt;

/// Why bytes could not be read: a sentence that says what was expected and what
/// was found. Whoever reads knows which bytes they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(String);

impl Malformed {
    /// With this sentence.
    pub fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}

impl From<Malformed> for String {
    fn from(malformed: Malformed) -> Self {
        malformed.0
    }
}

/// Appends `n`, seven bits to a byte, low bits first.
pub fn put(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(low_byte(n) | 0x80);
        n >>= 7;
    }
    out.push(low_byte(n));
}

fn low_byte(n: u64) -> u8 {
    n.to_le_bytes()[0]
}

/// Appends a length and the bytes.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// A cursor over untrusted bytes.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// At the first of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bytes passed.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Bytes left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The next `len` bytes.
    ///
    /// # Errors
    /// When there are fewer; so for all that follow, and when a number has more
    /// than 64 bits or is larger than allowed.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let found = self.remaining();
        if len > found {
            return Err(Malformed(format!("expected {len} more bytes, found {found}")));
        }
        self.at += len;
        Ok(&self.bytes[self.at - len..self.at])
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// The next number.
    pub fn number(&mut self) -> Result<u64, Malformed> {
        let mut n = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            n |= bits << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(Malformed("expected a number below 2^64, found a larger one".into()))
    }

    /// A number that is at most `max`.
    pub fn number_upto(&mut self, max: u64) -> Result<u64, Malformed> {
        let n = self.number()?;
        if n > max { Err(Malformed(format!("expected a number up to {max}, found {n}"))) } else { Ok(n) }
    }

    /// How many items follow, each of at least `item` bytes: so a count can
    /// never ask for more memory than the file's size justifies.
    pub fn count(&mut self, item: usize) -> Result<usize, Malformed> {
        let most = self.remaining() / item.max(1);
        let n = self.number_upto(most as u64)?;
        usize::try_from(n).map_err(|e| Malformed(e.to_string()))
    }

    /// A length and so many bytes.
    pub fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let len = self.count(1)?;
        self.take(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for n in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX - 1, u64::MAX] {
            let mut bytes = Vec::new();
            put(&mut bytes, n);
            let mut cursor = Cursor::new(&bytes);
            assert_eq!(cursor.number(), Ok(n));
            assert_eq!(cursor.remaining(), 0);
        }
    }

    #[test]
    fn overlong_numbers_are_refused() {
        assert!(Cursor::new(&[0xff; 10]).number().is_err());
        assert!(Cursor::new(&[0x80]).number().is_err());
        assert!(Cursor::new(&[200, 1, 0]).count(1).is_err());
    }
}
