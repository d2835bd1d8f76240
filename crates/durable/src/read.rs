//! Reading from a directory: regular files only, no symlinks, sizes capped.
//!
//! A FIFO or a device in the place of a file is refused and never waited for.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rustix::fs::{Mode, OFlags, Stat};
use rustix::io::{Errno, retry_on_intr};

use crate::dir::same_file;
use crate::step::step;
use crate::{Dir, Error, Kind, Operation};

/// One entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The size of a regular file in bytes; 0 for anything else.
    pub len: u64,
}

impl Dir {
    /// Opens a regular file for reading; `None` when absent.
    ///
    /// A symlink, directory, FIFO or device is refused with
    /// [`Error::WrongKind`], without waiting for a writer.
    pub fn open_file(&self, name: &str) -> Result<Option<File>, Error> {
        self.check_name(name)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let opened = self.open_regular(name, flags)?;
        Ok(opened.map(|(file, _)| file))
    }

    /// Opens a regular file to be read and changed in place, as others do who lock it, and
    /// makes it where there is none and `create` says so, readable by all; `None` when
    /// absent. What is written to it is not made durable: files that have to be whole are
    /// replaced ([`Pending`](crate::Pending)).
    pub fn open_shared(&self, name: &str, create: bool) -> Result<Option<File>, Error> {
        self.check_name(name)?;
        let mut flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        if create {
            step(Operation::Create, &self.path().join(name))?;
            flags |= OFlags::CREATE;
        }
        Ok(self.open_regular(name, flags)?.map(|(file, _)| file))
    }

    /// Whether `name` stands for the file that was opened as `file`.
    pub fn is_same(&self, name: &str, file: &File) -> Result<bool, Error> {
        let path = self.path().join(name);
        let opened =
            rustix::fs::fstat(file).map_err(|reason| Error::new(Operation::Inspect, &path, reason))?;
        Ok(self.stat(Path::new(name))?.is_some_and(|now| same_file(&now, &opened)))
    }

    /// Opens `name` with `flags` and makes sure that it is a regular file.
    pub(crate) fn open_regular(&self, name: &str, flags: OFlags) -> Result<Option<(File, Stat)>, Error> {
        self.open_or_create(name, flags, 0o666)
    }

    /// As [`Dir::open_regular`]; with `CREATE` among the flags it is made with `mode`
    /// less the umask.
    pub(crate) fn open_or_create(
        &self,
        name: &str,
        flags: OFlags,
        mode: u32,
    ) -> Result<Option<(File, Stat)>, Error> {
        let path = self.path().join(name);
        let mode = Mode::from_raw_mode(mode);
        let flags = flags | OFlags::CLOEXEC;
        let file = match retry_on_intr(|| rustix::fs::openat(self.handle(), name, flags, mode)) {
            Ok(handle) => File::from(handle),
            Err(Errno::NOENT) => return Ok(None),
            Err(reason) => return Err(self.explain(Path::new(name), Kind::File, reason)),
        };
        let stat =
            rustix::fs::fstat(&file).map_err(|reason| Error::new(Operation::Inspect, &path, reason))?;
        expect_file(&path, &stat)?;
        Ok(Some((file, stat)))
    }

    /// Reads a whole regular file of at most `max` bytes; `None` when absent.
    ///
    /// A longer file gives [`Error::TooLarge`] with both numbers.
    pub fn read(&self, name: &str, max: u64) -> Result<Option<Vec<u8>>, Error> {
        let Some(file) = self.open_file(name)? else {
            return Ok(None);
        };
        let path = self.path().join(name);
        let fail = |reason| Error::new(Operation::Read, &path, reason);
        let too_large = |found| Error::TooLarge { path: path.clone(), found, limit: max };
        let len = file.metadata().map_err(fail)?.len();
        if len > max {
            return Err(too_large(len));
        }
        let mut bytes = Vec::new();
        // The file may grow while it is read.
        file.take(max.saturating_add(1)).read_to_end(&mut bytes).map_err(fail)?;
        if bytes.len() as u64 > max {
            return Err(too_large(bytes.len() as u64));
        }
        Ok(Some(bytes))
    }

    /// The size of a regular file in bytes; `None` when absent.
    pub fn len(&self, name: &str) -> Result<Option<u64>, Error> {
        self.check_name(name)?;
        let Some(stat) = self.stat(Path::new(name))? else {
            return Ok(None);
        };
        expect_file(&self.path().join(name), &stat)?;
        Ok(Some(len_of(&stat)))
    }

    /// What is in the directory, sorted by name.
    ///
    /// Names that are not UTF-8 are left out: nothing that this crate writes
    /// and nothing that metadata can name is called so. An entry that vanishes
    /// while the directory is listed is left out as well.
    pub fn entries(&self) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::new();
        for raw in self.raw_names()? {
            let Ok(name) = raw.into_string() else {
                continue;
            };
            let Some(stat) = self.stat(Path::new(&name))? else {
                continue;
            };
            let kind = Kind::of(&stat);
            let len = if kind == Kind::File { len_of(&stat) } else { 0 };
            entries.push(Entry { name, kind, len });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// All names but `.` and `..`, in no particular order.
    pub(crate) fn raw_names(&self) -> Result<Vec<std::ffi::OsString>, Error> {
        use std::os::unix::ffi::OsStringExt as _;

        let fail = |reason| Error::new(Operation::List, self.path(), reason);
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(self.handle()).map_err(fail)? {
            let name = entry.map_err(fail)?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(std::ffi::OsString::from_vec(name));
            }
        }
        Ok(names)
    }
}

fn expect_file(path: &Path, stat: &Stat) -> Result<(), Error> {
    match Kind::of(stat) {
        Kind::File => Ok(()),
        found => Err(Error::WrongKind { path: path.to_path_buf(), expected: Kind::File, found }),
    }
}

fn len_of(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}
