//! A new state while it is made, and the one moment in which it takes the old
//! one's place.
//!
//! A state that is dropped unpublished is removed; after a crash the next run
//! does that.

use std::collections::BTreeSet;

use durable::{Dir, Replaced};

use super::{ASIDE, Cache, CacheError, Held, NEW, REPODATA, REPOMD, SIGNATURE, State, UPSTREAM};

/// A directory beside the state in place.
pub(crate) struct Staging<'c> {
    cache: &'c Cache,
    dir: Dir,
    files: BTreeSet<String>,
    published: bool,
}

/// The documents of a new state.
pub(crate) struct Documents<'a> {
    /// Our repomd.xml.
    pub(crate) repomd: &'a [u8],
    /// The publisher's.
    pub(crate) upstream: &'a [u8],
    /// The publisher's signature.
    pub(crate) signature: Option<&'a [u8]>,
}

impl<'c> Staging<'c> {
    pub(super) fn new(cache: &'c Cache) -> Result<Self, CacheError> {
        let dir = cache.dir().create_child(NEW)?;
        Ok(Self { cache, dir, files: BTreeSet::new(), published: false })
    }

    /// Where new files go.
    pub(crate) fn dir(&self) -> &Dir {
        &self.dir
    }

    /// A file of this name is in place, or is linked from the state before;
    /// `false` if it is not there.
    pub(crate) fn take(&mut self, name: &str, from: Option<&Held>) -> Result<bool, CacheError> {
        let found = self.dir.len(name)?.is_some()
            || match from {
                Some(held) => self.dir.link_from(&held.dir, name, name)?,
                None => false,
            };
        if found {
            self.files.insert(name.to_owned());
        }
        Ok(found)
    }

    /// Nothing is part of the state yet: what is there was for another one.
    pub(crate) fn begin_again(&mut self) {
        self.files.clear();
    }

    /// Publishes the state: links what readers of the old one may still open,
    /// writes the documents, and exchanges the directories.
    ///
    /// Returns what went wrong after the new state was in place.
    pub(crate) fn publish(
        mut self,
        held: Option<&Held>,
        mut state: State,
        documents: &Documents<'_>,
    ) -> Result<Option<String>, CacheError> {
        if let Some(held) = held {
            // What is damaged is of no use to a reader either.
            for file in held.files().filter(|file| held.missing(file).is_none()) {
                self.take(file.name, Some(held))?;
            }
        }
        self.remove_others()?;
        state.files = std::mem::take(&mut self.files);
        self.dir.write(REPOMD, documents.repomd)?;
        let upstream = self.dir.create_child(UPSTREAM)?;
        upstream.write(REPOMD, documents.upstream)?;
        if let Some(signature) = documents.signature {
            upstream.write(SIGNATURE, signature)?;
        }
        state.write(&upstream)?;
        self.dir.sync()?;

        let root = self.cache.dir();
        let old = match root.replace_child(NEW, REPODATA, ASIDE)? {
            Replaced::Nothing => None,
            Replaced::Renamed => Some(ASIDE),
            _ => Some(NEW),
        };
        self.published = true;
        let removed = old.map_or(Ok(true), |name| root.remove_child(name)).and_then(|_| root.sync());
        Ok(removed.err().map(|error| format!("the state before could not be removed: {error}")))
    }

    /// Files that were made for a repomd.xml that is no longer the current one.
    fn remove_others(&self) -> Result<(), CacheError> {
        for entry in self.dir.entries()? {
            if !self.files.contains(&entry.name) {
                self.dir.remove(&entry.name)?;
            }
        }
        Ok(())
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        if !self.published {
            // Nothing better can be done: the next run removes leftovers.
            let _ = self.cache.dir().remove_child(NEW);
        }
    }
}
