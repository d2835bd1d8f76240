//! Files without a name, for what is needed for a while and by one process only.

use std::fs::File;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use crate::step::step;
use crate::{Dir, Error, Operation};

impl Dir {
    /// An empty file in this directory to write to and read from, which is gone
    /// when it is closed, also if the process dies.
    ///
    /// Where the file system has no such files, one of the name `hint` with
    /// [`Dir::temp_prefix`] is made, and removed at once; two calls at the same time
    /// need two hints.
    ///
    /// # Errors
    /// When no file can be made.
    pub fn unnamed(&self, hint: &str) -> Result<File, Error> {
        step(Operation::Create, self.path())?;
        let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o600);
        match retry_on_intr(|| rustix::fs::openat(self.handle(), ".", flags, mode)) {
            Ok(handle) => Ok(handle.into()),
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::NOENT | Errno::INVAL) => {
                self.unnamed_by_removal(hint)
            }
            Err(reason) => Err(Error::new(Operation::Create, self.path(), reason)),
        }
    }

    fn unnamed_by_removal(&self, hint: &str) -> Result<File, Error> {
        let name = format!("{}{hint}", self.temp_prefix());
        self.remove(&name)?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o600);
        let handle = retry_on_intr(|| rustix::fs::openat(self.handle(), Path::new(&name), flags, mode))
            .map_err(|reason| Error::new(Operation::Create, &self.path().join(&name), reason))?;
        self.remove(&name)?;
        Ok(handle.into())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _, Write as _};

    use crate::Dir;

    #[test]
    fn what_is_written_is_read_and_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let dir = Dir::open(place.path()).unwrap();
        for mut file in [dir.unnamed("a").unwrap(), dir.unnamed_by_removal("b").unwrap()] {
            file.write_all(b"text").unwrap();
            file.rewind().unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            assert_eq!(text, "text");
            assert_eq!(dir.entries().unwrap(), []);
        }
    }
}
