//! Checking the signature of repomd.xml: that it is one, of these bytes, and, with a keyring, by one of its keys.

use std::path::Path;

use repomd::files::SIGNATURE;
use signatures::{Keyring, VerifyError, check_armored};

use crate::Error;
use crate::report::{SignatureFound, SignatureProblem, Verified};
use crate::repository::Repository;
use crate::signing::SignError;

/// Looks at the signature; what is wrong with it is a problem.
pub(super) fn verify(
    repository: &Repository,
    keyring: Option<&Path>,
    verified: &mut Verified,
) -> Result<(), Error> {
    let path = repository.dir.path().join(SIGNATURE);
    let path = path.display();
    verified.signature = repository.signature_found()?;
    let signature = repository.signature().unwrap_or_default();
    let mut of = SignatureProblem::NotSigned;
    let problem = match verified.signature {
        SignatureFound::None if keyring.is_none() => return Ok(()),
        SignatureFound::None => format!("the repository is not signed: expected `{path}`, found nothing"),
        SignatureFound::Stale => {
            format!("`{path}` is of another repomd.xml: it was changed after it was signed")
        }
        _ => match (not_a_signature(&signature), keyring) {
            (Some(why), _) => format!("`{path}` is no signature: {why}"),
            (None, None) => return Ok(()),
            (None, Some(keyring)) => match by_keyring(repository, keyring, &signature)? {
                Ok(fingerprint) => {
                    verified.signature = SignatureFound::Good;
                    verified.signed_by = Some(fingerprint);
                    return Ok(());
                }
                Err(why) => {
                    of = SignatureProblem::NotGood;
                    format!("`{path}` is not good by `{}`: {why}", keyring.display())
                }
            },
        },
    };
    verified.problems.push(problem);
    verified.problems_of.signature = Some(of);
    Ok(())
}

/// Why these bytes are no signature, where they are none. Packets that are not armored are left to gpgv.
fn not_a_signature(bytes: &[u8]) -> Option<String> {
    let is_binary = bytes.first().is_some_and(|first| first & 0x80 != 0);
    if is_binary { None } else { check_armored(bytes).err().map(|error| error.to_string()) }
}

/// The fingerprint of the key that made the signature, or why it is not good.
fn by_keyring(
    repository: &Repository,
    path: &Path,
    signature: &[u8],
) -> Result<Result<String, String>, Error> {
    let keyring = Keyring::read(path)
        .map_err(|reason| Error::Sign(SignError::Keyring { path: path.to_owned(), reason }))?;
    match keyring.verify(&repository.bytes, signature) {
        Ok(fingerprint) => Ok(Ok(fingerprint)),
        Err(VerifyError::NotGood { why, .. }) => Ok(Err(why)),
        Err(error) => Err(Error::Sign(SignError::Verifier(error))),
    }
}
