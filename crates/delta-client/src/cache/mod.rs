//! The directory that an update keeps: what it holds, and how it changes.
//!
//! `repodata/` is a repository's metadata as any reader expects it, described
//! by a repomd.xml of our own; `repodata/upstream/` has the publisher's
//! repomd.xml and signature, byte for byte, and our notes. All of it changes in
//! one exchange of directories (`docs/clients.md`, "What is in CACHE").
//!
//! Nothing is fetched here, and a directory that somebody else wrote is left
//! alone.

mod error;
mod held;
mod names;
mod staging;
mod state;

use std::path::Path;

use durable::{Dir, Lock};

pub use error::CacheError;
pub(crate) use held::{Held, HeldFile, Upstream};
pub(crate) use names::{result_name, stored_name};
pub(crate) use staging::{Documents, Staging};
pub(crate) use state::State;

/// The directory that readers know.
pub(crate) const REPODATA: &str = "repodata";
/// In it: what the publisher wrote, and our notes.
pub(crate) const UPSTREAM: &str = "upstream";
/// The description of the files in [`REPODATA`], ours or the publisher's.
pub(crate) const REPOMD: &str = "repomd.xml";
/// The publisher's signature.
pub(crate) const SIGNATURE: &str = "repomd.xml.asc";
/// Our notes.
pub(crate) const STATE: &str = "state.json";

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
        held(&dir)?;
        let Some(lock) = dir.lock(LOCK)? else {
            let holder = dir.lock_holder(LOCK);
            return Err(CacheError::Locked { path: path.join(LOCK), holder });
        };
        dir.recover_child(REPODATA, ASIDE)?;
        dir.remove_child(NEW)?;
        dir.remove_child(ASIDE)?;
        dir.remove_leftovers()?;
        Ok(Self { dir, _lock: lock })
    }

    /// What it holds; `None` while it is empty.
    pub(crate) fn held(&self) -> Result<Option<Held>, CacheError> {
        held(&self.dir)
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
/// while there is none, or it is empty.
pub(crate) fn look(path: &Path) -> Result<Option<Held>, CacheError> {
    match Dir::open(path) {
        Ok(dir) => held(&dir),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn held(dir: &Dir) -> Result<Option<Held>, CacheError> {
    dir.child(REPODATA)?.map_or(Ok(None), Held::read)
}
