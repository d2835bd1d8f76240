//! When a file was last modified, where others take that for the time at which it was
//! verified.

use std::time::SystemTime;

use crate::step::step;
use crate::{Dir, Error, Operation};

impl Dir {
    /// Sets the time at which a regular file in it was last modified; `false` when there is
    /// no such file. It is not synced: after a crash the time may be another one.
    ///
    /// A file with several names has the time under each of them.
    pub fn set_modified_of(&self, name: &str, time: SystemTime) -> Result<bool, Error> {
        let Some(file) = self.open_file(name)? else { return Ok(false) };
        let path = self.path().join(name);
        step(Operation::SetTime, &path)?;
        file.set_modified(time).map_err(|reason| Error::new(Operation::SetTime, &path, reason))?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_file_gets_the_time_and_what_is_no_file_does_not() {
        let temp = tempfile::tempdir().unwrap();
        let dir = Dir::open(temp.path()).unwrap();
        dir.write("file", b"text").unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        assert!(dir.set_modified_of("file", time).unwrap());
        assert_eq!(temp.path().join("file").metadata().unwrap().modified().unwrap(), time);
        assert!(!dir.set_modified_of("absent", time).unwrap());
        std::os::unix::fs::symlink("file", temp.path().join("link")).unwrap();
        assert!(matches!(dir.set_modified_of("link", time), Err(Error::WrongKind { .. })));
    }
}
