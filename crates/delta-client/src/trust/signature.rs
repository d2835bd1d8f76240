//! The signature of a repomd.xml: why it was not accepted, in the words of who
//! fetched it. The crate `signatures` verifies.

use std::io;
use std::path::{Path, PathBuf};

use signatures::{Keyring, PROGRAM, VerifyError};
use thiserror::Error;

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
pub(crate) struct Keys(Keyring);

impl Keys {
    /// Reads a keyring, binary or armored.
    pub(crate) fn read(path: &Path) -> Result<Self, SignatureError> {
        let keyring = Keyring::read(path);
        keyring
            .map(Self)
            .map_err(|error| SignatureError::Keyring { path: path.to_owned(), why: error.to_string() })
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
    keys.0.verify(document, signature).map_err(|error| match error {
        VerifyError::Program(reason) => SignatureError::Program { reason },
        VerifyError::File(error) => SignatureError::File(error),
        other => SignatureError::Bad { source_name: source_name.to_owned(), why: other.to_string() },
    })
}
