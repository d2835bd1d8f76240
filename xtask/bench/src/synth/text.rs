//! Appending to a buffer: plain bytes, numbers and hex digits, without formatting
//! machinery, since a generation has a gigabyte of them.

/// Appends every piece.
macro_rules! put {
    ($out:expr, $($piece:expr),+ $(,)?) => {{ $( super::text::Piece::append(&$piece, $out); )+ }};
}
pub(super) use put;

/// What can be appended.
pub(super) trait Piece {
    /// Appends its text to `out`.
    fn append(&self, out: &mut Vec<u8>);
}

impl Piece for &str {
    fn append(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
}

impl Piece for &Vec<u8> {
    fn append(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}

/// Numbers are appended in decimal.
impl Piece for u64 {
    fn append(&self, out: &mut Vec<u8>) {
        let mut digits = [0; 20];
        let mut start = digits.len();
        let mut rest = *self;
        loop {
            start -= 1;
            digits[start] = b"0123456789"[usize::try_from(rest % 10).unwrap_or(0)];
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        out.extend_from_slice(&digits[start..]);
    }
}

/// Bytes as lower-case hex digits.
pub(super) fn hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}
