//! Keyrings as gpgv takes them: the armor of exported keys is removed.
//!
//! Only the armor is understood here; what the packets are is for gpgv.

use std::io::{self, Read as _};
use std::path::Path;

use durable::streams::Input;
use thiserror::Error;

use crate::armor::{ArmorError, KEYS, lines, read_block};

/// Keyrings of distributions have a few hundred kilobytes.
const MAX_KEYRING: u64 = 64 << 20;

/// The keys to be trusted, read once.
#[derive(Clone)]
pub struct Keyring {
    /// As gpgv reads it.
    pub(crate) binary: Vec<u8>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring").field("bytes", &self.binary.len()).finish()
    }
}

/// Why a file is no keyring. The message is the end of a sentence.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// It cannot be opened.
    #[error("{}", reason(.0))]
    Open(durable::Error),
    /// It cannot be read.
    #[error("{0}")]
    Read(io::Error),
    /// It is longer than any keyring.
    #[error("expected at most {MAX_KEYRING} bytes, found more")]
    TooLarge,
    /// It is something else, without keys.
    #[error("expected a binary keyring or `{}`, found neither", KEYS.begin)]
    NoKeys,
    /// A block in it is damaged.
    #[error(transparent)]
    Armor(ArmorError),
}

/// The system's answer alone, where there is one: whoever shows it names the file.
fn reason(error: &durable::Error) -> String {
    error.io().map_or_else(|| error.to_string(), ToString::to_string)
}

impl Keyring {
    /// Reads a keyring: binary, or armored as `gpg --export --armor` writes it; `-` is
    /// standard input, and a pipe is read to its end.
    ///
    /// # Errors
    /// When it cannot be read, or is something else.
    pub fn read(path: &Path) -> Result<Self, KeyringError> {
        let file = Input::open(path).map_err(KeyringError::Open)?;
        let mut bytes = Vec::new();
        file.reader().take(MAX_KEYRING + 1).read_to_end(&mut bytes).map_err(KeyringError::Read)?;
        Self::from_bytes(&bytes)
    }

    /// As [`Keyring::read`], from its bytes.
    ///
    /// # Errors
    /// When they are something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyringError> {
        if bytes.len() as u64 > MAX_KEYRING {
            return Err(KeyringError::TooLarge);
        }
        Ok(Self { binary: binary(bytes)? })
    }
}

/// The keyring as binary data: as it is, or its armored blocks one after the other.
fn binary(bytes: &[u8]) -> Result<Vec<u8>, KeyringError> {
    let is_binary = bytes.first().is_some_and(|byte| byte & 0x80 != 0) || bytes.get(8..12) == Some(b"KBXf");
    if is_binary {
        return Ok(bytes.to_vec());
    }
    let mut keys = Vec::new();
    let mut lines = lines(bytes);
    while lines.any(|line| line == KEYS.begin.as_bytes()) {
        keys.extend(read_block(&mut lines, &KEYS).map_err(KeyringError::Armor)?.data);
    }
    if keys.is_empty() { Err(KeyringError::NoKeys) } else { Ok(keys) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: &str = KEYS.begin;
    const END: &str = "-----END PGP PUBLIC KEY BLOCK-----";

    #[test]
    fn armored_blocks_are_joined_and_binary_is_kept() {
        let text = format!(
            "a comment\n{BEGIN}\nVersion: x\nComment: y\n\nmQEN\nBFg=\n=abcd\n{END}\n\n{BEGIN}\n\nmQE=\r\n{END}\n"
        );
        assert_eq!(binary(text.as_bytes()).unwrap(), [0x99, 1, 13, 4, 0x58, 0x99, 1]);
        assert_eq!(binary(&[0x99, 1, 2]).unwrap(), [0x99, 1, 2]);
        assert_eq!(binary(b"\0\0\0\x20\x01\x01\0\x02KBXf").unwrap().len(), 12);
    }

    #[test]
    fn what_is_no_keyring_is_told() {
        let cases = [
            (String::new(), "found neither"),
            ("<html>".to_owned(), "found neither"),
            ("gr\u{fc}n".to_owned(), "found neither"),
            (format!("{BEGIN}\n\nmQEN\n"), "found the end of the file"),
            (format!("{BEGIN}\n\nm*EN\n{END}\n"), "its armor is damaged"),
        ];
        for (text, why) in cases {
            assert!(binary(text.as_bytes()).unwrap_err().to_string().contains(why), "{text}");
        }
    }
}
