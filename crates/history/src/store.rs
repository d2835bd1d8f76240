//! The directory of a history: what it is, who works on it, which tracks it has.

use std::path::Path;
use std::sync::Arc;

use durable::{Dir, Kind, Lock};

use crate::index::{self, INDEX_NAME};
use crate::{Error, Track, steps, version};

/// The file that says what the directory is.
pub(crate) const FORMAT_NAME: &str = "format";
const FORMAT: &[u8] = b"createrepo-delta history 1\n";
/// What file systems and storage devices put into the top directory of a volume.
const OF_THE_SYSTEM: &[&str] =
    &["lost+found", "aquota.user", "aquota.group", "quota.user", "quota.group", "@eaDir"];
/// How the names of temporary files begin.
pub(crate) const TEMP_PREFIX: &str = ".createrepo-delta.new.";
/// The lock file.
pub(crate) const LOCK_NAME: &str = "lock";

/// One repository's history: a directory, opened for reading or for changes.
#[derive(Debug)]
pub struct History {
    dir: Dir,
    lock: Option<Arc<Lock>>,
    is_new: bool,
}

impl History {
    /// What the file `format` of a history says, without the newline at its end.
    pub const FORMAT: &str = "createrepo-delta history 1";

    /// Opens the history at `path` for changes, making it where there is none,
    /// and locks it until the result and all of its tracks are dropped.
    ///
    /// # Errors
    /// [`Error::Locked`] at once when another process has it; [`Error::Foreign`] or
    /// [`Error::Format`] when the directory is something else; [`Error::Newer`] when
    /// anything in it is of a newer version; [`Error::File`] when this process may not
    /// change all of it. Nothing in the directory is then changed.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let dir = Dir::create(path).map_err(Error::File)?.with_temp_prefix(TEMP_PREFIX);
        // Taking the lock writes to it already.
        check(&dir)?;
        check_changeable(&dir)?;
        let lock = dir.lock(LOCK_NAME).map_err(Error::File)?.ok_or_else(|| locked(&dir))?;
        Self::of_locked(dir, lock)
    }

    /// The history in a directory that is locked, made where there is none.
    pub(crate) fn of_locked(dir: Dir, lock: Lock) -> Result<Self, Error> {
        // Another process may have had the lock since.
        let is_new = !check(&dir)?;
        if is_new {
            dir.write(FORMAT_NAME, FORMAT).map_err(Error::File)?;
        }
        dir.remove_leftovers().map_err(Error::File)?;
        Ok(Self { dir, lock: Some(Arc::new(lock)), is_new })
    }

    /// Opens the history at `path` for reading, without a lock. What is read of
    /// one track is of one moment; a writer may remove packs meanwhile.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is none; [`Error::Format`] and [`Error::Newer`] as
    /// above, but of tracks only when they are loaded.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let missing = || Error::Missing { path: path.to_owned() };
        let dir = match Dir::open(path) {
            Err(e) if e.is_not_found() => return Err(missing()),
            other => other.map_err(Error::File)?,
        };
        if !check_format(&dir)? {
            return Err(missing());
        }
        Ok(Self { dir, lock: None, is_new: false })
    }

    /// Whether this history may be changed.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.lock.is_some()
    }

    /// Whether this opening made the history: there was none before.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// The history's directory. Its owner may keep small files of its own
    /// there, under names that end in `.json`, which are no metadata type's.
    #[must_use]
    pub fn dir(&self) -> &Dir {
        &self.dir
    }

    /// The metadata types that have a track, sorted.
    ///
    /// # Errors
    /// When the directory cannot be listed.
    pub fn types(&self) -> Result<Vec<String>, Error> {
        types(&self.dir)
    }

    /// The track of one metadata type. Where there is none yet: an empty one, whose
    /// directory is made, in a history opened for changes. Use one track of a type at a
    /// time: two would not know of each other's generations.
    ///
    /// # Errors
    /// [`Error::TypeName`], [`Error::Missing`] where there is none in a history opened for
    /// reading, [`Error::Newer`], or when files cannot be read. Damage is no error: see [`Track::damage`].
    pub fn track(&self, data_type: &str) -> Result<Track, Error> {
        if !is_type(data_type) {
            return Err(Error::TypeName { name: data_type.to_owned() });
        }
        if self.is_writable() {
            let dir = self.dir.create_child(data_type).map_err(Error::File)?;
            Track::load(dir, self.lock.clone())
        } else {
            match self.dir.child(data_type).map_err(Error::File)? {
                Some(dir) => Track::load(dir, None),
                None => Err(Error::Missing { path: self.dir.path().join(data_type) }),
            }
        }
    }
}

/// Somebody else holds the lock of a history.
pub(crate) fn locked(dir: &Dir) -> Error {
    Error::Locked { path: dir.path().to_owned(), holder: dir.lock_holder(LOCK_NAME) }
}

/// Whether a file of this name is the history's owner's.
pub(crate) fn is_owners(name: &str) -> bool {
    name.as_bytes().ends_with(b".json") && !name.starts_with('.')
}

pub(crate) fn is_type(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    !name.is_empty()
        && !name.starts_with('.')
        && !name.as_bytes().ends_with(b".json")
        && name.len() <= 64
        && name.bytes().all(allowed)
        && ![FORMAT_NAME, LOCK_NAME, steps::DIRECTORY].contains(&name)
}

fn types(dir: &Dir) -> Result<Vec<String>, Error> {
    let entries = dir.entries().map_err(Error::File)?;
    Ok(entries.into_iter().filter(|e| e.kind == Kind::Dir && is_type(&e.name)).map(|e| e.name).collect())
}

/// Whether the directory is a history, all of a version that this program knows. One
/// that is neither a history nor empty is an error.
pub(crate) fn check(dir: &Dir) -> Result<bool, Error> {
    if !check_format(dir)? {
        refuse_foreign(dir)?;
        return Ok(false);
    }
    for data_type in types(dir)? {
        if let Some(track) = dir.child(&data_type).map_err(Error::File)? {
            version::check_file(&track, INDEX_NAME, index::MAGIC)?;
        }
    }
    steps::check_versions(dir)?;
    Ok(true)
}

/// Refuses a history of which this process may not change all: a part of a publish
/// must not last where the rest cannot. Whether there is room shows in writing.
pub(crate) fn check_changeable(dir: &Dir) -> Result<(), Error> {
    dir.check_changeable().map_err(Error::File)?;
    for name in types(dir)?.iter().map(String::as_str).chain([steps::DIRECTORY]) {
        if let Some(child) = dir.child(name).map_err(Error::File)? {
            child.check_changeable().map_err(Error::File)?;
        }
    }
    Ok(())
}

/// Whether the directory says that it is a history; an error if it says that it
/// is something else.
fn check_format(dir: &Dir) -> Result<bool, Error> {
    let Some(found) = dir.read(FORMAT_NAME, 4096).map_err(Error::File)? else { return Ok(false) };
    version::check(dir, FORMAT_NAME, FORMAT, &found)?;
    if found == FORMAT {
        return Ok(true);
    }
    let found = found[..found.len().min(60)].escape_ascii().to_string();
    let expected = FORMAT.trim_ascii_end().escape_ascii().to_string();
    Err(Error::Format { path: dir.path().join(FORMAT_NAME), expected, found })
}

/// A directory with files in it and no format file is somebody else's.
fn refuse_foreign(dir: &Dir) -> Result<(), Error> {
    let entries = dir.entries().map_err(Error::File)?;
    match entries.into_iter().find(|e| e.name != LOCK_NAME && !is_of_the_system(&e.name)) {
        None => Ok(()),
        Some(foreign) => Err(Error::Foreign { path: dir.path().to_owned(), found: foreign.name }),
    }
}

/// Whether an entry says nothing of whose the directory is: what file systems and
/// storage devices put into the top directory of a volume, hidden files, and among
/// these our own temporary ones.
fn is_of_the_system(name: &str) -> bool {
    name.starts_with('.') || OF_THE_SYSTEM.contains(&name)
}
