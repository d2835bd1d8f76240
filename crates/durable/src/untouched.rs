//! What a change would meet, found out without making it: for dry runs, which leave
//! no trace. Only permissions are asked; whether a disk is full shows in writing.

use std::fs::TryLockError;
use std::path::Path;

use rustix::fs::{Access, AtFlags, OFlags};
use rustix::io::{Errno, retry_on_intr};

use crate::dir::same_file;
use crate::{Dir, Error, Lock, Operation};

/// What came of [`Dir::lock_untouched`].
#[derive(Debug)]
pub enum Untouched {
    /// The lock is taken by this.
    Locked(Lock),
    /// Somebody else holds it.
    Taken,
    /// There is no lock file, so nobody holds it; it could be made.
    Absent,
}

impl Dir {
    /// Whether the directory `path` exists; where it does not, the error that
    /// [`Dir::create`] would give, if any. Nothing is made.
    ///
    /// # Errors
    /// Those of [`Dir::create`], as far as permissions tell.
    pub fn check_create(path: &Path) -> Result<bool, Error> {
        match Self::open(path) {
            Ok(_) => return Ok(true),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
        if path.file_name().is_none() {
            return Err(Error::new(Operation::MakeDir, path, Errno::NOENT));
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        if Self::check_create(parent)? {
            Self::open(parent)?.check_writable(Operation::MakeDir, path)?;
        }
        Ok(false)
    }

    /// Takes the lock `name` as [`Dir::lock`] does, but neither makes the lock file
    /// nor writes into it.
    ///
    /// # Errors
    /// Those of [`Dir::lock`]; where there is no lock file, also those of making one,
    /// as far as permissions tell.
    pub fn lock_untouched(&self, name: &str) -> Result<Untouched, Error> {
        self.check_final_name(name)?;
        let path = self.path().join(name);
        let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let Some((file, stat)) = self.open_regular(name, flags)? else {
            self.check_writable(Operation::Create, &path)?;
            return Ok(Untouched::Absent);
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Untouched::Taken),
            Err(TryLockError::Error(reason)) => return Err(Error::new(Operation::Lock, &path, reason)),
        }
        // A lock on a file that was removed meanwhile keeps nobody out.
        let now = self.stat(Path::new(name))?;
        if now.is_none_or(|now| !same_file(&now, &stat)) {
            return Err(Error::Replaced { path });
        }
        Ok(Untouched::Locked(Lock::new(path, file)))
    }

    /// Refuses if nothing can be made, replaced or removed in this directory, as far as
    /// permissions tell.
    ///
    /// # Errors
    /// As an attempt to write to the directory would give.
    pub fn check_changeable(&self) -> Result<(), Error> {
        self.check_writable(Operation::Write, self.path())
    }

    /// Refuses `operation` on `path` if nothing can be made in this directory.
    fn check_writable(&self, operation: Operation, path: &Path) -> Result<(), Error> {
        let access = Access::WRITE_OK | Access::EXEC_OK;
        retry_on_intr(|| rustix::fs::accessat(self.handle(), ".", access, AtFlags::EACCESS))
            .map_err(|reason| Error::new(operation, path, reason))
    }
}
