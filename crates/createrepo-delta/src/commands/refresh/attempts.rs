//! Which caches hooks tried to refresh without getting an answer. Commands that follow each other
//! wait for a dead server once, and not each of them.
//!
//! An attempt is noted before it begins, so that it counts whatever ends it, and is forgotten
//! when there was an answer. Nothing depends on it but time; what cannot be read or
//! written is no attempt.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use durable::Dir;
use managers::Repository;
use repomd::files::TEMP_PREFIX;

use super::notes;
use super::report::Refreshed;
use crate::args::Refresh;

/// In the directory of the notes.
const FILE: &str = "attempts.json";
/// How long nobody is asked after an attempt without an answer.
const PAUSE: Duration = Duration::from_secs(5 * 60);
/// A line for each repository.
const MAX_SIZE: u64 = 1 << 20;

/// Attempts that still count.
pub(super) struct Attempts {
    directory: PathBuf,
    /// In seconds since 1970.
    now: u64,
    /// When each began, by the path of the cache.
    begun: BTreeMap<PathBuf, u64>,
}

impl Attempts {
    /// Reads them.
    pub(super) fn read(args: &Refresh, now: SystemTime) -> Self {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let directory = notes::directory(args);
        let bytes = Dir::open(&directory).and_then(|dir| dir.read(FILE, MAX_SIZE)).ok().flatten();
        let mut begun: BTreeMap<PathBuf, u64> =
            bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        // A time to come is one of a clock that was set back.
        begun.retain(|_, at| *at <= now && now - *at < PAUSE.as_secs());
        Self { directory, now, begun }
    }

    /// Whether the servers of `repository` may be asked now.
    pub(super) fn may_ask(&self, repository: &Repository) -> bool {
        !self.begun.contains_key(&repository.cache)
    }

    /// Runs `refresh` for the caches at `paths`, and notes which of them got no answer.
    pub(super) fn during(
        mut self,
        paths: &[PathBuf],
        refresh: impl FnOnce() -> anyhow::Result<Refreshed>,
    ) -> anyhow::Result<()> {
        let dir = Dir::create(&self.directory).ok().map(|dir| dir.with_temp_prefix(TEMP_PREFIX));
        self.begun.extend(paths.iter().map(|path| (path.clone(), self.now)));
        self.write(dir.as_ref());
        let refreshed = refresh();
        let unanswered: Vec<_> = refreshed.iter().flat_map(Refreshed::unanswered).collect();
        self.begun.retain(|path, _| !paths.contains(path) || unanswered.contains(&path.as_path()));
        self.write(dir.as_ref());
        refreshed.map(drop)
    }

    fn write(&self, dir: Option<&Dir>) {
        // What is there and is no regular file is left as it is.
        let Some(dir) = dir.filter(|dir| dir.len(FILE).is_ok()) else { return };
        // Without it the next command waits, too.
        let _ = if self.begun.is_empty() {
            dir.remove(FILE).map(drop)
        } else {
            serde_json::to_vec(&self.begun).map_or(Ok(()), |bytes| dir.write(FILE, &bytes))
        };
    }
}
