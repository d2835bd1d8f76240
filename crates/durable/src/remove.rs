//! Removing files, leftovers and whole sub-directories.
//!
//! Removals are not synced one by one: call [`Dir::sync`] when they must last.
//! A symlink is removed itself, never what it leads to.

use std::path::Path;

use rustix::fs::AtFlags;
use rustix::io::Errno;

use crate::step::step;
use crate::{Dir, Error, Kind, Operation};

/// How deep a tree may be; each level costs an open handle.
const MAX_DEPTH: usize = 32;

impl Dir {
    /// Removes a file (or a symlink itself); `false` when there is none.
    ///
    /// A directory is an error: see [`Dir::remove_child`].
    pub fn remove(&self, name: &str) -> Result<bool, Error> {
        self.check_name(name)?;
        match self.stat(Path::new(name))? {
            None => Ok(false),
            Some(stat) if Kind::of(&stat) == Kind::Dir => {
                Err(Error::WrongKind { path: self.path().join(name), expected: Kind::File, found: Kind::Dir })
            }
            Some(_) => self.unlink(Path::new(name), AtFlags::empty()),
        }
    }

    /// Removes a sub-directory and all that is in it; `false` when there is
    /// none.
    ///
    /// A symlink or a file of that name is refused. Interrupted, it leaves the
    /// rest of the tree.
    pub fn remove_child(&self, name: &str) -> Result<bool, Error> {
        self.check_name(name)?;
        self.remove_tree(Path::new(name), MAX_DEPTH)
    }

    /// Removes a file, a pipe or a symlink itself; `false` when there is none, or a directory.
    pub fn remove_unless_dir(&self, name: &str) -> Result<bool, Error> {
        self.check_name(name)?;
        match self.stat(Path::new(name))? {
            Some(stat) if Kind::of(&stat) != Kind::Dir => self.unlink(Path::new(name), AtFlags::empty()),
            _ => Ok(false),
        }
    }

    fn remove_tree(&self, name: &Path, depth: usize) -> Result<bool, Error> {
        let Some(child) = self.child_of(name)? else {
            return Ok(false);
        };
        if depth == 0 {
            return Err(Error::TooDeep { path: child.path().to_path_buf() });
        }
        child.remove_entries(depth)?;
        drop(child);
        self.unlink(name, AtFlags::REMOVEDIR)
    }

    /// Removes all that is in this directory. Interrupted, it leaves the rest.
    pub(crate) fn remove_all(&self) -> Result<(), Error> {
        self.remove_entries(MAX_DEPTH)
    }

    fn remove_entries(&self, depth: usize) -> Result<(), Error> {
        let mut names = self.raw_names()?;
        names.sort();
        for name in names {
            let name = Path::new(&name);
            match self.stat(name)? {
                None => {}
                Some(stat) if Kind::of(&stat) == Kind::Dir => {
                    self.remove_tree(name, depth - 1)?;
                }
                Some(_) => {
                    self.unlink(name, AtFlags::empty())?;
                }
            }
        }
        Ok(())
    }

    /// Removes temporary files that an interrupted run left in this directory,
    /// and returns their names, sorted.
    ///
    /// Only regular files whose names begin with [`Dir::temp_prefix`] are touched.
    /// Call it under the lock that the writers hold: the temporary file of a
    /// live writer looks the same.
    pub fn remove_leftovers(&self) -> Result<Vec<String>, Error> {
        let mut removed = Vec::new();
        let mut names = self.raw_names()?;
        names.retain(|name| name.as_encoded_bytes().starts_with(self.temp_prefix().as_bytes()));
        names.sort();
        for name in names {
            let stat = self.stat(Path::new(&name))?;
            if stat.is_some_and(|stat| Kind::of(&stat) == Kind::File)
                && self.unlink(Path::new(&name), AtFlags::empty())?
            {
                removed.push(name.to_string_lossy().into_owned());
            }
        }
        Ok(removed)
    }

    fn unlink(&self, name: &Path, flags: AtFlags) -> Result<bool, Error> {
        let path = self.path().join(name);
        step(Operation::Remove, &path)?;
        match rustix::fs::unlinkat(self.handle(), name, flags) {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(reason) => Err(Error::new(Operation::Remove, &path, reason)),
        }
    }
}
