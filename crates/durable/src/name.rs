//! Names are single path components, so that none can lead out of a directory.
//!
//! Nothing is cleaned up or normalised: a name is usable as it is, or refused.

use crate::{Dir, Error};

impl Dir {
    /// Refuses names that are not one ordinary path component.
    pub(crate) fn check_name(&self, name: &str) -> Result<(), Error> {
        if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\0']) {
            return Err(self.bad_name(name));
        }
        Ok(())
    }

    /// As [`Dir::check_name`], and refuses names that look like temporary files, because
    /// `remove_leftovers` would remove them.
    pub(crate) fn check_final_name(&self, name: &str) -> Result<(), Error> {
        self.check_name(name)?;
        if name.starts_with(self.temp_prefix()) {
            return Err(self.bad_name(name));
        }
        Ok(())
    }

    fn bad_name(&self, name: &str) -> Error {
        Error::BadName { dir: self.path().to_path_buf(), name: name.to_owned() }
    }
}
