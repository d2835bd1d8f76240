//! The commit that a release is made from: its files, its time and its version.

use crate::archive;
use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::process::Command;
use xtask_common::{paths, process};

/// What is checked out.
pub(crate) struct Commit {
    id: String,
    /// Seconds since 1970, the time of every file in the archives.
    pub(crate) time: u64,
    /// The same as a date.
    pub(crate) date: String,
    /// As `Cargo.toml` says.
    pub(crate) version: String,
}

impl Commit {
    /// Fails where a file of it was changed: that would not be in the archives.
    pub(crate) fn of_checkout() -> Result<Self> {
        let changed = git(&["status", "--porcelain", "--untracked-files=no"])?;
        ensure!(changed.is_empty(), "files differ from the last commit\n\nhint: commit them\n{changed}");
        let (id, time) = (git(&["rev-parse", "HEAD"])?, git(&["log", "-1", "--format=%ct"])?);
        let time = time.trim().parse().with_context(|| format!("expected a time, found `{time}`"))?;
        let date = git(&["log", "-1", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", "--format=%cd"])?;
        let manifest = std::fs::read_to_string(paths::root().join("Cargo.toml"))?;
        let version = version(&manifest).context("`Cargo.toml` has no version")?.to_owned();
        Ok(Self { id: id.trim().to_owned(), time, date: date.trim().to_owned(), version })
    }

    /// The name of the release, which the archives' names begin with.
    pub(crate) fn name(&self) -> String {
        format!("createrepo-delta-{}", self.version)
    }

    /// Writes its files into `directory`, which exists.
    pub(crate) fn export(&self, directory: &Path) -> Result<()> {
        let file = directory.with_extension("git.tar");
        let mut export = Command::new("git");
        export.current_dir(paths::root()).arg("archive").arg("--output").arg(&file).arg(&self.id);
        process::run(&mut export)?;
        archive::unpack(&file, directory)?;
        Ok(std::fs::remove_file(&file)?)
    }
}

fn git(words: &[&str]) -> Result<String> {
    let output = process::run(Command::new("git").env("TZ", "UTC").current_dir(paths::root()).args(words))?;
    Ok(String::from_utf8(output.stdout)?)
}

/// That of `[workspace.package]`.
fn version(manifest: &str) -> Option<&str> {
    let (_, table) = manifest.split_once("[workspace.package]\n")?;
    let line = table.lines().find_map(|line| line.strip_prefix("version = "))?;
    Some(line.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_workspace() {
        let manifest = "[package]\nversion = \"9\"\n[workspace.package]\nversion = \"0.1.0\"\n";
        assert_eq!(version(manifest), Some("0.1.0"));
    }
}
