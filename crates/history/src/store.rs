//! The directory of a history: what it is, who works on it, which tracks it has.

use std::path::Path;

use durable::{Dir, Kind, Lock};

use crate::{Error, Track};

/// The file that says what the directory is.
const FORMAT_NAME: &str = "format";
const FORMAT: &str = "createrepo-delta history 1\n";
/// The lock file.
pub const LOCK_NAME: &str = "lock";

/// One repository's history: a directory, opened for reading or for changes.
#[derive(Debug)]
pub struct History {
    dir: Dir,
    lock: Option<Lock>,
}

impl History {
    /// Opens the history at `path` for changes, making it where there is none,
    /// and locks it until the result is dropped. Its tracks do not hold the lock: keep
    /// the result until their last commit.
    ///
    /// # Errors
    /// [`Error::Locked`] at once when another process has it; [`Error::Format`]
    /// when the directory is something else or of a later version.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let dir = Dir::create(path).map_err(Error::File)?;
        if dir.len(FORMAT_NAME).map_err(Error::File)?.is_none() {
            refuse_foreign(&dir)?;
        }
        let Some(lock) = dir.lock(LOCK_NAME).map_err(Error::File)? else {
            return Err(Error::Locked { path: path.join(LOCK_NAME), holder: dir.lock_holder(LOCK_NAME) });
        };
        if !check_format(&dir)? {
            dir.write(FORMAT_NAME, FORMAT.as_bytes()).map_err(Error::File)?;
        }
        dir.remove_leftovers().map_err(Error::File)?;
        Ok(Self { dir, lock: Some(lock) })
    }

    /// Opens the history at `path` for reading, without a lock. What is read of
    /// one track is of one moment; a writer may remove packs meanwhile.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is none, [`Error::Format`] as above.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let missing = || Error::Missing { path: path.to_owned() };
        let dir = match Dir::open(path) {
            Err(e) if e.is_not_found() => return Err(missing()),
            other => other.map_err(Error::File)?,
        };
        if !check_format(&dir)? {
            return Err(missing());
        }
        Ok(Self { dir, lock: None })
    }

    /// Whether this history may be changed.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.lock.is_some()
    }

    /// The history's directory. Its owner may keep small files of its own
    /// there, under names that are no metadata type's (those of `.json` files are
    /// none) and not `format`, `lock`.
    #[must_use]
    pub fn dir(&self) -> &Dir {
        &self.dir
    }

    /// The metadata types that have a track, sorted.
    ///
    /// # Errors
    /// When the directory cannot be listed.
    pub fn types(&self) -> Result<Vec<String>, Error> {
        let entries = self.dir.entries().map_err(Error::File)?;
        Ok(entries.into_iter().filter(|e| e.kind == Kind::Dir && is_type(&e.name)).map(|e| e.name).collect())
    }

    /// The track of one metadata type. Where there is none yet: an empty one, whose
    /// directory is made, in a history opened for changes. Use one track of a type at a
    /// time: two would not know of each other's generations.
    ///
    /// # Errors
    /// [`Error::TypeName`], [`Error::Missing`] where there is none in a history opened for
    /// reading, or when files cannot be read. Damage is no error: see [`Track::damage`].
    pub fn track(&self, data_type: &str) -> Result<Track, Error> {
        if !is_type(data_type) {
            return Err(Error::TypeName { name: data_type.to_owned() });
        }
        if self.is_writable() {
            let dir = self.dir.create_child(data_type).map_err(Error::File)?;
            Track::load(dir, true)
        } else {
            match self.dir.child(data_type).map_err(Error::File)? {
                Some(dir) => Track::load(dir, false),
                None => Err(Error::Missing { path: self.dir.path().join(data_type) }),
            }
        }
    }
}

fn is_type(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    !name.is_empty()
        && !name.starts_with('.')
        && !name.as_bytes().ends_with(b".json")
        && name.len() <= 64
        && name.bytes().all(allowed)
        && name != FORMAT_NAME
        && name != LOCK_NAME
}

/// Whether the directory says that it is a history; an error if it says that it
/// is something else.
fn check_format(dir: &Dir) -> Result<bool, Error> {
    let Some(found) = dir.read(FORMAT_NAME, 4096).map_err(Error::File)? else { return Ok(false) };
    if found == FORMAT.as_bytes() {
        return Ok(true);
    }
    let found = found[..found.len().min(60)].escape_ascii().to_string();
    let expected = FORMAT.trim_end().to_owned();
    Err(Error::Format { path: dir.path().join(FORMAT_NAME), expected, found })
}

/// A directory with files in it and no format file is somebody else's.
fn refuse_foreign(dir: &Dir) -> Result<(), Error> {
    let ours = |name: &str| name == LOCK_NAME || name.starts_with(durable::TEMP_PREFIX);
    let entries = dir.entries().map_err(Error::File)?;
    match entries.iter().find(|e| !ours(&e.name)) {
        None => Ok(()),
        Some(foreign) => Err(Error::Format {
            path: dir.path().to_owned(),
            expected: format!("an empty directory, or one with a file `{FORMAT_NAME}`"),
            found: foreign.name.clone(),
        }),
    }
}
