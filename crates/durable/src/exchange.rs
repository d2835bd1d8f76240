//! Replacing a whole sub-directory, at one instant where the system can.
//!
//! `renameat2` with `RENAME_EXCHANGE` gives two directories each other's name
//! in one step. Where the file system has no such operation, two renames take
//! its place: between them the name stands for nothing, and a crash there is
//! mended by [`Dir::recover_child`]. A directory that cannot be renamed at all is
//! copied instead (`unmovable.rs`).

use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::RenameFlags;
use rustix::io::Errno;

use crate::step::gate;
use crate::{Dir, Error, Kind, Operation};

/// How [`Dir::replace_child`] replaced a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Replaced {
    /// There was none before: one rename.
    Nothing,
    /// Both exchanged their names at one instant. What was there before has
    /// the name of the new one.
    Exchanged,
    /// By two renames, because the file system cannot exchange, or by a copy and a
    /// rename, because it cannot rename what was there. That, or its copy, has the
    /// name given for it.
    Renamed,
}

impl Dir {
    /// Puts the sub-directory `new` in the place of the sub-directory `name`,
    /// and syncs this directory before and after.
    ///
    /// What was there before is left under the name that [`Replaced`] tells:
    /// `new`, or `aside`, which must be free. The content of `new` must have
    /// been synced. Anything else than a directory is refused. `index` is the file
    /// in them that readers begin with: where a directory has to be copied, it is the
    /// last to come and the first to go.
    ///
    /// When only the last sync fails, the new directory is in place already.
    pub fn replace_child(&self, new: &str, name: &str, aside: &str, index: &str) -> Result<Replaced, Error> {
        self.check_name(aside)?;
        self.check_final_name(index)?;
        self.expect_dir(new)?.ok_or_else(|| self.absent(new))?;
        let before = self.expect_dir(name)?;
        self.sync()?;
        let replaced = if before.is_none() {
            self.move_or_copy_child(new, name, index)?;
            Replaced::Nothing
        } else if self.exchange(new, name)? {
            Replaced::Exchanged
        } else {
            self.replace_by_renames(new, name, aside, index)?;
            Replaced::Renamed
        };
        self.sync()?;
        Ok(replaced)
    }

    fn replace_by_renames(&self, new: &str, name: &str, aside: &str, index: &str) -> Result<(), Error> {
        match self.move_child(name, aside) {
            Err(error) if error.is_other_device() => {
                return self.replace_unmovable(new, name, aside, index);
            }
            moved => moved?,
        }
        self.move_child(new, name).inspect_err(|_| {
            // Readers should find the old one rather than nothing.
            let _ = self.move_child(aside, name);
        })
    }

    /// Puts `aside` back as `name`, if a crash within [`Dir::replace_child`] left
    /// nothing of that name, or a directory without its index file; `true` if so.
    pub fn recover_child(&self, name: &str, aside: &str, index: &str) -> Result<bool, Error> {
        self.check_name(name)?;
        self.check_name(aside)?;
        let Some(kept) = self.expect_dir(aside)?.and(self.child(aside)?) else {
            return Ok(false);
        };
        match self.stat(Path::new(name))?.map(|stat| Kind::of(&stat)) {
            None => {}
            Some(Kind::Dir) => {
                let has = |dir: &Self| Ok(dir.stat(Path::new(index))?.is_some());
                let is_whole = self.child(name)?.map_or(Ok(false), |dir| has(&dir))?;
                if is_whole || !has(&kept)? {
                    return Ok(false);
                }
                self.remove_child(name)?;
            }
            Some(_) => return Ok(false),
        }
        self.move_or_copy_child(aside, name, index)?;
        self.sync()?;
        Ok(true)
    }

    /// Whether there is a directory of this name; an error if it is something
    /// else.
    fn expect_dir(&self, name: &str) -> Result<Option<()>, Error> {
        self.check_name(name)?;
        match self.stat(Path::new(name))?.map(|stat| Kind::of(&stat)) {
            None => Ok(None),
            Some(Kind::Dir) => Ok(Some(())),
            Some(found) => Err(Error::WrongKind { path: self.path().join(name), expected: Kind::Dir, found }),
        }
    }

    fn paths(&self, from: &str, to: &str) -> (PathBuf, PathBuf) {
        (self.path().join(from), self.path().join(to))
    }

    /// `false` where the system or the file system has no exchange, or not of these two.
    fn exchange(&self, new: &str, name: &str) -> Result<bool, Error> {
        let (from, to) = self.paths(new, name);
        let dir = self.handle();
        let result = gate(Operation::Exchange, &to, 0)
            .map_err(io::Error::from)
            .and_then(|()| Ok(rustix::fs::renameat_with(dir, new, dir, name, RenameFlags::EXCHANGE)?));
        match result {
            Ok(()) => Ok(true),
            Err(reason) if cannot_exchange(&reason) => Ok(false),
            Err(reason) => Err(Error::Rename { from, to, reason }),
        }
    }

    /// Renames a directory to a name that is free.
    pub(crate) fn move_child(&self, name: &str, free: &str) -> Result<(), Error> {
        let (from, to) = self.paths(name, free);
        let dir = self.handle();
        let result = gate(Operation::Rename, &to, 0)
            .map_err(io::Error::from)
            .and_then(|()| Ok(rustix::fs::renameat(dir, name, dir, free)?));
        result.map_err(|reason| Error::Rename { from, to, reason })
    }
}

fn cannot_exchange(reason: &io::Error) -> bool {
    let errno = reason.raw_os_error().map(Errno::from_raw_os_error);
    matches!(errno, Some(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::XDEV))
}
