//! Whether a repomd.xml may be believed: its signature, and that it is not one
//! of the past.
//!
//! Without a keyring the trust is in TLS or in the operator's network; that is
//! the caller's decision. The crate `signatures` verifies.

mod rollback;

use signatures::{Keyring, VerifyError};

use crate::error::{SignatureError, UpdateError};
use crate::options::Options;

pub(crate) use rollback::{Age, Basis, is_rollback};

/// The keys to be trusted, binary or armored; nothing where no signature is asked for.
pub(crate) fn read_keys(options: &Options) -> Result<Option<Keyring>, UpdateError> {
    let Some(path) = &options.keyring else {
        return Ok(None);
    };
    let refused = |error: signatures::KeyringError| SignatureError::Keyring {
        path: path.clone(),
        why: error.to_string(),
    };
    Keyring::read(path).map(Some).map_err(|error| UpdateError::Signature(refused(error)))
}

/// Verifies `signature` over `document`, both from `source_name`; the
/// fingerprint of the key that made it.
pub(crate) fn verify(
    keys: &Keyring,
    document: &[u8],
    signature: &[u8],
    source_name: &str,
) -> Result<String, SignatureError> {
    keys.verify(document, signature).map_err(|error| match error {
        VerifyError::Program(reason) => SignatureError::Program { reason },
        VerifyError::File(error) => SignatureError::File(error),
        other => SignatureError::Bad { source_name: source_name.to_owned(), why: other.to_string() },
    })
}
