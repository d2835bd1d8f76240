//! Exclusive locks on lock files, given up when the process ends.
//!
//! Advisory: only those who ask are kept out. It never waits, and never removes
//! the lock file, because somebody else may be opening it.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::dir::same_file;
use crate::step::{gate, step};
use crate::{Dir, Error, Operation, name};

/// How often to start again when the lock file is replaced meanwhile.
const ATTEMPTS: usize = 8;

/// A lock file holds a process number; anything longer is not ours.
const MAX_HOLDER: u64 = 32;

/// An exclusive lock; released on drop, and by the system if the process dies.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    file: File,
}

impl Lock {
    /// Of a file that is locked.
    pub(crate) fn new(path: PathBuf, file: File) -> Self {
        Self { path, file }
    }

    /// The lock file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Lock {
    /// Closing alone would not do at once: a child process that another thread
    /// is just starting has the file open, too, until it runs its program.
    fn drop(&mut self) {
        // Should it fail, closing releases the lock a moment later.
        let _ = self.file.unlock();
    }
}

impl Dir {
    /// Takes the lock `name`, or returns `None` when somebody holds it, be it
    /// this process.
    ///
    /// The lock file is made if need be, and stays. The number of this process
    /// is written into it for [`Dir::lock_holder`]; failing to write that
    /// (the disk is full) does not lose the lock.
    pub fn lock(&self, name: &str) -> Result<Option<Lock>, Error> {
        name::check_final(self.path(), name)?;
        let path = self.path().join(name);
        for _ in 0..ATTEMPTS {
            let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
            let mut opened = self.open_regular(name, flags)?;
            if opened.is_none() {
                step(Operation::Create, &path)?;
                opened = self.open_regular(name, flags | OFlags::CREATE)?;
            }
            let Some((file, stat)) = opened else {
                continue;
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(reason)) => {
                    return Err(Error::new(Operation::Lock, &path, reason));
                }
            }
            // A lock on a file that was removed meanwhile keeps nobody out.
            let now = self.stat(Path::new(name))?;
            if now.is_some_and(|now| same_file(&now, &stat)) {
                let _ = write_holder(&file, &path);
                return Ok(Some(Lock { path, file }));
            }
        }
        Err(Error::Replaced { path })
    }

    /// The number of the process that took the lock last, if it is known.
    ///
    /// It holds the lock only if [`Dir::lock`] has just returned `None`.
    #[must_use]
    pub fn lock_holder(&self, name: &str) -> Option<String> {
        let bytes = self.read(name, MAX_HOLDER).ok()??;
        let text = String::from_utf8(bytes).ok()?;
        let holder = text.trim_end();
        let is_number = !holder.is_empty() && holder.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| holder.to_owned())
    }
}

fn write_holder(mut file: &File, path: &Path) -> io::Result<()> {
    let text = format!("{}\n", std::process::id());
    gate(Operation::Truncate, path, 0)?;
    file.set_len(0)?;
    gate(Operation::Write, path, text.len())?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_released_though_a_child_has_the_file_open() {
        let temp = tempfile::tempdir().unwrap();
        let dir = Dir::open(temp.path()).unwrap();
        let lock = dir.lock("lock").unwrap().unwrap();
        let inherited = lock.file.try_clone().unwrap();
        assert!(dir.lock("lock").unwrap().is_none());
        drop(lock);
        assert!(dir.lock("lock").unwrap().is_some());
        drop(inherited);
    }
}
