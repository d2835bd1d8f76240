//! Replacing a file: write beside, sync, rename, sync the directory.
//!
//! A temporary file that is not published is removed on drop, unless the
//! process dies first; [`Dir::remove_leftovers`] is for those. Of a file that it
//! replaces it keeps the permission bits only; owner and label are those of a file
//! that the caller names ([`Dir::create_like`]), or those of a new file.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, Stat};
use rustix::io::{Errno, retry_on_intr};

use crate::dir::same_file;
use crate::step::{gate, step};
use crate::writeback::Writeback;
use crate::{Attributes, Dir, Error, Kind, Operation};

/// Bytes collected before they are written.
const BUFFER: usize = 128 * 1024;

impl Dir {
    /// Starts to write a file that will get the name `final_name` when it is
    /// committed.
    ///
    /// It is written beside as [`Dir::temp_prefix`] and the final name; a leftover
    /// of that name is replaced, so only one writer at a time may work on a
    /// name: hold a [`Lock`](crate::Lock). A writer that loses its temporary
    /// file to another one gets [`Error::Replaced`] instead of publishing the
    /// other's bytes.
    pub fn create_new(&self, final_name: &str) -> Result<Pending, Error> {
        self.begin(final_name, None)
    }

    /// As [`Dir::create_new`] for a file that gets the permission bits of another one,
    /// umask or not, and its owner and SELinux label as far as this process may set
    /// them. What a file of the final name has does not count.
    pub fn create_like(&self, final_name: &str, attributes: &Attributes) -> Result<Pending, Error> {
        self.begin(final_name, Some(attributes.clone()))
    }

    fn begin(&self, final_name: &str, like: Option<Attributes>) -> Result<Pending, Error> {
        self.check_final_name(final_name)?;
        let temp_name = format!("{}{final_name}", self.temp_prefix());
        let path = self.path().join(&temp_name);
        let fail = |reason| Error::new(Operation::Create, &path, reason);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        // Nobody is to read what the finished file does not let them read.
        let mode = Mode::from_raw_mode(if like.is_some() { 0o600 } else { 0o666 });
        let open = || retry_on_intr(|| rustix::fs::openat(self.handle(), &temp_name, flags, mode));
        step(Operation::Create, &path)?;
        let handle = match open() {
            Err(Errno::EXIST) => {
                self.remove(&temp_name)?;
                open()
            }
            other => other,
        };
        let file = File::from(handle.map_err(fail)?);
        let stat = rustix::fs::fstat(&file).map_err(fail)?;
        Ok(Pending {
            temp: Temp {
                dir: self.clone(),
                name: temp_name,
                final_name: final_name.to_owned(),
                path,
                stat,
                done: false,
            },
            like,
            file,
            buffer: Vec::new(),
            writeback: Writeback::default(),
            failed: false,
        })
    }

    /// Replaces the file `name` by one with these bytes.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let mut pending = self.create_new(name)?;
        pending.put(bytes)?;
        pending.commit()
    }

    /// As [`Dir::write`] for a file that is created [like](Dir::create_like) another one.
    pub fn write_like(&self, name: &str, bytes: &[u8], attributes: &Attributes) -> Result<(), Error> {
        let mut pending = self.create_like(name, attributes)?;
        pending.put(bytes)?;
        pending.commit()
    }
}

/// A file being written beside its final name; removed on drop.
///
/// Writes are buffered. Errors of its [`Write`] implementation carry an
/// [`Error`] with the path: see [`Error::from_io`]. After a failed write it
/// cannot be committed.
#[derive(Debug)]
pub struct Pending {
    temp: Temp,
    /// Whose attributes it gets, if not those of the file that it replaces.
    like: Option<Attributes>,
    file: File,
    buffer: Vec<u8>,
    writeback: Writeback,
    failed: bool,
}

impl Pending {
    /// Where the bytes go until they are committed.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.temp.path.clone()
    }

    /// Completes the file and puts it under its final name, for good.
    ///
    /// Unless it was [created like](Dir::create_like) another one, a file that is
    /// replaced passes on its permission bits; a new one gets 0666 less the umask. A
    /// symlink of the final name is itself replaced.
    pub fn commit(self) -> Result<(), Error> {
        self.seal()?.publish()
    }

    /// Hands all bytes to the system, and the file over as it is.
    pub(crate) fn into_temp(mut self) -> Result<Temp, Error> {
        self.complete()?;
        Ok(self.temp)
    }

    fn complete(&mut self) -> Result<(), Error> {
        if self.failed {
            return Err(Error::Incomplete { path: self.path() });
        }
        self.flush_buffer()
    }

    /// Completes the file on disk without giving it its final name yet.
    pub fn seal(mut self) -> Result<Sealed, Error> {
        self.complete()?;
        match &self.like {
            Some(attributes) => attributes.give_as_allowed(&self.file, &self.temp.path)?,
            None => self.keep_mode()?,
        }
        step(Operation::Sync, &self.temp.path)?;
        let synced = self.writeback.finish().and_then(|()| self.file.sync_all());
        synced.map_err(|reason| Error::new(Operation::Sync, &self.temp.path, reason))?;
        Ok(Sealed { temp: self.temp })
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() >= BUFFER {
            self.flush_buffer()?;
            return self.write_through(bytes);
        }
        if self.buffer.len() + bytes.len() > BUFFER {
            self.flush_buffer()?;
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn flush_buffer(&mut self) -> Result<(), Error> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let result = self.write_through(&buffer);
        buffer.clear();
        self.buffer = buffer;
        result
    }

    fn write_through(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.is_empty() {
            return Ok(());
        }
        let result = match gate(Operation::Write, &self.temp.path, bytes.len()) {
            Ok(()) => self.file.write_all(bytes).inspect(|()| self.writeback.wrote(&self.file, bytes.len())),
            Err(refusal) => {
                self.file.write_all(bytes.get(..refusal.torn).unwrap_or_default()).and(Err(refusal.reason))
            }
        };
        result.map_err(|reason| {
            self.failed = true;
            Error::new(Operation::Write, &self.temp.path, reason)
        })
    }

    fn keep_mode(&self) -> Result<(), Error> {
        let temp = &self.temp;
        let Some(old) = temp.dir.stat(Path::new(&temp.final_name))? else {
            return Ok(());
        };
        let (old_mode, new_mode) =
            (Mode::from_raw_mode(old.st_mode & 0o777), Mode::from_raw_mode(temp.stat.st_mode & 0o777));
        if Kind::of(&old) != Kind::File || old_mode == new_mode {
            return Ok(());
        }
        step(Operation::SetMode, &temp.path)?;
        rustix::fs::fchmod(&self.file, old_mode)
            .map_err(|reason| Error::new(Operation::SetMode, &temp.path, reason))
    }
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put(bytes).map_err(Error::into_io)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flush_buffer().map_err(Error::into_io)
    }
}

/// A file that is complete on disk beside its final name; removed on drop.
#[derive(Debug)]
pub struct Sealed {
    temp: Temp,
}

impl Sealed {
    /// Where the bytes are until they are published.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.temp.path.clone()
    }

    /// Opens it for reading, from the start.
    ///
    /// A file that somebody put in its place is refused with
    /// [`Error::Replaced`].
    pub fn open(&self) -> Result<File, Error> {
        self.temp.open()
    }

    /// As [`Sealed::publish`], under a name that was not known when the file
    /// was begun: one that says what it holds.
    pub fn publish_as(mut self, final_name: &str) -> Result<(), Error> {
        self.temp.dir.check_final_name(final_name)?;
        final_name.clone_into(&mut self.temp.final_name);
        self.publish()
    }

    /// Renames the file over its final name and syncs the directory.
    ///
    /// When only the last sync fails, the new file is in place already.
    pub fn publish(mut self) -> Result<(), Error> {
        let temp = &mut self.temp;
        if !temp.is_ours()? {
            temp.done = true;
            return Err(Error::Replaced { path: temp.path.clone() });
        }
        let to = temp.dir.path().join(&temp.final_name);
        let from = temp.path.clone();
        let result = gate(Operation::Rename, &to, 0).map_err(io::Error::from).and_then(|()| {
            let dir = temp.dir.handle();
            Ok(rustix::fs::renameat(dir, &temp.name, dir, &temp.final_name)?)
        });
        result.map_err(|reason| Error::Rename { from, to, reason })?;
        temp.done = true;
        temp.dir.sync()
    }
}

/// The temporary file's name, for as long as it is to be cleaned up.
#[derive(Debug)]
pub(crate) struct Temp {
    dir: Dir,
    name: String,
    final_name: String,
    pub(crate) path: PathBuf,
    stat: Stat,
    done: bool,
}

impl Temp {
    /// Whether the name still stands for the file that was opened.
    fn is_ours(&self) -> Result<bool, Error> {
        let now = self.dir.stat(Path::new(&self.name))?;
        Ok(now.is_some_and(|now| self.is(&now)))
    }

    /// Opens the file again, for reading.
    pub(crate) fn open(&self) -> Result<File, Error> {
        let replaced = || Error::Replaced { path: self.path.clone() };
        let file = self.dir.open_file(&self.name)?.ok_or_else(replaced)?;
        let stat =
            rustix::fs::fstat(&file).map_err(|reason| Error::new(Operation::Inspect, &self.path, reason))?;
        if self.is(&stat) { Ok(file) } else { Err(replaced()) }
    }

    /// Whether this is the file that was opened.
    fn is(&self, stat: &Stat) -> bool {
        same_file(stat, &self.stat)
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        if !self.done && self.is_ours().unwrap_or(false) {
            // Nothing better can be done: the next run removes leftovers.
            let _ = self.dir.remove(&self.name);
        }
    }
}
