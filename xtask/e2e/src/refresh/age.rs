//! How old a cache is, and who looks at that.

use super::install_root::{InstallRoot, Manager};
use super::managers;
use crate::bench::Bench;
use anyhow::{Context as _, Result, bail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use xtask_common::process;

/// A package with what it requires.
pub(super) const PACKAGE: &str = "brambleshell";

/// The package manager of the system that has hooks.
pub(super) fn manager_of(bench: &Bench<'_>) -> Result<Manager> {
    managers(bench.system).first().copied().context("there is no package manager")
}

/// A command that needs metadata which are not too old.
pub(super) fn query(root: &InstallRoot<'_>) -> Result<()> {
    process::run(&mut root.command(&["repoquery", PACKAGE]))?;
    Ok(())
}

/// The primary of the current repomd.xml in a cache with one generation.
pub(super) fn primary(repodata: &Path) -> Result<PathBuf> {
    let text = fs::read_to_string(repodata.join("repomd.xml"))?;
    for entry in fs::read_dir(repodata)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.contains("-primary.") && text.contains(name) {
            return Ok(path);
        }
    }
    bail!("there is no primary in `{}`", repodata.display())
}

/// Sets the age of a file in seconds. Negative ages are times to come.
pub(super) fn set_age(path: &Path, seconds: i64) -> Result<()> {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let now = SystemTime::now();
    let time = if seconds < 0 { now + distance } else { now - distance };
    Ok(File::options().write(true).open(path)?.set_modified(time)?)
}
