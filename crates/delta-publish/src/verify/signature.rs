//! Checking the signature of repomd.xml: that it is one, of these bytes, and, with a keyring, by one of its keys.

use std::path::Path;

use repomd::files::SIGNATURE;
use signatures::{Keyring, VerifyError, find_armored};

use crate::Error;
use crate::report::{SignatureFound, SignatureProblem, Verified};
use crate::repository::Repository;
use crate::signing::SignError;

/// Looks at the signature; what is wrong with it is a problem. Where there is a keyring, it is as gpgv says.
///
/// # Errors
/// When the signature or the keyring cannot be read, or gpgv not be run.
pub(super) fn verify(
    repository: &Repository,
    keyring: Option<&Path>,
    verified: &mut Verified,
) -> Result<(), Error> {
    let path = repository.dir.path().join(SIGNATURE);
    let path = path.display();
    let signature = repository.signature();
    verified.signature = repository.compared(&signature)?;
    let signature = match signature {
        Ok(signature) => signature,
        Err(error @ durable::Error::TooLarge { .. }) => {
            problem(verified, SignatureProblem::NotSigned, error.to_string());
            return Ok(());
        }
        Err(error) => return Err(Error::of_reading(error)),
    };
    let why = match (signature, keyring) {
        (None, None) => return Ok(()),
        (None, Some(_)) => format!("the repository is not signed: expected `{path}`, found nothing"),
        (Some(signature), Some(keyring)) => match by_keyring(repository, keyring, &signature)? {
            Ok(fingerprint) => {
                verified.signature = SignatureFound::Good;
                verified.signed_by = Some(fingerprint);
                return Ok(());
            }
            Err(why) => {
                let why = format!("`{path}` is not good by `{}`: {why}", keyring.display());
                problem(verified, SignatureProblem::NotGood, why);
                return Ok(());
            }
        },
        (Some(_), None) if verified.signature == SignatureFound::Stale => {
            format!("`{path}` does not seem to be of this repomd.xml: it has the digest of other data")
        }
        (Some(signature), None) => match not_a_signature(&signature) {
            Some(why) => format!("`{path}` is no signature: {why}"),
            None => return Ok(()),
        },
    };
    problem(verified, SignatureProblem::NotSigned, why);
    Ok(())
}

/// Notes what is wrong with the signature.
fn problem(verified: &mut Verified, of: SignatureProblem, why: String) {
    verified.problems.push(why);
    verified.problems_of.signature = Some(of);
}

/// Why these bytes are no signature, where they are none. Packets that are not armored are left to gpgv.
fn not_a_signature(bytes: &[u8]) -> Option<String> {
    let is_binary = bytes.first().is_some_and(|first| first & 0x80 != 0);
    if is_binary { None } else { find_armored(bytes).err().map(|error| error.to_string()) }
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
