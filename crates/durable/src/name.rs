//! Names are single path components, so that none can lead out of a directory.
//!
//! Nothing is cleaned up or normalised: a name is usable as it is, or refused.

use std::path::Path;

use crate::Error;

/// How the names of temporary files begin; the final name follows.
pub const TEMP_PREFIX: &str = ".createrepo-delta.new.";

/// Refuses names that are not one ordinary path component.
pub(crate) fn check(dir: &Path, name: &str) -> Result<(), Error> {
    if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\0']) {
        return Err(bad(dir, name));
    }
    Ok(())
}

/// As [`check`], and refuses names that look like our temporary files, because
/// `remove_leftovers` would remove them.
pub(crate) fn check_final(dir: &Path, name: &str) -> Result<(), Error> {
    check(dir, name)?;
    if name.starts_with(TEMP_PREFIX) {
        return Err(bad(dir, name));
    }
    Ok(())
}

fn bad(dir: &Path, name: &str) -> Error {
    Error::BadName { dir: dir.to_path_buf(), name: name.to_owned() }
}
