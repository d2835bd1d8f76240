//! What is remembered between runs: by which recipes the files of each cache
//! are rebuilt, by what servers can be asked whether repomd.xml is a new one, and how fast this machine rebuilds
//! and hosts send. What cannot be read is found out again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codec::Algorithm;
use delta_client::options::{KnownRecipes, RepomdSeen, Speeds};
use delta_client::progress::Progress;
use durable::{Dir, Lock};
use repomd::files::TEMP_PREFIX;
use serde::{Deserialize, Serialize};

use super::environment;
use crate::args::Refresh;
use crate::failure::Refusal;
use crate::hints::{self, word};

const DIRECTORY: &str = "var/cache/createrepo-delta";
/// In the cache directory of a user.
const OF_USER: &str = "createrepo-delta";
const FILE: &str = "refresh.json";
const LOCK: &str = ".createrepo-delta.lock";
/// How often the lock is asked for, and the pause between.
const ATTEMPTS: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);
/// A few hundred bytes for each repository.
const MAX_SIZE: u64 = 4 << 20;

/// Marks the file, and its version.
const FORMAT: &str = "createrepo-delta refresh 1";

/// The file.
#[derive(Debug, Serialize, Deserialize)]
struct Content {
    format: String,
    /// By the path of the cache.
    caches: BTreeMap<PathBuf, KnownRecipes>,
    /// What servers told of the repomd.xml of each cache.
    #[serde(default)]
    repomds: BTreeMap<PathBuf, RepomdSeen>,
    /// Of the machine, whatever the cache.
    #[serde(default)]
    speeds: Speeds,
}

/// What is common to the file in all versions.
#[derive(Deserialize)]
struct Marked {
    format: String,
}

impl Default for Content {
    fn default() -> Self {
        let (caches, repomds) = Default::default();
        Self { format: FORMAT.to_owned(), caches, repomds, speeds: Speeds::default() }
    }
}

/// What the file was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Usable,
    Damaged,
    /// Another version's, or no regular file, which is not written to.
    Other,
}

/// The notes of one run. Their lock is held for moments only: while they are read, and while
/// what this run found out is written into what is there by then.
pub(super) struct Notes {
    dir: Option<Dir>,
    content: Content,
    found: Found,
}

impl Notes {
    /// Reads them. A dry run makes no directory and takes no lock; nor does
    /// somebody who may not, after a warning.
    pub(super) fn open(args: &Refresh, warn: &mut impl FnMut(String)) -> Self {
        let path = directory(args);
        let opened = if args.dry_run { Dir::open(&path) } else { Dir::create(&path) };
        let dir = match opened {
            Ok(dir) => Some(dir.with_temp_prefix(TEMP_PREFIX)),
            Err(error) => {
                if !args.dry_run {
                    warn(format!("how files are rebuilt will not be remembered: {error}"));
                }
                None
            }
        };
        let nothing = || (Content::default(), Found::Usable);
        let (content, found) = dir.as_ref().map_or_else(nothing, |dir| read(dir, warn));
        let dir = dir.filter(|_| !args.dry_run);
        Self { dir, content, found }
    }

    /// Where they are written.
    pub(super) fn place(&self) -> Option<&Path> {
        self.dir.as_ref().map(Dir::path)
    }

    /// Takes the lock by which no other refresh works on the cache at `path`. Where there can
    /// be none, which is a warning, the package manager's own still keeps the cache whole.
    ///
    /// # Errors
    /// When another refresh has it: who that is.
    pub(super) fn lock(&self, path: &Path, progress: &dyn Progress) -> Result<Option<Lock>, Refusal> {
        let Some(dir) = &self.dir else { return Ok(None) };
        let name = format!(
            ".{}.lock",
            &Algorithm::Sha256.digest(path.as_os_str().as_encoded_bytes()).to_hex()[..16]
        );
        match dir.lock(&name) {
            Ok(None) => {
                let holder = dir.lock_holder(&name).unwrap_or_default();
                let path = path.display();
                Err(Refusal::busy(format!("another refresh is at work on `{path}`: {holder}")))
            }
            Ok(lock) => Ok(lock),
            Err(error) => {
                progress.warning(&format!("nothing keeps another refresh from its cache: {error}"));
                Ok(None)
            }
        }
    }

    /// What is known for the cache at `path`.
    pub(super) fn known(&self, path: &Path) -> KnownRecipes {
        let mut known = self.content.caches.get(path).cloned().unwrap_or_default();
        known.speeds.clone_from(&self.content.speeds);
        known.repomd = self.content.repomds.get(path).cloned().unwrap_or_default();
        known
    }

    /// Writes what was found out of these caches; those that are gone are forgotten.
    pub(super) fn write(self, found: BTreeMap<PathBuf, KnownRecipes>) -> anyhow::Result<()> {
        let Some(dir) = self.dir.filter(|_| self.found == Found::Damaged || !found.is_empty()) else {
            return Ok(());
        };
        let Some(_lock) = locked(&dir)? else {
            let holder = dir.lock_holder(LOCK).unwrap_or_default();
            anyhow::bail!("{holder} holds `{}`", dir.path().join(LOCK).display());
        };
        // Another run may have written meanwhile.
        let (mut content, found_now) = read(&dir, &mut |_| ());
        if found_now == Found::Other {
            return Ok(());
        }
        for known in found.values() {
            content.speeds.take_over(&known.speeds, &self.content.speeds);
        }
        for (path, known) in found {
            content.repomds.insert(path.clone(), known.repomd.clone());
            content.caches.insert(path, known);
        }
        content.caches.retain(|path, _| path.is_dir());
        content.repomds.retain(|path, told| path.is_dir() && !told.is_empty());
        let text = serde_json::to_string_pretty(&content)? + "\n";
        Ok(dir.write(FILE, text.as_bytes())?)
    }
}

/// Where they are.
pub(super) fn directory(args: &Refresh) -> PathBuf {
    args.system.notes.clone().or_else(of_user).unwrap_or_else(|| args.system.root.join(DIRECTORY))
}

/// Where users other than root have them.
fn of_user() -> Option<PathBuf> {
    let user = !rustix::process::geteuid().is_root();
    user.then(|| managers::user_cache(environment, OF_USER)).flatten()
}

/// The lock of the notes, which nobody holds for long.
fn locked(dir: &Dir) -> anyhow::Result<Option<Lock>> {
    for _ in 0..ATTEMPTS {
        if let Some(lock) = dir.lock(LOCK)? {
            return Ok(Some(lock));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(None)
}

/// What is there.
fn read(dir: &Dir, warn: &mut impl FnMut(String)) -> (Content, Found) {
    let bytes = match dir.read(FILE, MAX_SIZE) {
        Ok(None) => return (Content::default(), Found::Usable),
        Ok(Some(bytes)) => bytes,
        // Somebody put a symlink there, or what is no file at all.
        Err(error @ durable::Error::WrongKind { .. }) => {
            let path = word(&dir.path().join(FILE));
            warn(format!("nothing is remembered: {error}; remove it, so that something is: `rm -r {path}`"));
            return (Content::default(), Found::Other);
        }
        Err(error) => {
            warn(error.to_string());
            return (Content::default(), Found::Usable);
        }
    };
    let file = dir.path().join(FILE);
    let path = file.display();
    if let Ok(Marked { format }) = serde_json::from_slice(&bytes)
        && format != FORMAT
    {
        let format = format.escape_debug();
        warn(format!(
            "`{path}` was written by another version of createrepo-delta, and is left as it is: expected `{FORMAT}`, \
             found `{format}`; {}",
            hints::other_notes(&file)
        ));
        return (Content::default(), Found::Other);
    }
    match serde_json::from_slice(&bytes) {
        Ok(content) => (content, Found::Usable),
        Err(error) => {
            warn(format!("cannot use `{path}`, which is written anew: {error}"));
            (Content::default(), Found::Damaged)
        }
    }
}
