//! Replacing repomd.xml, and its signature with it, in an order in which the
//! repository is complete at every instant. Which bytes are right is decided
//! elsewhere.

use durable::{Dir, Sealed};
use repomd::files::{REPOMD, SIGNATURE};

use crate::Error;
use crate::options::{SignCommand, Signing};
use crate::report::SignatureFate;
use crate::repository::Repository;
use crate::signing::{self, MAX_SIGNATURE};

/// A new repomd.xml, and its signature where there is a command for it, complete
/// on disk beside the old ones.
pub(crate) struct PreparedSwap {
    file: Sealed,
    signature: Option<Sealed>,
    /// Whether the old one is signed.
    signed: bool,
}

/// Makes `new` ready to take the place of repomd.xml. It is signed first: no command
/// ever sees the file that is published.
pub(crate) fn prepare(repository: &Repository, new: &[u8], signing: &Signing) -> Result<PreparedSwap, Error> {
    let signed = repository.is_signed()?;
    signing::refuse(signing, &repository.dir, signed)?;
    let signature = match signing {
        Signing::Command(command) => Some(seal_signature(repository, command, new)?),
        Signing::Remove | Signing::Refuse => None,
    };
    Ok(PreparedSwap { file: repository.seal(REPOMD, new)?, signature, signed })
}

/// What [`prepare`] and [`PreparedSwap::publish`] would make of the signature.
pub(crate) fn foresee(repository: &Repository, signing: &Signing) -> Result<SignatureFate, Error> {
    let signed = repository.is_signed()?;
    signing::refuse(signing, &repository.dir, signed)?;
    Ok(match (signing, signed) {
        (Signing::Command(_), _) => SignatureFate::Signed,
        (_, true) => SignatureFate::Removed,
        (_, false) => SignatureFate::None,
    })
}

impl PreparedSwap {
    /// Puts it in place, if the repository is still the one that was read: an old
    /// signature is removed, repomd.xml renamed, and the new signature put in
    /// place. In between there is no signature, never a wrong one. At the end it
    /// is checked once more that nobody swapped the directory meanwhile.
    pub(crate) fn publish(self, repository: &Repository, new: &[u8]) -> Result<SignatureFate, Error> {
        let dir = &repository.dir;
        repository.check_unchanged(&repository.bytes)?;
        repository.about_to_publish(new);
        let old = if self.signed { dir.read(SIGNATURE, MAX_SIGNATURE).ok().flatten() } else { None };
        replace(dir, self.file, self.signed).map_err(|error| {
            put_back(repository, old);
            Error::File(error)
        })?;
        let fate = match (self.signature, self.signed) {
            (Some(signature), _) => {
                signature.publish().map_err(Error::File)?;
                SignatureFate::Signed
            }
            (None, true) => SignatureFate::Removed,
            (None, false) => SignatureFate::None,
        };
        repository.check_unchanged(new)?;
        Ok(fate)
    }
}

/// Removes an old signature for good, and then replaces repomd.xml.
fn replace(dir: &Dir, repomd: Sealed, signed: bool) -> Result<(), durable::Error> {
    if signed {
        dir.remove(SIGNATURE)?;
        dir.sync()?;
    }
    repomd.publish()
}

/// Puts the old signature back, if repomd.xml is still the one that it is of.
fn put_back(repository: &Repository, old: Option<Vec<u8>>) {
    if let Some(old) = old
        && repository.check_unchanged(&repository.bytes).is_ok()
    {
        // Where the disk takes nothing more it is missing, as after a crash.
        let _ = repository.write(SIGNATURE, &old);
    }
}

/// Signs repomd.xml as it is; the old signature stays until the new one is complete.
pub(crate) fn sign_in_place(repository: &Repository, command: &SignCommand) -> Result<SignatureFate, Error> {
    let signature = seal_signature(repository, command, &repository.bytes)?;
    repository.check_unchanged(&repository.bytes)?;
    signature.publish().map_err(Error::File)?;
    Ok(SignatureFate::Signed)
}

fn seal_signature(repository: &Repository, command: &SignCommand, signed: &[u8]) -> Result<Sealed, Error> {
    let signature = command.sign(signed).map_err(Error::Sign)?;
    repository.seal(SIGNATURE, &signature)
}
