//! Digests as values: parsing, printing, comparing.
//!
//! Comparison is not constant-time: these digests are public.

use std::fmt;
use std::str::FromStr;

use crate::Algorithm;

/// The longest digest, that of SHA-512.
const MAX: usize = 64;

/// A digest and the algorithm that made it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    algorithm: Algorithm,
    /// Zero after the digest's own length.
    bytes: [u8; MAX],
}

impl Digest {
    /// `bytes` must have the algorithm's length; what is beyond is dropped.
    pub(crate) fn new(algorithm: Algorithm, bytes: &[u8]) -> Self {
        let mut padded = [0; MAX];
        for (to, from) in padded.iter_mut().take(algorithm.digest_len()).zip(bytes) {
            *to = *from;
        }
        Self { algorithm, bytes: padded }
    }

    /// A digest from its raw bytes; `None` if the length is not the algorithm's.
    #[must_use]
    pub fn from_bytes(algorithm: Algorithm, bytes: &[u8]) -> Option<Self> {
        (bytes.len() == algorithm.digest_len()).then(|| Self::new(algorithm, bytes))
    }

    /// Reads a digest as repomd.xml has it: the checksum type (any name that
    /// [`Algorithm::from_name`] knows) and hex digits in either case.
    pub fn parse(kind: &str, hex: &str) -> Result<Self, DigestError> {
        let algorithm = Algorithm::from_name(kind)
            .ok_or_else(|| DigestError::UnknownAlgorithm { name: kind.to_owned() })?;
        if hex.len() != 2 * algorithm.digest_len() {
            return Err(DigestError::Length {
                algorithm,
                expected: 2 * algorithm.digest_len(),
                found: hex.len(),
            });
        }
        let mut bytes = [0; MAX];
        for (offset, digit) in hex.bytes().enumerate() {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                b'A'..=b'F' => digit - b'A' + 10,
                _ => return Err(DigestError::NotHex { offset }),
            };
            if let Some(byte) = bytes.get_mut(offset / 2) {
                *byte = *byte << 4 | value;
            }
        }
        Ok(Self { algorithm, bytes })
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The raw bytes, as many as [`Algorithm::digest_len`] says.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.algorithm.digest_len()).unwrap_or_default()
    }

    /// Lower-case hex digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        const DIGITS: [char; 16] =
            ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
        self.as_bytes()
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| DIGITS.get(usize::from(digit)))
            .collect()
    }
}

/// As `sha256:` and lower-case hex digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm, self.to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads what [`Display`](fmt::Display) writes.
impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let (kind, hex) = text.split_once(':').ok_or(DigestError::NoColon)?;
        Self::parse(kind, hex)
    }
}

/// Why a text is not a digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DigestError {
    /// The checksum type is not known.
    #[error("unknown checksum type `{}`", name.escape_debug())]
    #[non_exhaustive]
    UnknownAlgorithm {
        /// The type.
        name: String,
    },
    /// Too many or too few digits.
    #[error("a {algorithm} digest has {expected} hex digits, not {found}")]
    #[non_exhaustive]
    Length {
        /// The algorithm.
        algorithm: Algorithm,
        /// How many digits its digests have.
        expected: usize,
        /// How many bytes the text has.
        found: usize,
    },
    /// A character is not a hex digit.
    #[error("no hex digit at offset {offset}")]
    #[non_exhaustive]
    NotHex {
        /// Byte offset into the digits.
        offset: usize,
    },
    /// There is no `:` between algorithm and digits.
    #[error("no `:` between checksum type and digits")]
    NoColon,
}
