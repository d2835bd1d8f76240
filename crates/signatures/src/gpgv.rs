//! Verifying a detached signature with gpgv, which knows how they work.
//!
//! gpgv gets copies of everything in a directory of its own, so that it
//! verifies the bytes at hand, with the keys given and no others. A signature
//! by an expired or revoked key, and an expired signature, are not good; gpgv
//! alone would let them pass.

use std::io;
use std::process::Command;
use std::time::Duration;

use durable::Dir;
use thiserror::Error;

use crate::{Keyring, RunError, run};

/// The program that verifies.
pub const PROGRAM: &str = "gpgv";
/// More than this of what gpgv says is not looked at.
const MAX_STATUS: usize = 1 << 20;
/// It takes some milliseconds.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Why a signature was not found good.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// gpgv could not be run.
    #[error("cannot run `{PROGRAM}`: {0}")]
    Program(io::Error),
    /// Its input could not be written for gpgv.
    #[error(transparent)]
    File(durable::Error),
    /// It is no good signature of these bytes by a key of the keyring.
    #[error("{why}")]
    #[non_exhaustive]
    NotGood {
        /// What gpgv says, as the end of a sentence.
        why: String,
    },
}

impl Keyring {
    /// Verifies `signature`, armored or not, over `document`; the fingerprint of the
    /// key that made it.
    ///
    /// # Errors
    /// When it is not good, or when that cannot be found out.
    pub fn verify(&self, document: &[u8], signature: &[u8]) -> Result<String, VerifyError> {
        let place = std::env::temp_dir();
        let temp = tempfile::tempdir_in(&place)
            .map_err(|error| VerifyError::File(durable::Error::from_io(error, &place)))?;
        let dir = Dir::open(temp.path()).map_err(VerifyError::File)?;
        for (name, bytes) in [("keyring", &*self.binary), ("document", document), ("signature", signature)] {
            dir.write(name, bytes).map_err(VerifyError::File)?;
        }
        let mut command = Command::new(PROGRAM);
        command.args(["--status-fd", "1", "--homedir"]).arg(temp.path());
        command.arg("--keyring").arg(temp.path().join("keyring"));
        command.args([temp.path().join("signature"), temp.path().join("document")]).env("LC_ALL", "C");
        let ended = run(&mut command, TIME_LIMIT, MAX_STATUS).map_err(|error| match error {
            RunError::System(reason) => VerifyError::Program(reason),
            missing @ RunError::NotFound => {
                VerifyError::Program(io::Error::new(io::ErrorKind::NotFound, missing.to_string()))
            }
            overdue => VerifyError::Program(io::Error::other(format!("it {overdue}"))),
        })?;
        read_status(&String::from_utf8_lossy(&ended.output), ended.status.code())
            .map_err(|why| VerifyError::NotGood { why })
    }
}

/// Goes by the status lines: at least one signature is good, and none is bad.
/// Others, by keys that are not in the keyring, do not count.
fn read_status(status: &str, code: Option<i32>) -> Result<String, String> {
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
        assert_eq!(read_status(GOOD, Some(0)).unwrap(), "FFAB");
        assert_eq!(read_status(&format!("{GOOD}{unknown}"), Some(2)).unwrap(), "FFAB");
        assert_eq!(read_status(&format!("{unknown}{GOOD}"), Some(2)).unwrap(), "FFAB");
        assert_eq!(read_status(unknown, Some(2)).unwrap_err(), "its key CD is not in the keyring");
        let bad = "[GNUPG:] NEWSIG\n[GNUPG:] BADSIG AB x\n";
        assert!(read_status(&format!("{GOOD}{bad}"), Some(1)).unwrap_err().contains("another file"));
    }

    #[test]
    fn expired_and_revoked_keys_do_not_count() {
        for (word, why) in [("EXPKEYSIG", "expired"), ("REVKEYSIG", "revoked"), ("EXPSIG", "expired")] {
            let status = format!("[GNUPG:] NEWSIG\n[GNUPG:] {word} AB x\n[GNUPG:] VALIDSIG FFAB 2026\n");
            assert!(read_status(&status, Some(0)).unwrap_err().contains(why), "{word}");
            assert!(read_status(&format!("{GOOD}{status}"), Some(0)).is_ok());
        }
        assert!(read_status("", Some(2)).unwrap_err().contains("status 2"));
        assert!(read_status("[GNUPG:] NODATA 1\n", Some(2)).unwrap_err().contains("no signature in it"));
    }
}
