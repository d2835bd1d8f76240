//! Chunk identifiers. Nothing here knows where a chunk came from.

use std::fmt;

use sha1::{Digest, Sha1};

/// The SHA-1 of a chunk's bytes (format 1, section 2).
///
/// Written as 40 lower-case hexadecimal digits; a *prefix* is the first 0 to 40
/// of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChunkId([u8; ChunkId::BYTES]);

impl ChunkId {
    /// Length in bytes.
    pub const BYTES: usize = 20;
    /// Length in hexadecimal digits.
    pub const DIGITS: usize = 40;

    /// The identifier of a chunk with these bytes.
    #[must_use]
    pub fn hash(chunk: &[u8]) -> Self {
        Self(Sha1::digest(chunk).into())
    }

    /// An identifier read back from where [`as_bytes`](Self::as_bytes) was stored.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The 20 bytes of the digest.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    /// How many leading hexadecimal digits two identifiers share: 0 to 40.
    #[must_use]
    pub fn common_digits(&self, other: &Self) -> usize {
        for (at, (a, b)) in self.0.iter().zip(&other.0).enumerate() {
            if a != b {
                return at * 2 + usize::from(a >> 4 == b >> 4);
            }
        }
        Self::DIGITS
    }

    /// The hexadecimal digit at `at`, as ASCII. `at` is 0 to 39.
    fn digit(&self, at: usize) -> u8 {
        let byte = self.0[at / 2];
        let nibble = if at.is_multiple_of(2) { byte >> 4 } else { byte & 15 };
        b"0123456789abcdef"[usize::from(nibble)]
    }

    /// The first `digits` hexadecimal digits, as ASCII.
    pub(crate) fn prefix(&self, digits: usize) -> impl Iterator<Item = u8> + '_ {
        (0..digits.min(Self::DIGITS)).map(|at| self.digit(at))
    }

    /// Whether the hexadecimal form begins with `prefix` (lower-case ASCII digits).
    #[must_use]
    pub fn starts_with(&self, prefix: &[u8]) -> bool {
        prefix.len() <= Self::DIGITS && self.prefix(prefix.len()).eq(prefix.iter().copied())
    }
}

impl fmt::Display for ChunkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ChunkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChunkId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_of_the_empty_chunk() {
        assert_eq!(ChunkId::hash(b"").to_string(), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    }

    #[test]
    fn common_digits_counts_half_bytes() {
        let mut a = [0xab; 20];
        let b = ChunkId::from_bytes(a);
        assert_eq!(ChunkId::from_bytes(a).common_digits(&b), 40);
        a[3] = 0xac;
        assert_eq!(ChunkId::from_bytes(a).common_digits(&b), 7);
        a[3] = 0xcb;
        assert_eq!(ChunkId::from_bytes(a).common_digits(&b), 6);
        a[0] = 0;
        assert_eq!(ChunkId::from_bytes(a).common_digits(&b), 0);
    }

    #[test]
    fn starts_with_is_about_digits() {
        let id = ChunkId::hash(b"");
        assert!(id.starts_with(b""));
        assert!(id.starts_with(b"da3"));
        assert!(id.starts_with(id.to_string().as_bytes()));
        assert!(!id.starts_with(b"db"));
        assert!(!id.starts_with(b"DA"));
        assert!(!id.starts_with(&[b'd'; 41]));
    }
}
