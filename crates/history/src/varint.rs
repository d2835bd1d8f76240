//! Numbers of variable length (LEB128), and reading them back with checks.

/// Appends `n`, seven bits to a byte, low bits first.
pub(crate) fn put(out: &mut Vec<u8>, mut n: u64) {
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
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// A cursor over bytes from disk. Every failure is a sentence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    pub(crate) fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], String> {
        let found = self.remaining();
        if len > found {
            return Err(format!("expected {len} more bytes, found {found}"));
        }
        self.at += len;
        Ok(&self.bytes[self.at - len..self.at])
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub(crate) fn number(&mut self) -> Result<u64, String> {
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
        Err("expected a number below 2^64, found a larger one".into())
    }

    /// A number that is at most `max`.
    pub(crate) fn number_upto(&mut self, max: u64) -> Result<u64, String> {
        let n = self.number()?;
        if n > max { Err(format!("expected a number up to {max}, found {n}")) } else { Ok(n) }
    }

    /// How many items follow, each of at least `item` bytes: so a count can
    /// never ask for more memory than the file's size justifies.
    pub(crate) fn count(&mut self, item: usize) -> Result<usize, String> {
        let most = self.remaining() / item.max(1);
        let n = self.number_upto(most as u64)?;
        usize::try_from(n).map_err(|e| e.to_string())
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], String> {
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
