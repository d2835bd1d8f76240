//! Verifying a detached signature with gpgv, which knows how they work.
//!
//! gpgv gets copies of everything in a directory of its own, so that it
//! verifies the bytes at hand, with the keys given and no others. A signature
//! by an expired or revoked key, and an expired signature, are not good; gpgv
//! alone would let them pass.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use durable::Dir;
use thiserror::Error;

use super::keyring;

const PROGRAM: &str = "gpgv";
/// Keyrings of distributions have a few hundred kilobytes.
const MAX_KEYRING: u64 = 64 << 20;
/// More than this of what gpgv says is not looked at.
const MAX_STATUS: u64 = 1 << 20;

/// Why a signature was not accepted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The keyring cannot be used.
    #[error("cannot use keyring `{}`: {why}", path.display())]
    #[non_exhaustive]
    Keyring {
        /// The keyring.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// gpgv could not be run.
    #[error("cannot run `{PROGRAM}`: {reason}")]
    #[non_exhaustive]
    Program {
        /// Why.
        reason: io::Error,
    },
    /// Its input could not be written for gpgv.
    #[error(transparent)]
    File(durable::Error),
    /// There is no signature.
    #[error("repomd.xml of `{source_name}` is not signed: {why}")]
    #[non_exhaustive]
    Missing {
        /// Where it came from.
        source_name: String,
        /// How that was found.
        why: String,
    },
    /// The signature is not a good one by a key of the keyring.
    #[error("the signature of repomd.xml from `{source_name}` is not good: {why}")]
    #[non_exhaustive]
    Bad {
        /// Where both came from.
        source_name: String,
        /// What gpgv says.
        why: String,
    },
}

/// The keys to be trusted, read once.
pub(crate) struct Keys {
    binary: Vec<u8>,
}

impl Keys {
    /// Reads a keyring: binary, or armored as `gpg --export --armor` writes it.
    pub(crate) fn read(path: &Path) -> Result<Self, SignatureError> {
        let unusable = |why: String| SignatureError::Keyring { path: path.to_owned(), why };
        let file = File::open(path).map_err(|error| unusable(error.to_string()))?;
        let mut bytes = Vec::new();
        file.take(MAX_KEYRING + 1).read_to_end(&mut bytes).map_err(|error| unusable(error.to_string()))?;
        if bytes.len() as u64 > MAX_KEYRING {
            return Err(unusable(format!("expected at most {MAX_KEYRING} bytes, found more")));
        }
        Ok(Self { binary: keyring::binary(&bytes).map_err(unusable)? })
    }
}

/// Verifies `signature` over `document`, both from `source_name`; the
/// fingerprint of the key that made it.
pub(crate) fn verify(
    keys: &Keys,
    document: &[u8],
    signature: &[u8],
    source_name: &str,
) -> Result<String, SignatureError> {
    let temp = tempfile::tempdir().map_err(|reason| SignatureError::Program { reason })?;
    let dir = Dir::open(temp.path()).map_err(SignatureError::File)?;
    for (name, bytes) in [("keyring", &*keys.binary), ("document", document), ("signature", signature)] {
        dir.write(name, bytes).map_err(SignatureError::File)?;
    }
    let mut child = Command::new(PROGRAM)
        .args(["--status-fd", "1", "--homedir"])
        .arg(temp.path())
        .arg("--keyring")
        .arg(temp.path().join("keyring"))
        .args([temp.path().join("signature"), temp.path().join("document")])
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|reason| SignatureError::Program { reason })?;
    let mut status = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let read = stdout.take(MAX_STATUS).read_to_end(&mut status);
        read.map_err(|reason| SignatureError::Program { reason })?;
    }
    let ended = child.wait().map_err(|reason| SignatureError::Program { reason })?;
    judge(&String::from_utf8_lossy(&status), ended.code())
        .map_err(|why| SignatureError::Bad { source_name: source_name.to_owned(), why })
}

/// Goes by the status lines: at least one signature is good, and none is bad.
/// Others, by keys that are not in the keyring, do not count.
fn judge(status: &str, code: Option<i32>) -> Result<String, String> {
    let mut fingerprint = None;
    let mut good = false;
    let mut why = None;
    for line in status.lines().filter_map(|line| line.strip_prefix("[GNUPG:] ")) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let first = rest.split(' ').next().unwrap_or_default();
        match word {
            "NEWSIG" => good = false,
            "GOODSIG" => good = true,
            "VALIDSIG" if good => fingerprint = Some(first.to_owned()),
            "BADSIG" => return Err(format!("it was made for another file (key {first})")),
            "EXPSIG" => why = Some("it has expired".to_owned()),
            "EXPKEYSIG" => why = Some(format!("its key {first} has expired")),
            "REVKEYSIG" => why = Some(format!("its key {first} was revoked")),
            "NO_PUBKEY" => why = Some(format!("its key {first} is not in the keyring")),
            "NODATA" => why = Some("there is no signature in it".to_owned()),
            _ => {}
        }
    }
    match fingerprint {
        Some(fingerprint) => Ok(fingerprint),
        None => Err(why.unwrap_or_else(|| {
            let code = code.map_or("a signal".to_owned(), |code| format!("status {code}"));
            format!("`{PROGRAM}` ended with {code} and named no good signature")
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG AB x\n[GNUPG:] VALIDSIG FFAB 2026-01-01\n";

    #[test]
    fn one_good_signature_is_enough_and_a_bad_one_too_many() {
        let unknown = "[GNUPG:] NEWSIG\n[GNUPG:] ERRSIG CD 1\n[GNUPG:] NO_PUBKEY CD\n";
        assert_eq!(judge(GOOD, Some(0)).unwrap(), "FFAB");
        assert_eq!(judge(&format!("{GOOD}{unknown}"), Some(2)).unwrap(), "FFAB");
        assert_eq!(judge(&format!("{unknown}{GOOD}"), Some(2)).unwrap(), "FFAB");
        assert_eq!(judge(unknown, Some(2)).unwrap_err(), "its key CD is not in the keyring");
        let bad = "[GNUPG:] NEWSIG\n[GNUPG:] BADSIG AB x\n";
        assert!(judge(&format!("{GOOD}{bad}"), Some(1)).unwrap_err().contains("another file"));
    }

    #[test]
    fn expired_and_revoked_keys_do_not_count() {
        for (word, why) in [("EXPKEYSIG", "expired"), ("REVKEYSIG", "revoked"), ("EXPSIG", "expired")] {
            let status = format!("[GNUPG:] NEWSIG\n[GNUPG:] {word} AB x\n[GNUPG:] VALIDSIG FFAB 2026\n");
            assert!(judge(&status, Some(0)).unwrap_err().contains(why), "{word}");
            assert!(judge(&format!("{GOOD}{status}"), Some(0)).is_ok());
        }
        assert!(judge("", Some(2)).unwrap_err().contains("status 2"));
        assert!(judge("[GNUPG:] NODATA 1\n", Some(2)).unwrap_err().contains("no signature in it"));
    }
}
