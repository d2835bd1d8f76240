//! Opening a cache: to look at it, or to change it.

use std::path::Path;

use durable::{Dir, Lock};
use repomd::files::{REPODATA, REPOMD, TEMP_PREFIX};

use super::notes::{Notes, NotesRead, State};
use super::recovered::recovered;
use super::{ASIDE, FILES, LOCK, LocalCopy, NEW, NOTES, Staging};
use crate::error::CacheError;
use crate::options::KnownRecipes;

/// A cache that may be changed: it is locked.
#[derive(Debug)]
pub(crate) struct Cache {
    dir: Dir,
    _lock: Lock,
}

impl Cache {
    /// Opens a cache, making the directory if need be; takes its lock, and
    /// removes what an interrupted run left.
    pub(crate) fn open(path: &Path) -> Result<Self, CacheError> {
        let dir = Dir::create(path)?.with_temp_prefix(TEMP_PREFIX);
        // Not even a lock file goes into somebody else's directory.
        read(&dir)?;
        let Some(lock) = dir.lock(LOCK)? else {
            let holder = dir.lock_holder(LOCK);
            return Err(CacheError::Locked { path: path.join(LOCK), holder });
        };
        dir.recover_child(REPODATA, ASIDE, REPOMD)?;
        dir.remove_child(NEW)?;
        dir.remove_child(FILES)?;
        dir.remove_child(ASIDE)?;
        dir.remove_leftovers()?;
        Ok(Self { dir, _lock: lock })
    }

    /// What it holds; `None` while it is empty. And what is known of recipes.
    pub(crate) fn read(&self) -> Result<(Option<LocalCopy>, KnownRecipes), CacheError> {
        read(&self.dir)
    }

    /// Writes other notes on the state in place.
    pub(crate) fn note(&self, state: Option<State>, recipes: KnownRecipes) -> Result<(), CacheError> {
        Notes::new(state.into_iter().collect(), recipes).write(&self.dir)
    }

    /// Begins a new state beside the one in place.
    pub(crate) fn stage(&self) -> Result<Staging<'_>, CacheError> {
        Staging::new(&self.dir)
    }
}

/// What a cache holds, without a lock and without changing anything; `None`
/// while there is none, or it is empty. And what is known of recipes.
pub(crate) fn look(path: &Path) -> Result<(Option<LocalCopy>, KnownRecipes), CacheError> {
    match Dir::open(path) {
        Ok(dir) => read(&dir),
        Err(error) if error.is_not_found() => Ok((None, KnownRecipes::default())),
        Err(error) => Err(error.into()),
    }
}

fn read(dir: &Dir) -> Result<(Option<LocalCopy>, KnownRecipes), CacheError> {
    if matches!(dir.len(REPOMD), Ok(Some(_))) || is_in_cache(dir) {
        return Err(CacheError::Repodata { path: dir.path().to_owned() });
    }
    let (notes, damage) = match Notes::read(dir)? {
        NotesRead::None => (None, None),
        NotesRead::Whole(notes) => (Some(*notes), None),
        NotesRead::Damaged(why) => (recovered(dir)?, Some(why)),
    };
    let mut copy = LocalCopy::read(dir, notes.as_ref())?;
    if let (Some(copy), Some(why)) = (&mut copy, damage) {
        copy.damage.push(format!("{why}; what it said is taken from the files in `{REPODATA}/`"));
    }
    Ok((copy, notes.map(Notes::known).unwrap_or_default()))
}

/// Whether it is the repodata/ of a cache, by whatever path.
fn is_in_cache(dir: &Dir) -> bool {
    let named = dir.path().canonicalize().ok();
    named.filter(|path| path.ends_with(REPODATA)).is_some_and(|path| path.with_file_name(NOTES).exists())
}
