//! The directory that an update keeps: what it holds, and how it changes.
//!
//! `repodata/` is a repository's metadata as any reader expects it: an exact
//! copy of what the publisher has; or the same content described by a repomd.xml
//! of our own, and then `repodata/upstream/` has the publisher's repomd.xml and
//! signature, byte for byte. All of it changes in one exchange of directories
//! (`docs/clients.md`, "What is in CACHE"). Our notes are beside it.
//!
//! Nothing is fetched here, and a directory that somebody else wrote is left
//! alone.

mod error;
mod fill;
mod held;
mod names;
mod notes;
mod recovered;
mod staging;

use std::path::Path;

use durable::{Dir, Lock};

use crate::KnownRecipes;
pub use error::CacheError;
pub(crate) use fill::{Documents, Item, Origin, Papers, fill};
pub(crate) use held::{Held, HeldFile, Upstream};
pub(crate) use names::{result_name, stored_name};
use notes::Reading;
pub(crate) use notes::{Notes, State, sha256};
use recovered::recovered;
pub(crate) use staging::Staging;

/// The directory that readers know.
pub(crate) const REPODATA: &str = "repodata";
/// In it, where repomd.xml is our own: the publisher's.
pub(crate) const UPSTREAM: &str = "upstream";
/// The description of the files in [`REPODATA`], ours or the publisher's.
pub(crate) const REPOMD: &str = "repomd.xml";
/// The publisher's signature.
pub(crate) const SIGNATURE: &str = "repomd.xml.asc";
/// The public key that goes with it, where the publisher puts one.
pub(crate) const KEY: &str = "repomd.xml.key";

/// Our notes.
const NOTES: &str = ".createrepo-delta.json";
/// Files of a new state while they are brought.
const FILES: &str = ".createrepo-delta.new.files";
/// A new state while it is made; after an exchange, the old one.
const NEW: &str = ".createrepo-delta.new.repodata";
/// The old state, where directories cannot be exchanged.
const ASIDE: &str = ".createrepo-delta.old.repodata";
const LOCK: &str = ".createrepo-delta.lock";

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
        let dir = Dir::create(path)?;
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
    pub(crate) fn held(&self) -> Result<(Option<Held>, KnownRecipes), CacheError> {
        read(&self.dir)
    }

    /// Writes other notes on the state in place.
    pub(crate) fn note(&self, state: Option<State>, recipes: KnownRecipes) -> Result<(), CacheError> {
        Notes::new(state.into_iter().collect(), recipes).write(&self.dir)
    }

    /// Begins a new state beside the one in place.
    pub(crate) fn stage(&self) -> Result<Staging<'_>, CacheError> {
        Staging::new(self)
    }

    pub(crate) fn dir(&self) -> &Dir {
        &self.dir
    }
}

/// What a cache holds, without a lock and without changing anything; `None`
/// while there is none, or it is empty. And what is known of recipes.
pub(crate) fn look(path: &Path) -> Result<(Option<Held>, KnownRecipes), CacheError> {
    match Dir::open(path) {
        Ok(dir) => read(&dir),
        Err(error) if error.is_not_found() => Ok((None, KnownRecipes::default())),
        Err(error) => Err(error.into()),
    }
}

fn read(dir: &Dir) -> Result<(Option<Held>, KnownRecipes), CacheError> {
    let (notes, damage) = match Notes::read(dir)? {
        Reading::None => (None, None),
        Reading::Whole(notes) => (Some(notes), None),
        Reading::Damaged(why) => (recovered(dir)?, Some(why)),
    };
    let mut held = Held::read(dir, notes.as_ref())?;
    if let (Some(held), Some(why)) = (&mut held, damage) {
        held.damage.push(format!("{why}; what is held tells what it was about"));
    }
    Ok((held, notes.map(|notes| notes.recipes).unwrap_or_default()))
}
