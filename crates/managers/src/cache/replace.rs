//! A new state in the place of the old one.
//!
//! The new `repodata/` is made beside the old one and exchanged with it at one
//! instant. Package managers that opened the old repomd.xml find the files that
//! it names in the new directory, too: they stay there for one generation, as
//! second names of the same files where names differ. dnf, dnf5 and zypper overlook
//! files that repomd.xml does not name, and throw them away when they fetch
//! metadata themselves.
//!
//! Only `repodata/`, the list of mirrors and the mark of dnf5 beside it are touched. Whatever
//! else is in the cache directory (keyrings, packages, notes) stays.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use durable::{Attributes, Dir};
use repomd::files::{KEY, REPODATA, REPOMD, SIGNATURE, TEMP_PREFIX};

use super::state::{CachedState, file_name, parse};
use super::{CacheError, EXPIRED, MARKS};

/// The new state while it is made; after the exchange, the old one.
const NEW: &str = ".createrepo-delta.new.repodata";
/// The old state, or a copy of it, where directories cannot be exchanged.
const ASIDE: &str = ".createrepo-delta.old.repodata";

/// Those of which one has the age of the cache.
const PRIMARY: [&str; 2] = ["primary", "primary_zck"];

/// A cache that may be changed. Hold the package manager's lock: [`crate::locks::lock`].
#[derive(Debug)]
pub struct Cache {
    dir: Dir,
}

/// A new state while it is made.
#[derive(Debug)]
pub struct Stage<'a> {
    cache: &'a Cache,
    dir: Dir,
    old: CachedState,
}

impl Cache {
    /// Opens the directory that holds `repodata/`; removes what an interrupted
    /// run left there.
    pub fn open(path: &Path) -> Result<Self, CacheError> {
        let dir = Dir::open(path)?.with_temp_prefix(TEMP_PREFIX);
        // These names are reserved: what is no directory is nobody's.
        dir.remove_unless_dir(NEW)?;
        dir.remove_unless_dir(ASIDE)?;
        dir.recover_child(REPODATA, ASIDE, REPOMD)?;
        dir.remove_child(NEW)?;
        dir.remove_child(ASIDE)?;
        dir.remove_leftovers()?;
        Ok(Self { dir })
    }

    /// What it holds; `None` when there is no repomd.xml in it.
    pub fn state(&self) -> Result<Option<CachedState>, CacheError> {
        CachedState::read_dir(&self.dir)
    }

    /// Begins a new state that is to replace the one that was read.
    pub fn stage(&self, old: CachedState) -> Result<Stage<'_>, CacheError> {
        self.dir.remove_child(NEW)?;
        self.dir.remove_child(ASIDE)?;
        let dir = self.dir.create_child(NEW)?;
        Ok(Stage { cache: self, dir, old })
    }

    /// Notes that what it holds was current at this time, as dnf 4 and dnf5 note it when
    /// they have asked: primary, or its zchunk file where that is there, is as old as the last
    /// look, and dnf5's mark of an expired cache is gone. `false` when another state is there
    /// than `state`.
    pub fn mark_verified(&self, state: &CachedState, at: SystemTime) -> Result<bool, CacheError> {
        let path = self.dir.path().join(REPODATA);
        if !state.dir.is_still_at(&path).unwrap_or(false) {
            return Ok(false);
        }
        let mut is_set = false;
        for primary in PRIMARY.iter().filter_map(|kind| state.model.record(kind).and_then(file_name)) {
            is_set |= state.dir.set_modified_of(primary, at)?;
        }
        if let Some(marks) = self.dir.child(MARKS)? {
            marks.remove(EXPIRED)?;
        }
        Ok(is_set)
    }

    /// Replaces a document beside `repodata/`, such as dnf's `metalink.xml`.
    pub fn put_document(&self, name: &str, bytes: &[u8]) -> Result<(), CacheError> {
        let attributes = match self.dir.attributes_of(name)? {
            Some(attributes) => Some(attributes),
            None => self.dir.child(REPODATA)?.map_or(Ok(None), |dir| dir.attributes_of(REPOMD))?,
        };
        self.dir.write(name, bytes)?;
        if let Some(attributes) = attributes {
            self.dir.set_attributes_of(name, &attributes)?;
        }
        Ok(())
    }
}

impl Stage<'_> {
    /// The directory, in the cache's own, that the new state goes into:
    /// repomd.xml, its signature and key where there are some, and the files.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    /// Whether that directory is still where it was made. It is not when the
    /// package manager has thrown away, or replaced, the whole cache meanwhile.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.dir.is_still_at(self.dir.path()).unwrap_or(false)
    }

    /// Copies repomd.xml from another cache, its signature and key if they are there and in
    /// the old state, and the files of these types.
    ///
    /// # Errors
    /// [`CacheError::Incomplete`] when one of them is not there.
    pub fn copy_from(&self, other: &CachedState, types: &[String]) -> Result<(), CacheError> {
        let mut names = vec![REPOMD];
        names
            .extend(other.model.records.iter().filter(|one| types.contains(&one.kind)).filter_map(file_name));
        for name in names {
            // Two types may share a file.
            if self.dir.len(name)?.is_none() && !self.dir.copy_from(&other.dir, name)? {
                return Err(self.incomplete(name, "a file".to_owned(), "nothing".to_owned()));
            }
        }
        for name in [SIGNATURE, KEY] {
            if self.old.dir.len(name)?.is_some() {
                self.dir.copy_from(&other.dir, name)?;
            }
        }
        Ok(())
    }

    /// The state that is to be replaced.
    #[must_use]
    pub fn old(&self) -> &CachedState {
        &self.old
    }

    /// Puts the new state in place. It must be whole for `types`: each has its
    /// file there, in the size that repomd.xml says.
    ///
    /// Owner, permission bits and SELinux label go from the old directory, and
    /// from its files of the same name or else its repomd.xml, to the new ones.
    ///
    /// # Errors
    /// [`CacheError::Replaced`] when another state is there than the one that was
    /// read. After any error but that of the very last sync the old one is in
    /// place.
    pub fn commit(self, types: &[String]) -> Result<(), CacheError> {
        self.check(types)?;
        let old = &self.old.dir;
        for name in self.old.files() {
            if self.dir.len(name)?.is_none() {
                self.dir.link_from(old, name, name)?;
            }
        }
        let usual = old.attributes_of(REPOMD)?;
        for entry in self.dir.entries()? {
            let attributes: Option<Attributes> = old.attributes_of(&entry.name)?.or_else(|| usual.clone());
            if let Some(attributes) = attributes {
                self.dir.set_attributes_of(&entry.name, &attributes)?;
            }
        }
        self.dir.set_attributes(&old.attributes()?)?;
        self.dir.sync()?;
        let path = self.cache.dir.path().join(REPODATA);
        let same =
            old.is_still_at(&path)? && old.read(REPOMD, u64::MAX)?.as_deref() == Some(&*self.old.repomd);
        if !same {
            return Err(CacheError::Replaced { path });
        }
        self.cache.dir.replace_child(NEW, REPODATA, ASIDE, REPOMD)?;
        // The old state; should it stay, the next run removes it.
        let _ = self.cache.dir.remove_child(NEW);
        let _ = self.cache.dir.remove_child(ASIDE);
        Ok(())
    }

    fn incomplete(&self, name: &str, expected: String, found: String) -> CacheError {
        CacheError::Incomplete { path: self.dir.path().join(name), expected, found }
    }

    fn check(&self, types: &[String]) -> Result<(), CacheError> {
        let incomplete = |name: &str, expected, found| self.incomplete(name, expected, found);
        let bytes = self.dir.read(REPOMD, repomd::MAX_SIZE as u64)?;
        let bytes = bytes.ok_or_else(|| incomplete(REPOMD, REPOMD.to_owned(), "nothing".to_owned()))?;
        let model = parse(&self.dir, &bytes)?;
        let mut named = Vec::new();
        for kind in types {
            let record = model.record(kind);
            let named_file = record.and_then(|record| Some((file_name(record)?, record.size?)));
            let Some((name, size)) = named_file else {
                return Err(incomplete(REPOMD, format!("a file of type `{kind}`"), "none".to_owned()));
            };
            let found = self.dir.len(name)?;
            if found != Some(size) {
                let found = found.map_or("nothing".to_owned(), |found| format!("{found} bytes"));
                return Err(incomplete(name, format!("{size} bytes"), found));
            }
            named.push(name);
        }
        for entry in self.dir.entries()? {
            let known = matches!(&*entry.name, REPOMD | SIGNATURE | KEY) || named.contains(&&*entry.name);
            if !known {
                return Err(incomplete(&entry.name, "nothing".to_owned(), "a file".to_owned()));
            }
        }
        Ok(())
    }
}

impl Drop for Stage<'_> {
    /// What was not put in place is thrown away.
    fn drop(&mut self) {
        // Should it stay, the next run removes it.
        let _ = self.cache.dir.remove_child(NEW);
    }
}
