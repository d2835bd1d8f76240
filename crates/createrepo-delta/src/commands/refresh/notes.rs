//! What is remembered between runs: by which recipes the files of each cache
//! are rebuilt. Nothing depends on it but time; what cannot be read is found
//! out again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use delta_client::KnownRecipes;
use durable::{Dir, Lock};
use serde::{Deserialize, Serialize};

use crate::args::Refresh;
use crate::failure::Refusal;

const DIRECTORY: &str = "var/cache/createrepo-delta";
const FILE: &str = "refresh.json";
const LOCK: &str = ".createrepo-delta.lock";
/// A few hundred bytes for each repository.
const MAX_SIZE: u64 = 4 << 20;

/// The file.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Content {
    /// By the path of the cache.
    caches: BTreeMap<PathBuf, KnownRecipes>,
}

/// The notes of one run, which holds their lock.
pub(super) struct Notes {
    place: Option<(Dir, Lock)>,
    content: Content,
    changed: bool,
}

impl Notes {
    /// Reads them. A dry run makes no directory and takes no lock; nor does
    /// somebody who may not, after a warning.
    pub(super) fn open(args: &Refresh, warn: &mut impl FnMut(String)) -> anyhow::Result<Self> {
        let path = args.system.notes.clone().unwrap_or_else(|| args.system.root.join(DIRECTORY));
        if args.dry_run {
            let content = Dir::open(&path).map(|dir| read(&dir, warn)).unwrap_or_default();
            return Ok(Self { place: None, content, changed: false });
        }
        let place = match Dir::create(&path).and_then(|dir| Ok((dir.lock(LOCK)?, dir))) {
            Ok((Some(lock), dir)) => Some((dir, lock)),
            Ok((None, dir)) => {
                let message = format!(
                    "another refresh is at work: {} holds `{}`",
                    dir.lock_holder(LOCK).unwrap_or_default(),
                    path.join(LOCK).display()
                );
                return Err(Refusal::busy(message).into());
            }
            Err(error) => {
                warn(format!("how files are rebuilt will not be remembered: {error}"));
                None
            }
        };
        let content = place.as_ref().map(|(dir, _)| read(dir, warn)).unwrap_or_default();
        Ok(Self { place, content, changed: false })
    }

    /// What is known for the cache at `path`.
    pub(super) fn of(&self, path: &Path) -> KnownRecipes {
        self.content.caches.get(path).cloned().unwrap_or_default()
    }

    /// Replaces what is known for the cache at `path`.
    pub(super) fn put(&mut self, path: &Path, recipes: KnownRecipes) {
        self.content.caches.insert(path.to_owned(), recipes);
        self.changed = true;
    }

    /// Writes what changed; caches that are gone are forgotten.
    pub(super) fn write(mut self) -> anyhow::Result<()> {
        let Some((dir, _lock)) = self.place.filter(|_| self.changed) else {
            return Ok(());
        };
        self.content.caches.retain(|path, _| path.is_dir());
        let text = serde_json::to_string_pretty(&self.content)? + "\n";
        Ok(dir.write(FILE, text.as_bytes())?)
    }
}

fn read(dir: &Dir, warn: &mut impl FnMut(String)) -> Content {
    let bytes = match dir.read(FILE, MAX_SIZE) {
        Ok(None) => return Content::default(),
        Ok(Some(bytes)) => bytes,
        Err(error) => {
            warn(error.to_string());
            return Content::default();
        }
    };
    serde_json::from_slice(&bytes).unwrap_or_else(|error| {
        warn(format!("cannot use `{}`, which is written anew: {error}", dir.path().join(FILE).display()));
        Content::default()
    })
}
