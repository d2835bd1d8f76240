//! Putting a generation's files into place, and `createrepo_c` to describe them.

use super::pool::Pool;
use super::timeline::Generation;
use anyhow::{Context as _, Result};
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

/// Makes the packages below `repository` those of `generation`; `repodata/`
/// stays as it is.
pub fn lay_out(generation: &Generation, pool: &Pool, repository: &Path) -> Result<()> {
    let packages = repository.join("Packages");
    if packages.exists() {
        fs::remove_dir_all(&packages)?;
    }
    for placed in &generation.files {
        let target = repository.join(&placed.path);
        let directory = target.parent().context("a package in no directory")?;
        fs::create_dir_all(directory)?;
        let source = pool.path(&placed.build)?;
        fs::copy(&source, &target).with_context(|| format!("cannot copy `{}`", source.display()))?;
        let time = UNIX_EPOCH + Duration::from_secs(placed.modified);
        File::options().write(true).open(&target)?.set_modified(time)?;
    }
    Ok(())
}

/// `createrepo_c`, as `command` begins, with the options that make its output repeatable: one worker
/// (so that the order is that of the paths), no databases, UTC. With a `time`,
/// the metadata carries it; without, the clock's.
pub fn generator(mut command: Command, time: Option<u64>) -> Command {
    command.args(["--quiet", "--workers", "1", "--no-database"]).env("TZ", "UTC");
    if let Some(time) = time {
        command.args(["--revision", &time.to_string(), "--set-timestamp-to-revision"]);
    }
    command
}
