//! A checksum as repomd.xml states it: a type and hexadecimal digits.
//!
//! Which types exist, and how long their digests are, is not judged here.

use std::fmt;

use super::ValueError;
use crate::excerpt::excerpt;

/// A checksum type and its digest in lower-case hexadecimal.
///
/// The type is kept as written (`sha`, `sha1`, `sha256`, …).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Checksum {
    kind: String,
    hex: String,
}

impl Checksum {
    /// Takes a nonempty type of ASCII letters and digits and a nonempty, even
    /// number of hexadecimal digits, which become lower-case.
    pub fn new(kind: &str, hex: &str) -> Result<Self, ValueError> {
        if kind.is_empty() || !kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(ValueError::ChecksumKind { found: excerpt(kind) });
        }
        let digits = hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        if hex.is_empty() || !hex.len().is_multiple_of(2) || !digits {
            return Err(ValueError::ChecksumHex { found: excerpt(hex) });
        }
        Ok(Self { kind: kind.to_owned(), hex: hex.to_ascii_lowercase() })
    }

    /// The type, as written.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The digest in lower-case hexadecimal.
    #[must_use]
    pub fn hex(&self) -> &str {
        &self.hex
    }
}

/// Writes `type:digest`.
impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.hex)
    }
}

#[cfg(test)]
mod tests {
    use super::Checksum;

    #[test]
    fn digits_become_lower_case() {
        let checksum = Checksum::new("sha256", "00FFaB").unwrap();
        assert_eq!(checksum.to_string(), "sha256:00ffab");
    }

    #[test]
    fn malformed_ones_are_refused() {
        for (kind, hex) in [
            ("", "00"),
            ("sha-256", "00"),
            ("sha256", ""),
            ("sha256", "0"),
            ("sha256", "0g"),
            ("sha256", " 00 "),
        ] {
            assert!(Checksum::new(kind, hex).is_err(), "{kind} {hex}");
        }
    }
}
