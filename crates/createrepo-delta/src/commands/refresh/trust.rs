//! By which keys repomd.xml is to be believed, as the package manager would.
//! Keys that nobody has accepted yet are never accepted here.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use durable::Dir;
use managers::zypp::{self, Verdict};
use managers::{Manager, Repository, dnf, rpm};
use repomd::files::TEMP_PREFIX;
use tempfile::TempDir;

/// What is believed.
pub(super) enum Trust {
    /// What is signed by a key of this file.
    Signed(Keyring),
    /// Anything: no signature is asked for.
    Any,
    /// Only the package manager can tell; why, for programs and as part of a sentence.
    Theirs(&'static str, &'static str),
}

/// A file with keys, removed with this if it is ours.
pub(super) struct Keyring {
    pub(super) path: PathBuf,
    _ours: Option<TempDir>,
}

/// What is believed of this repository of the system at `root`.
pub(super) fn read(repository: &Repository, root: &Path) -> anyhow::Result<Trust> {
    match repository.manager {
        Manager::Zypper => zypper(repository, root),
        _ if !repository.repo_gpgcheck => Ok(Trust::Any),
        _ => dnf(repository),
    }
}

/// A keyring of gpg, or files with one key each.
fn dnf(repository: &Repository) -> anyhow::Result<Trust> {
    if let Some(path) = dnf::keyring(&repository.cache) {
        return Ok(Trust::Signed(Keyring { path, _ours: None }));
    }
    let keys = dnf::key_files(&repository.cache)?;
    if keys.is_empty() {
        let why = match repository.manager {
            Manager::Dnf5 => "dnf5 has not accepted a key of it yet",
            Manager::PackageKit => "PackageKit has not accepted a key of it yet",
            _ => "dnf has not accepted a key of it yet",
        };
        return Ok(Trust::Theirs("key_not_accepted", why));
    }
    Ok(Trust::Signed(stored(&keys).context("cannot use the keys that were accepted")?))
}

/// zypper notes what it found, and goes by that when it installs packages, also once
/// `gpgcheck` is on again. So what is found now has to be the same.
fn zypper(repository: &Repository, root: &Path) -> anyhow::Result<Trust> {
    Ok(match zypp::verdict(&repository.cache)? {
        Verdict::Good => match rpm::trusted_keys(root)? {
            keys if keys.is_empty() => Trust::Theirs("key_not_accepted", "the rpm database has no key"),
            keys => {
                Trust::Signed(stored(keys.as_bytes()).context("cannot use the keys of the rpm database")?)
            }
        },
        _ if !repository.gpgcheck => Trust::Any,
        Verdict::Unsigned if !repository.repo_gpgcheck => Trust::Any,
        Verdict::Unsigned => Trust::Theirs("not_signed", "its repomd.xml was not signed"),
        Verdict::Unverified => Trust::Theirs("key_not_accepted", "zypper took its signature unverified"),
        _ => Trust::Theirs("key_not_accepted", "zypper has noted nothing about its signature"),
    })
}

fn stored(keys: &[u8]) -> anyhow::Result<Keyring> {
    let temp = tempfile::tempdir()?;
    Dir::open(temp.path())?.with_temp_prefix(TEMP_PREFIX).write("keys", keys)?;
    Ok(Keyring { path: temp.path().join("keys"), _ours: Some(temp) })
}
