//! A new state while it is made, and the one moment in which it takes the old
//! one's place.
//!
//! A state that is dropped unpublished is removed; after a crash the next run
//! does that.

use durable::{Dir, Replaced};
use repomd::files::{REPODATA, REPOMD};

use super::fill::{Item, fill};
use super::notes::{Notes, State};
use super::{ASIDE, FILES, LocalCopy, NEW, Upstream};
use crate::error::CacheError;
use crate::options::KnownRecipes;

/// Files beside the state in place that will be part of the next one.
pub(crate) struct Staging<'c> {
    /// Of the cache, which is locked as long as this lives.
    root: &'c Dir,
    work: Dir,
}

impl<'c> Staging<'c> {
    pub(super) fn new(root: &'c Dir) -> Result<Self, CacheError> {
        Ok(Self { root, work: root.create_child(FILES)? })
    }

    /// Where files go that are obtained.
    pub(crate) fn work(&self) -> &Dir {
        &self.work
    }

    /// Publishes a state of these items: makes its directory, notes what it
    /// is, and exchanges the directories.
    ///
    /// Returns what went wrong after the new state was in place.
    pub(crate) fn publish(
        self,
        before: Option<&LocalCopy>,
        (mut state, recipes): (State, KnownRecipes),
        items: &[Item<'_>],
        (upstream, own): (&Upstream, Option<&[u8]>),
    ) -> Result<Option<String>, CacheError> {
        let root = self.root;
        let dir = root.create_child(NEW)?;
        state.files = fill(&dir, &self.work, items, upstream, own)?;
        // True before the exchange and after it.
        let states = [Some(state), before.map(|before| before.state.clone())];
        Notes::new(states.into_iter().flatten().collect(), recipes).write(root)?;
        let old = match root.replace_child(NEW, REPODATA, ASIDE, REPOMD)? {
            Replaced::Nothing => None,
            Replaced::Renamed => Some(ASIDE),
            _ => Some(NEW),
        };
        let removed = old.map_or(Ok(true), |name| root.remove_child(name));
        let removed = removed.and_then(|_| root.remove_child(FILES)).and_then(|_| root.sync());
        Ok(removed.err().map(|error| {
            format!("cannot remove what is no longer needed, the next update tries again: {error}")
        }))
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // Nothing better can be done: the next run removes leftovers.
        let _ = self.root.remove_child(NEW);
        let _ = self.root.remove_child(FILES);
    }
}
