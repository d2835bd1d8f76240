//! The signature of repomd.xml: having a command make one, and checking it. No key is
//! ever seen here, and nothing is written beside repomd.xml.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use durable::Dir;
use signatures::{ArmorError, Keyring, KeyringError, RunError, VerifyError, check_armored};
use thiserror::Error;

use crate::Error;
use crate::options::{SignCommand, Signing};
use crate::repository::{REPOMD, SIGNATURE};

/// Largest signature.
pub(crate) const MAX_SIGNATURE: u64 = 1 << 20;
/// How much of a failed command's messages an error quotes, in bytes.
const QUOTED: usize = 2000;

/// Why repomd.xml was not signed. It and its signature are then as they were.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SignError {
    /// The command did not do its work.
    #[error("the signing command `{command}` {failure}")]
    #[non_exhaustive]
    Command {
        /// Program and arguments.
        command: String,
        /// What went wrong.
        failure: SignFailure,
    },
    /// The keyring cannot be used.
    #[error("cannot use keyring `{}`: {reason}", path.display())]
    #[non_exhaustive]
    Keyring {
        /// The keyring.
        path: PathBuf,
        /// Why.
        reason: KeyringError,
    },
    /// The signature could not be verified.
    #[error("the new signature was not verified: {0}")]
    Verifier(VerifyError),
    /// There can be no private copy for the command.
    #[error("cannot make a private copy of repomd.xml in `{}`: {reason}", path.display())]
    #[non_exhaustive]
    Private {
        /// The temporary directory.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// A step on files in the private directory failed.
    #[error(transparent)]
    File(durable::Error),
}

/// What a signing command did wrong; the message is the end of a sentence about it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SignFailure {
    /// There is not even a program.
    #[error("is empty: expected a program")]
    Empty,
    /// There is no such program.
    #[error("was not run: program not found")]
    NotFound,
    /// The program cannot be run.
    #[error("could not be run: {reason}")]
    #[non_exhaustive]
    NotRun {
        /// Why.
        reason: io::Error,
    },
    /// It took too long.
    #[error("took longer than {} s and was ended", limit.as_secs_f64())]
    #[non_exhaustive]
    Overdue {
        /// The time limit.
        limit: Duration,
    },
    /// It says itself that it failed.
    #[error("failed with {status}{}", quoted(messages))]
    #[non_exhaustive]
    Status {
        /// Its status.
        status: ExitStatus,
        /// What it said.
        messages: String,
    },
    /// The copy of repomd.xml is no longer one.
    #[error("changed the file that it was to sign")]
    Changed,
    /// There is no signature.
    #[error("left no signature in `{SIGNATURE}` beside the file")]
    NoSignature,
    /// There is something else than an armored signature.
    #[error("left no armored signature in `{SIGNATURE}`: {0}")]
    NotArmored(ArmorError),
    /// The signature is not by a key of the keyring, or of something else.
    #[error("made a signature that is not good: {why}")]
    #[non_exhaustive]
    NotGood {
        /// What gpgv says.
        why: String,
    },
}

impl SignCommand {
    /// Has the command sign a private copy of `document`, and returns the signature.
    pub(crate) fn sign(&self, document: &[u8]) -> Result<Vec<u8>, SignError> {
        let keyring = self.keyring.as_deref().map(read_keyring).transpose()?;
        let private = private_dir()?;
        let dir = Dir::open(private.path()).map_err(SignError::File)?;
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

fn quoted(messages: &str) -> String {
    if messages.is_empty() { String::new() } else { format!(": {messages}") }
}

fn read_keyring(path: &Path) -> Result<Keyring, SignError> {
    Keyring::read(path).map_err(|reason| SignError::Keyring { path: path.to_owned(), reason })
}

/// A fresh directory that nobody else can look into; it goes away when it is dropped.
fn private_dir() -> Result<tempfile::TempDir, SignError> {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    let fresh = tempfile::Builder::new().prefix("createrepo-delta-sign.").permissions(mode).tempdir();
    fresh.map_err(|reason| SignError::Private { path: std::env::temp_dir(), reason })
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
