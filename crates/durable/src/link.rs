//! A second name for a file: by a hard link, or by a copy where there are none;
//! and another place for one.
//!
//! The directory that gains the name is not synced: whoever links many files
//! syncs once. Nothing is ever linked or moved over an existing name, as far as
//! nobody else works in the directory.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use rustix::fs::AtFlags;
use rustix::io::Errno;

use crate::step::{gate, step};
use crate::{Dir, Error, Kind, Operation, Pending};

/// Bytes copied at a time.
const BLOCK: usize = 128 * 1024;

impl Dir {
    /// Gives the regular file `name` of the directory `from` the name
    /// `new_name` in this one, too; `false` when there is no such file.
    ///
    /// It is linked where the file system can do that, and otherwise copied, with
    /// the permission bits, the owner and the label as far as this process may set
    /// them, and synced. A symlink, directory or special file is refused with
    /// [`Error::WrongKind`]. Call [`Dir::sync`] when the new name must last.
    pub fn link_from(&self, from: &Self, name: &str, new_name: &str) -> Result<bool, Error> {
        // Only asked of what it is: a file need not be readable to be linked.
        if from.len(name)?.is_none() {
            return Ok(false);
        }
        self.check_final_name(new_name)?;
        let path = self.path().join(new_name);
        let linked = gate(Operation::Link, &path, 0).map_err(io::Error::from).and_then(|()| {
            Ok(rustix::fs::linkat(from.handle(), name, self.handle(), new_name, AtFlags::empty())?)
        });
        match linked {
            Ok(()) => self.only_file(new_name),
            Err(reason) if cannot_link(&reason) => {
                let (Some(file), Some(attributes)) = (from.open_file(name)?, from.attributes_of(name)?)
                else {
                    return Ok(false);
                };
                copy(file, &from.path().join(name), self.create_like(new_name, &attributes)?)?;
                Ok(true)
            }
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(reason) => Err(Error::new(Operation::Link, &path, reason)),
        }
    }

    /// Copies the regular file `name` of the directory `from` here, under the same name,
    /// with its permission bits, owner and label as far as this process may set them, and
    /// synced; `false` when there is no such file.
    ///
    /// A name that is taken is an error. Call [`Dir::sync`] when the new name must last.
    pub fn copy_from(&self, from: &Self, name: &str) -> Result<bool, Error> {
        self.check_final_name(name)?;
        let (Some(file), Some(attributes)) = (from.open_file(name)?, from.attributes_of(name)?) else {
            return Ok(false);
        };
        if self.len(name)?.is_some() {
            let taken = io::Error::from(io::ErrorKind::AlreadyExists);
            return Err(Error::new(Operation::Create, &self.path().join(name), taken));
        }
        copy(file, &from.path().join(name), self.create_like(name, &attributes)?)?;
        Ok(true)
    }

    /// Moves the regular file `name` of the directory `from` here, as
    /// `new_name`; `false` when there is no such file.
    ///
    /// Both directories must be on one file system. A name that is taken is an
    /// error. Call [`Dir::sync`] when the new name must last.
    pub fn move_from(&self, from: &Self, name: &str, new_name: &str) -> Result<bool, Error> {
        self.check_final_name(new_name)?;
        let to = self.path().join(new_name);
        if from.len(name)?.is_none() {
            return Ok(false);
        }
        if self.stat(Path::new(new_name))?.is_some() {
            return Err(Error::new(Operation::Rename, &to, Errno::EXIST));
        }
        step(Operation::Rename, &to)?;
        match rustix::fs::renameat(from.handle(), name, self.handle(), new_name) {
            Ok(()) => self.only_file(new_name),
            Err(Errno::NOENT) => Ok(false),
            Err(reason) => Err(Error::Rename { from: from.path().join(name), to, reason: reason.into() }),
        }
    }

    /// A link to something else than a regular file, put there since it was
    /// opened, is taken back.
    fn only_file(&self, name: &str) -> Result<bool, Error> {
        let found = self.stat(Path::new(name))?.map(|stat| Kind::of(&stat));
        match found {
            Some(Kind::File) => Ok(true),
            None => Ok(false),
            Some(found) => {
                self.remove(name)?;
                Err(Error::WrongKind { path: self.path().join(name), expected: Kind::File, found })
            }
        }
    }
}

/// No hard links here, too many of this file, another file system or what counts as
/// that, or somebody else's file.
fn cannot_link(reason: &io::Error) -> bool {
    let errno = reason.raw_os_error().map(Errno::from_raw_os_error);
    matches!(
        errno,
        Some(Errno::PERM | Errno::NOTSUP | Errno::NOSYS | Errno::MLINK | Errno::XDEV | Errno::ACCESS)
    )
}

fn copy(mut file: File, path: &Path, mut pending: Pending) -> Result<(), Error> {
    let mut block = vec![0; BLOCK];
    loop {
        let read = match file.read(&mut block) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(reason) => return Err(Error::new(Operation::Read, path, reason)),
        };
        let bytes = block.get(..read).unwrap_or_default();
        pending.write_all(bytes).map_err(|error| Error::from_io(error, path))?;
    }
    pending.commit()
}
