//! A private copy of a history, on which a dry run does what a run would do. The
//! original is left without a trace, and messages about the copy name the original.
//!
//! Packs, indexes and steps are only ever replaced by name, never written to, so
//! they are hard links where the file system has these. Files of the history's owner
//! are copied. The copy is not removed here.

use std::path::Path;

use durable::{Dir, Entry, Kind, Lock, Untouched};

use crate::index::INDEX_NAME;
use crate::store::{self, FORMAT_NAME, LOCK_NAME, TEMP_PREFIX};
use crate::{Error, History, aside, pack, steps};

/// Largest file of the owner that is copied; larger ones are linked.
const MAX_COPIED: u64 = 64 << 20;

impl History {
    /// What [`open`](Self::open) of `path` would give, on a private copy in the empty
    /// directory `scratch`; `path` is left without a trace, and nothing is made there
    /// if it is not a history yet. Errors, damage and paths are those of `path`.
    ///
    /// The lock of `path` is held until the result is dropped, so that nothing
    /// changes meanwhile. The copy is of use until `scratch` is removed, which the
    /// caller does, and cheap where both are on one file system.
    ///
    /// # Errors
    /// Those of [`open`](Self::open), as far as they can be known without writing, and
    /// those of writing to `scratch`.
    pub fn open_copy(path: &Path, scratch: &Path) -> Result<Self, Error> {
        let copy = Dir::open_as(scratch, path).map_err(Error::File)?.with_temp_prefix(TEMP_PREFIX);
        let mut source_lock = None;
        if Dir::check_create(path).map_err(Error::File)? {
            let source = Dir::open(path).map_err(Error::File)?.with_temp_prefix(TEMP_PREFIX);
            store::check(&source)?;
            store::check_changeable(&source)?;
            match source.lock_untouched(LOCK_NAME).map_err(Error::File)? {
                Untouched::Locked(lock) => source_lock = Some(lock),
                Untouched::Taken => return Err(store::locked(&source)),
                Untouched::Absent => {}
            }
            if store::check(&source)? {
                copy_all(&source, &copy)?;
            }
        }
        let lock = match source_lock {
            Some(lock) => lock,
            None => own_lock(&copy)?,
        };
        Self::of_locked(copy, lock)
    }
}

/// A lock of the copy itself, where the original has none.
fn own_lock(copy: &Dir) -> Result<Lock, Error> {
    copy.lock(LOCK_NAME).map_err(Error::File)?.ok_or_else(|| store::locked(copy))
}

fn copy_all(source: &Dir, copy: &Dir) -> Result<(), Error> {
    for entry in source.entries().map_err(Error::File)? {
        match entry.kind {
            Kind::File if entry.name == FORMAT_NAME => copy_file(source, copy, &entry)?,
            _ if store::is_owners(&entry.name) => copy_file(source, copy, &entry)?,
            Kind::Dir if store::is_type(&entry.name) => {
                if let Some(track) = source.child(&entry.name).map_err(Error::File)? {
                    copy_track(&track, &copy.create_child(&entry.name).map_err(Error::File)?)?;
                }
            }
            Kind::Dir if entry.name == steps::DIRECTORY => copy_steps(source, copy)?,
            // In the place of a track, and in its way on the original, too.
            Kind::File if store::is_type(&entry.name) => {
                copy.write(&entry.name, b"").map_err(Error::File)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Copies a file that its owner may not replace by name.
fn copy_file(source: &Dir, copy: &Dir, entry: &Entry) -> Result<(), Error> {
    if entry.len > MAX_COPIED {
        return link(source, copy, &entry.name);
    }
    match source.read(&entry.name, MAX_COPIED).map_err(Error::File)? {
        Some(bytes) => copy.write(&entry.name, &bytes).map_err(Error::File),
        None => Ok(()),
    }
}

fn copy_track(source: &Dir, copy: &Dir) -> Result<(), Error> {
    for entry in source.entries().map_err(Error::File)? {
        let name = entry.name.as_str();
        if name == INDEX_NAME || pack::number(name).is_some() || aside::is_aside(name) {
            link(source, copy, name)?;
        }
    }
    Ok(())
}

fn copy_steps(source: &Dir, copy: &Dir) -> Result<(), Error> {
    let Some(from) = source.child(steps::DIRECTORY).map_err(Error::File)? else { return Ok(()) };
    let to = copy.create_child(steps::DIRECTORY).map_err(Error::File)?;
    steps::names(&from)?.iter().try_for_each(|name| link(&from, &to, name))
}

fn link(source: &Dir, copy: &Dir, name: &str) -> Result<(), Error> {
    copy.link_from(source, name, name).map_err(Error::File)?;
    Ok(())
}
