//! Why repomd.xml was not signed.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use repomd::files::SIGNATURE;
use signatures::{ArmorError, KeyringError, VerifyError};
use thiserror::Error;

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
    #[error("the signature was not verified: {0}")]
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

fn quoted(messages: &str) -> String {
    if messages.is_empty() { String::new() } else { format!(": {messages}") }
}
