//! Replacing repomd.xml, and its signature with it, in an order in which the
//! repository is complete at every instant. Which bytes are right is decided
//! elsewhere.

use std::io::Write;

use crate::Error;
use crate::options::Signing;
use crate::outcome::SignatureFate;
use crate::repository::{REPOMD, Repository, SIGNATURE};
use crate::signing;

/// Puts `new` in the place of repomd.xml.
///
/// The new file is written beside, synced, and signed if there is a command for
/// it; then, if the repository is still the one that was read, an old signature
/// is removed, the file renamed, and the new signature put in place. In between
/// there is no signature, never a wrong one. At the end it is checked once more
/// that nobody swapped the directory meanwhile.
pub(crate) fn replace_repomd(
    repository: &Repository,
    new: &[u8],
    signing: &Signing,
) -> Result<SignatureFate, Error> {
    let dir = &repository.dir;
    let signed = repository.is_signed()?;
    signing::refuse(signing, dir, signed)?;

    let mut file = dir.create_new(REPOMD).map_err(Error::File)?;
    file.write_all(new).map_err(|e| Error::File(durable::Error::from_io(e, &repository.repomd_path())))?;
    let file = file.seal().map_err(Error::File)?;
    let signature = match signing {
        Signing::Command(command) => Some(signing::sign(command, dir, &file.path())?),
        Signing::Remove | Signing::Refuse => None,
    };

    repository.check_unchanged(&repository.bytes)?;
    if signed {
        dir.remove(SIGNATURE).map_err(Error::File)?;
        dir.sync().map_err(Error::File)?;
    }
    file.publish().map_err(Error::File)?;
    if let Some(signature) = &signature {
        dir.write(SIGNATURE, signature).map_err(Error::File)?;
    }
    repository.check_unchanged(new)?;
    Ok(match (signature, signed) {
        (Some(_), _) => SignatureFate::Signed,
        (None, true) => SignatureFate::Removed,
        (None, false) => SignatureFate::None,
    })
}

/// Signs repomd.xml as it is.
pub(crate) fn sign_in_place(repository: &Repository, command: &[String]) -> Result<SignatureFate, Error> {
    let dir = &repository.dir;
    // Signed under a name of its own, so that the old signature stays until the
    // new one is complete.
    let mut file = dir.create_new(REPOMD).map_err(Error::File)?;
    file.write_all(&repository.bytes)
        .map_err(|e| Error::File(durable::Error::from_io(e, &repository.repomd_path())))?;
    let file = file.seal().map_err(Error::File)?;
    let signature = signing::sign(command, dir, &file.path())?;
    repository.check_unchanged(&repository.bytes)?;
    dir.write(SIGNATURE, &signature).map_err(Error::File)?;
    Ok(SignatureFate::Signed)
}
