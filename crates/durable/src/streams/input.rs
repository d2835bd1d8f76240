//! A file that a person names for reading, from any place in it and more than once.
//!
//! What cannot be read like that (a pipe, a terminal, a device) is copied to a scratch
//! file first, to its end. A file that is replaced meanwhile is still the one that was
//! opened.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::retry_on_intr;

use super::output::{STANDARD, is_descriptor, scratch};
use crate::{Error, Kind, Operation};

/// An open file; cloning shares it.
#[derive(Clone, Debug)]
pub struct Input {
    path: PathBuf,
    file: Arc<File>,
}

/// Reads an [`Input`] from its start; each reader has a place of its own.
#[derive(Debug)]
pub struct InputReader {
    file: Arc<File>,
    at: u64,
}

impl Input {
    /// Opens `path`, symlinks followed; `-` is standard input.
    ///
    /// # Errors
    /// When it is a directory, cannot be read, or is too long to be copied: a copy takes
    /// a quarter of what is free in the temporary directory, and no more.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let fail = |operation, reason: io::Error| Error::new(operation, path, reason);
        let standard = io::stdin();
        let is_standard = path == Path::new(STANDARD)
            || rustix::fs::stat(path).is_ok_and(|stat| is_descriptor(&stat, standard.as_fd()));
        let file: File = if is_standard {
            standard.as_fd().try_clone_to_owned().map_err(|reason| fail(Operation::Open, reason))?.into()
        } else {
            let flags = OFlags::RDONLY | OFlags::NOCTTY | OFlags::CLOEXEC;
            let opened = retry_on_intr(|| rustix::fs::openat(CWD, path, flags, Mode::empty()));
            opened.map_err(|reason| fail(Operation::Open, reason.into()))?.into()
        };
        let stat = rustix::fs::fstat(&file).map_err(|reason| fail(Operation::Inspect, reason.into()))?;
        let file = match Kind::of(&stat) {
            // A regular file is read from its start, unless somebody else has begun with it.
            Kind::File if !is_standard || (&file).stream_position().is_ok_and(|at| at == 0) => file,
            found @ Kind::Dir => {
                return Err(Error::WrongKind { path: path.to_owned(), expected: Kind::File, found });
            }
            _ => copy(file, path)?,
        };
        Ok(Self { path: path.to_owned(), file: Arc::new(file) })
    }

    /// The path as it was given, for messages.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it from its start.
    #[must_use]
    pub fn reader(&self) -> InputReader {
        InputReader { file: Arc::clone(&self.file), at: 0 }
    }

    /// Bytes that it has now.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn size(&self) -> Result<u64, Error> {
        let metadata = self.file.metadata();
        Ok(metadata.map_err(|reason| Error::new(Operation::Inspect, &self.path, reason))?.len())
    }
}

/// A scratch file with all that is still to be read.
fn copy(mut from: File, path: &Path) -> Result<File, Error> {
    let (dir, name) = scratch()?;
    let mut room = dir.room(&name, dir.spare_bytes()?)?;
    let mut block = vec![0; 128 * 1024];
    loop {
        let read = match from.read(&mut block) {
            Ok(0) => return Ok(room.file),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(reason) => return Err(Error::new(Operation::Read, path, reason)),
        };
        let bytes = block.get(..read).unwrap_or_default();
        io::Write::write_all(&mut room, bytes)
            .map_err(|reason| Error::new(Operation::Write, dir.path(), reason))?;
    }
}

impl Read for InputReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for InputReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().checked_add_signed(by),
        };
        self.at = to.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
