//! Replacing a sub-directory that cannot be renamed.
//!
//! A directory that comes from a lower layer of overlayfs (a container image) is one;
//! so is one of another project quota. `rename` answers `EXDEV` for it, its files
//! can be linked or copied, and a new directory beside it can be renamed. So the old
//! one is copied aside, emptied, and the new one renamed over the empty one. In
//! between, readers find no index file; a crash there is mended by
//! [`Dir::recover_child`], because a copy is whole as soon as it has its index file.

use rustix::io::Errno;

use crate::{Dir, Error, Kind, Operation};

/// How deep a tree may be; each level costs open handles.
const MAX_DEPTH: usize = 32;

impl Dir {
    /// Puts `new` in the place of `name`, which cannot be renamed, and leaves a copy of
    /// what was there as `aside`.
    pub(crate) fn replace_unmovable(
        &self,
        new: &str,
        name: &str,
        aside: &str,
        index: &str,
    ) -> Result<(), Error> {
        if let Err(error) = self.copy_child(name, aside, index) {
            // Nothing else has changed.
            let _ = self.remove_child(aside);
            return Err(error);
        }
        let replaced = self.empty_child(name, index).and_then(|()| self.move_child(new, name));
        replaced.inspect_err(|_| {
            // Readers should find the old one rather than nothing.
            let _ = self.recover_child(name, aside, index);
        })
    }

    /// Gives a directory the name `free`: by a rename, or by a copy that is whole as
    /// soon as it has its index file, and that lasts.
    pub(crate) fn move_or_copy_child(&self, name: &str, free: &str, index: &str) -> Result<(), Error> {
        match self.move_child(name, free) {
            Err(error) if error.is_other_device() => {}
            moved => return moved,
        }
        if let Err(error) = self.copy_child(name, free, index) {
            let _ = self.remove_child(free);
            return Err(error);
        }
        self.remove_child(name).map(|_| ())
    }

    /// Makes the directory `copy` with the regular files and directories of `name`:
    /// with second names of the files where there can be some. All of it lasts.
    fn copy_child(&self, name: &str, copy: &str, index: &str) -> Result<(), Error> {
        let from = self.child(name)?.ok_or_else(|| self.absent(name))?;
        self.create_child(copy)?.copy_entries(&from, index, MAX_DEPTH)?;
        self.sync()
    }

    fn copy_entries(&self, from: &Self, index: &str, depth: usize) -> Result<(), Error> {
        if depth == 0 {
            return Err(Error::TooDeep { path: from.path().to_path_buf() });
        }
        self.set_attributes(&from.attributes()?)?;
        let entries = from.entries()?;
        for entry in entries.iter().filter(|entry| entry.name != index) {
            match entry.kind {
                Kind::File => self.link_from(from, &entry.name, &entry.name).map(|_| ())?,
                Kind::Dir => {
                    let child = from.child(&entry.name)?.ok_or_else(|| from.absent(&entry.name))?;
                    self.create_child(&entry.name)?.copy_entries(&child, index, depth - 1)?;
                }
                // Nobody needs a link or a device to recover.
                _ => {}
            }
        }
        self.sync()?;
        if self.link_from(from, index, index)? {
            self.sync()?;
        }
        Ok(())
    }

    /// Removes all that is in a directory, its index file first.
    fn empty_child(&self, name: &str, index: &str) -> Result<(), Error> {
        let child = self.child(name)?.ok_or_else(|| self.absent(name))?;
        if child.remove(index)? {
            child.sync()?;
        }
        child.remove_all()
    }

    pub(crate) fn absent(&self, name: &str) -> Error {
        Error::new(Operation::Open, &self.path().join(name), Errno::NOENT)
    }
}
