//! An open directory: finding, making and identifying directories.
//!
//! The path is kept for messages only; every operation goes through the handle.
//! Reading, replacing, removing and locking files are in modules of their own.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, Stat};
use rustix::io::{Errno, retry_on_intr};

use crate::step::{gate, step};
use crate::{Error, Kind, Operation};

const FLAGS: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// An open directory handle, and a path for messages: that under which it was opened.
///
/// Cloning is cheap and shares the handle. All names given to the methods are
/// single path components; others are refused with [`Error::BadName`].
#[derive(Clone, Debug)]
pub struct Dir {
    opened: Arc<(File, PathBuf)>,
    temp_prefix: &'static str,
}

impl Dir {
    /// How the names of temporary files begin where nothing else is said.
    pub const DEFAULT_TEMP_PREFIX: &'static str = ".durable.new.";

    /// Opens an existing directory; symlinks in `path` itself are followed.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::open_as(path, path)
    }

    /// Opens an existing directory and calls it `shown` in messages: for a private
    /// copy, of which the same is said as of its original.
    pub fn open_as(path: &Path, shown: &Path) -> Result<Self, Error> {
        let opened = Self::open_at(path, shown);
        opened.map_err(|reason| Error::new(Operation::Open, shown, reason))
    }

    fn open_at(path: &Path, shown: &Path) -> Result<Self, Errno> {
        let handle = retry_on_intr(|| rustix::fs::openat(CWD, path, FLAGS, Mode::empty()))?;
        let opened = Arc::new((handle.into(), shown.to_path_buf()));
        Ok(Self { opened, temp_prefix: Self::DEFAULT_TEMP_PREFIX })
    }

    /// Lets the names of temporary files begin with `prefix`, in this directory and in those
    /// below that are opened through it. All who write to a directory, and who call
    /// [`Dir::remove_leftovers`], must agree on it.
    #[must_use]
    pub fn with_temp_prefix(mut self, prefix: &'static str) -> Self {
        self.temp_prefix = prefix;
        self
    }

    /// How the names of temporary files begin; the final name follows.
    #[must_use]
    pub fn temp_prefix(&self) -> &'static str {
        self.temp_prefix
    }

    /// Opens a directory; if it does not exist it is made, with its parents,
    /// and the directories that gained an entry are synced.
    ///
    /// A directory that exists already is not synced.
    pub fn create(path: &Path) -> Result<Self, Error> {
        match Self::open_at(path, path) {
            Ok(dir) => return Ok(dir),
            Err(Errno::NOENT) => {}
            Err(reason) => return Err(Error::new(Operation::Open, path, reason)),
        }
        let Some(name) = path.file_name() else {
            return Err(Error::new(Operation::MakeDir, path, Errno::NOENT));
        };
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => Self::create(parent)?,
            _ => Self::open(Path::new("."))?,
        };
        parent.make_dir(Path::new(name), path)?;
        Self::open(path)
    }

    /// The path under which the directory was opened, or that was given to
    /// [`Dir::open_as`]: for messages.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.opened.1
    }

    /// Opens a sub-directory; `None` when there is nothing of that name.
    ///
    /// A symlink is refused even if it leads to a directory.
    pub fn child(&self, name: &str) -> Result<Option<Self>, Error> {
        self.check_name(name)?;
        self.child_of(Path::new(name))
    }

    /// [`Dir::child`] for a name that came from the system.
    pub(crate) fn child_of(&self, name: &Path) -> Result<Option<Self>, Error> {
        let path = self.path().join(name);
        let flags = FLAGS.union(OFlags::NOFOLLOW);
        match retry_on_intr(|| rustix::fs::openat(self.handle(), name, flags, Mode::empty())) {
            Ok(handle) => {
                Ok(Some(Self { opened: Arc::new((handle.into(), path)), temp_prefix: self.temp_prefix }))
            }
            Err(Errno::NOENT) => Ok(None),
            Err(reason) => Err(self.explain(name, Kind::Dir, reason)),
        }
    }

    /// Opens a sub-directory, making it first (and syncing this directory) when
    /// it is absent.
    pub fn create_child(&self, name: &str) -> Result<Self, Error> {
        if let Some(dir) = self.child(name)? {
            return Ok(dir);
        }
        let path = self.path().join(name);
        self.make_dir(Path::new(name), &path)?;
        self.child(name)?.ok_or_else(|| Error::new(Operation::Open, &path, Errno::NOENT))
    }

    /// Makes a sub-directory and syncs; another process may be quicker.
    fn make_dir(&self, name: &Path, path: &Path) -> Result<(), Error> {
        step(Operation::MakeDir, path)?;
        match rustix::fs::mkdirat(self.handle(), name, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => self.sync(),
            Err(reason) => Err(Error::new(Operation::MakeDir, path, reason)),
        }
    }

    /// Whether `path`, symlinks followed, still names this very directory.
    ///
    /// `false` when something else, or nothing, is there.
    pub fn is_still_at(&self, path: &Path) -> Result<bool, Error> {
        let here = rustix::fs::fstat(self.handle())
            .map_err(|reason| Error::new(Operation::Inspect, self.path(), reason))?;
        match rustix::fs::stat(path) {
            Ok(there) => Ok(same_file(&here, &there)),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(false),
            Err(reason) => Err(Error::new(Operation::Inspect, path, reason)),
        }
    }

    /// Flushes the directory's entries to the disk, which makes removals last.
    ///
    /// Where the file system cannot sync directories (CIFS, some of FUSE) there is
    /// nothing to be done, and that is no failure.
    pub fn sync(&self) -> Result<(), Error> {
        let synced = gate(Operation::SyncDir, self.path(), 0).map_err(io::Error::from);
        match synced.and_then(|()| self.handle().sync_all()) {
            Err(reason) if !cannot_sync(&reason) => Err(Error::new(Operation::SyncDir, self.path(), reason)),
            _ => Ok(()),
        }
    }

    /// Bytes that this process may still write to the file system.
    ///
    /// # Errors
    /// When the file system does not tell.
    pub(crate) fn free_bytes(&self) -> Result<u64, Error> {
        let told = retry_on_intr(|| rustix::fs::fstatvfs(self.handle()));
        let told = told.map_err(|reason| Error::new(Operation::Inspect, self.path(), reason))?;
        Ok(told.f_bavail.saturating_mul(told.f_frsize))
    }

    pub(crate) fn handle(&self) -> &File {
        &self.opened.0
    }

    /// What a name stands for, a symlink for itself; `None` when absent.
    pub(crate) fn stat(&self, name: &Path) -> Result<Option<Stat>, Error> {
        match rustix::fs::statat(self.handle(), name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(reason) => Err(Error::new(Operation::Inspect, &self.path().join(name), reason)),
        }
    }

    /// The error for a name that could not be opened: that it is something else
    /// than expected, if so, and otherwise the system's reason.
    pub(crate) fn explain(&self, name: &Path, expected: Kind, reason: Errno) -> Error {
        let path = self.path().join(name);
        match self.stat(name) {
            Ok(Some(stat)) if Kind::of(&stat) != expected => {
                Error::WrongKind { path, expected, found: Kind::of(&stat) }
            }
            _ => Error::new(Operation::Open, &path, reason),
        }
    }
}

fn cannot_sync(reason: &io::Error) -> bool {
    let errno = reason.raw_os_error().map(Errno::from_raw_os_error);
    matches!(errno, Some(Errno::INVAL | Errno::NOTSUP | Errno::NOSYS))
}

pub(crate) fn same_file(a: &Stat, b: &Stat) -> bool {
    a.st_dev == b.st_dev && a.st_ino == b.st_ino
}
