//! The signature of a repomd.xml: why it was not accepted, in the words of who
//! fetched it. The crate `signatures` verifies.

use std::path::Path;

use signatures::{Keyring, VerifyError};

use crate::error::SignatureError;

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
