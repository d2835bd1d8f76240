//! The signature of repomd.xml: having a command make one, and checking it. No key is
//! ever seen here, and nothing is written beside repomd.xml.

mod error;

use std::io;
use std::path::Path;
use std::process::Command;

use durable::Dir;
use repomd::files::{REPOMD, SIGNATURE, TEMP_PREFIX};
use signatures::{Keyring, RunError, VerifyError, check_armored};

use crate::Error;
use crate::options::{SignCommand, Signing};
use crate::scratch::answer;

pub use error::{SignError, SignFailure};

/// Largest signature.
pub(crate) const MAX_SIGNATURE: u64 = 1 << 20;
/// How much of a failed command's messages an error quotes, in bytes.
const QUOTED: usize = 2000;

impl SignCommand {
    /// Has the command sign a private copy of `document`, and returns the signature.
    pub(crate) fn sign(&self, document: &[u8]) -> Result<Vec<u8>, SignError> {
        let keyring = self.keyring.as_deref().map(read_keyring).transpose()?;
        let private = private_dir()?;
        let dir = Dir::open(private.path()).map_err(SignError::File)?.with_temp_prefix(TEMP_PREFIX);
        dir.write(REPOMD, document).map_err(SignError::File)?;
        self.run(&private.path().join(REPOMD)).map_err(|failure| self.failed(failure))?;
        if !has_bytes(&dir, document) {
            return Err(self.failed(SignFailure::Changed));
        }
        let signature = read_signature(&dir)?.ok_or_else(|| self.failed(SignFailure::NoSignature))?;
        check_armored(&signature).map_err(|error| self.failed(SignFailure::NotArmored(error)))?;
        match keyring.map(|keyring| keyring.verify(document, &signature)) {
            None | Some(Ok(_)) => Ok(signature),
            Some(Err(VerifyError::NotGood { why, .. })) => Err(self.failed(SignFailure::NotGood { why })),
            Some(Err(error)) => Err(SignError::Verifier(error)),
        }
    }

    fn failed(&self, failure: SignFailure) -> SignError {
        SignError::Command { command: self.words.join(" "), failure }
    }

    fn run(&self, path: &Path) -> Result<(), SignFailure> {
        let (program, arguments) = self.words.split_first().ok_or(SignFailure::Empty)?;
        let mut command = Command::new(program);
        command.args(arguments).arg(path);
        let ended = signatures::run(&mut command, self.time_limit, QUOTED).map_err(|error| match error {
            RunError::NotFound => SignFailure::NotFound,
            RunError::Overdue { limit, .. } => SignFailure::Overdue { limit },
            RunError::System(reason) => SignFailure::NotRun { reason },
            other => SignFailure::NotRun { reason: io::Error::other(other.to_string()) },
        })?;
        if ended.status.success() {
            return Ok(());
        }
        let said = if ended.messages.is_empty() { ended.output } else { ended.messages };
        let messages = String::from_utf8_lossy(&said).trim().to_owned();
        Err(SignFailure::Status { status: ended.status, messages })
    }
}

fn read_keyring(path: &Path) -> Result<Keyring, SignError> {
    Keyring::read(path).map_err(|reason| SignError::Keyring { path: path.to_owned(), reason })
}

/// A fresh directory that nobody else can look into; it goes away when it is dropped.
fn private_dir() -> Result<tempfile::TempDir, SignError> {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    let fresh = tempfile::Builder::new().prefix("createrepo-delta-sign.").permissions(mode).tempdir();
    fresh.map_err(|reason| SignError::Private { path: std::env::temp_dir(), reason: answer(reason) })
}

/// Whether the copy still has these bytes; it may have become anything.
fn has_bytes(dir: &Dir, document: &[u8]) -> bool {
    dir.read(REPOMD, document.len() as u64).is_ok_and(|now| now.as_deref() == Some(document))
}

/// What the command left; `None` where that is nothing, or an empty file.
fn read_signature(dir: &Dir) -> Result<Option<Vec<u8>>, SignError> {
    let bytes = dir.read(SIGNATURE, MAX_SIGNATURE).map_err(SignError::File)?;
    Ok(bytes.filter(|bytes| !bytes.is_empty()))
}

/// Fails where the repository is signed and must not be changed.
pub(crate) fn refuse(signing: &Signing, dir: &Dir, signed: bool) -> Result<(), Error> {
    if signed && *signing == Signing::Refuse {
        return Err(Error::Signed { path: dir.path().join(SIGNATURE) });
    }
    Ok(())
}
