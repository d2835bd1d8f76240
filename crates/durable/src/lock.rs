//! Exclusive locks on lock files, given up when the process ends.
//!
//! Advisory: only those who ask are kept out. Whoever may read a file may lock it, so
//! lock files are readable for their owner only. It never waits, and never removes
//! the lock file, because somebody else may be opening it.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, Stat};

use crate::dir::same_file;
use crate::step::{gate, step};
use crate::{Dir, Error, Holder, Operation};

/// How often to start again when the lock file is replaced meanwhile.
const ATTEMPTS: usize = 8;

/// A lock file holds the number of a process and the name of its program; anything
/// longer is not ours.
const MAX_HOLDER: u64 = 100;

/// Longest name of a program that is written into a lock file, in bytes.
const MAX_PROGRAM: usize = 64;

/// What a lock file lets others do: nothing.
const MODE: u32 = 0o600;

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
    /// The lock file is made if need be, and stays; its mode is 0600, and is set to
    /// that where it is wider and this process may. The number of this process
    /// and the name of its program are written into it for [`Dir::lock_holder`];
    /// failing to write that (the disk is full) does not lose the lock.
    pub fn lock(&self, name: &str) -> Result<Option<Lock>, Error> {
        self.check_final_name(name)?;
        let path = self.path().join(name);
        for _ in 0..ATTEMPTS {
            let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
            let mut opened = self.open_regular(name, flags)?;
            if opened.is_none() {
                step(Operation::Create, &path)?;
                opened = self.open_or_create(name, flags | OFlags::CREATE, MODE)?;
            }
            let Some((file, stat)) = opened else {
                continue;
            };
            narrow(&file, &stat, &path);
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(reason)) => return Err(Error::from_lock(reason, &path)),
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

    /// The process that took the lock last, if it is known and still runs.
    ///
    /// It holds the lock only if [`Dir::lock`] has just returned `None`.
    #[must_use]
    pub fn lock_holder(&self, name: &str) -> Option<Holder> {
        let bytes = self.read(name, MAX_HOLDER).ok()??;
        let text = String::from_utf8(bytes).ok()?;
        let mut lines = text.lines();
        let number = lines.next().filter(|line| line.bytes().all(|byte| byte.is_ascii_digit()))?;
        let process = Holder::of_process(number.parse().ok()?)?;
        let written = lines.next().filter(|program| is_program(program)).map(str::to_owned);
        let since = self.stat(Path::new(name)).ok()?.and_then(|stat| u64::try_from(stat.st_mtime).ok());
        Some(Holder { program: written.or(process.program), since, ..process })
    }
}

/// Sets the mode where it lets others read or write. Whoever may not do that has no
/// worse lock than before.
fn narrow(file: &File, stat: &Stat, path: &Path) {
    if stat.st_mode & 0o777 & !MODE != 0 && step(Operation::SetMode, path).is_ok() {
        let _ = rustix::fs::fchmod(file, Mode::from_raw_mode(MODE));
    }
}

/// The name of this program, where it can be shown to anybody.
fn own_program() -> Option<String> {
    let path = std::env::current_exe().ok()?;
    let name = path.file_name()?.to_str()?;
    is_program(name).then(|| name.to_owned())
}

fn is_program(name: &str) -> bool {
    (1..=MAX_PROGRAM).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}

fn write_holder(mut file: &File, path: &Path) -> io::Result<()> {
    let program = own_program().map_or(String::new(), |name| format!("{name}\n"));
    let text = format!("{}\n{program}", std::process::id());
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
