//! Replacing repomd.xml, and its signature with it, in an order in which the
//! repository is complete at every instant. Which bytes are right is decided
//! elsewhere.

use std::io::Write;

use durable::{Dir, Sealed};

use crate::Error;
use crate::options::Signing;
use crate::outcome::SignatureFate;
use crate::repository::{REPOMD, Repository, SIGNATURE};
use crate::signing;

/// A new repomd.xml, and its signature where there is a command for it, complete
/// on disk beside the old ones.
pub(crate) struct Ready {
    file: Sealed,
    signature: Option<Sealed>,
    /// Whether the old one is signed.
    signed: bool,
}

/// Makes `new` ready to take the place of repomd.xml.
pub(crate) fn prepare(repository: &Repository, new: &[u8], signing: &Signing) -> Result<Ready, Error> {
    let dir = &repository.dir;
    let signed = repository.is_signed()?;
    signing::refuse(signing, dir, signed)?;
    let file = seal(dir, REPOMD, new)?;
    let signature = match signing {
        Signing::Command(command) => Some(signing::sign(command, dir, &file.path())?),
        Signing::Remove | Signing::Refuse => None,
    };
    let signature = signature.map(|bytes| seal(dir, SIGNATURE, &bytes)).transpose()?;
    Ok(Ready { file, signature, signed })
}

impl Ready {
    /// Puts it in place, if the repository is still the one that was read: an old
    /// signature is removed, repomd.xml renamed, and the new signature put in
    /// place. In between there is no signature, never a wrong one. At the end it
    /// is checked once more that nobody swapped the directory meanwhile.
    pub(crate) fn publish(self, repository: &Repository, new: &[u8]) -> Result<SignatureFate, Error> {
        let dir = &repository.dir;
        repository.check_unchanged(&repository.bytes)?;
        if self.signed {
            dir.remove(SIGNATURE).map_err(Error::File)?;
            dir.sync().map_err(Error::File)?;
        }
        self.file.publish().map_err(Error::File)?;
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

/// Signs repomd.xml as it is: under a name of its own, so that the old signature
/// stays until the new one is complete.
pub(crate) fn sign_in_place(repository: &Repository, command: &[String]) -> Result<SignatureFate, Error> {
    let dir = &repository.dir;
    let copy = seal(dir, REPOMD, &repository.bytes)?;
    let signature = signing::sign(command, dir, &copy.path())?;
    let signature = seal(dir, SIGNATURE, &signature)?;
    repository.check_unchanged(&repository.bytes)?;
    signature.publish().map_err(Error::File)?;
    Ok(SignatureFate::Signed)
}

fn seal(dir: &Dir, name: &str, bytes: &[u8]) -> Result<Sealed, Error> {
    let mut file = dir.create_new(name).map_err(Error::File)?;
    let path = dir.path().join(name);
    file.write_all(bytes).map_err(|e| Error::File(durable::Error::from_io(e, &path)))?;
    file.seal().map_err(Error::File)
}
