//! Files of repositories that are measured.

use crate::measure;
use crate::options::TYPES;
use anyhow::{Context as _, Result, anyhow};
use repomd::Repomd;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::{paths, process};

/// The files of a repository, by type.
pub(crate) fn by_type(repo: &Path) -> Result<BTreeMap<&'static str, PathBuf>> {
    let model = Repomd::parse(&fs::read(repo.join("repodata/repomd.xml"))?)?;
    let mut files = BTreeMap::new();
    for data_type in TYPES {
        let record = model.record(data_type).with_context(|| format!("no {data_type}"))?;
        let location = record.local_location().map_err(|e| anyhow!("{e}"))?;
        files.insert(data_type, repo.join(location.as_str()));
    }
    Ok(files)
}

/// Decompresses a metadata file of a repository.
pub(crate) fn open(file: &Path, to: &Path) -> Result<()> {
    let line = format!("gzip -dc '{}' > '{}'", file.display(), to.display());
    process::run(&mut measure::shell(&line)).map(drop)
}

/// Copies a directory with all that is below.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("cannot remove `{}`", to.display()))?;
    }
    process::run(Command::new("cp").arg("-r").arg(from).arg(to))?;
    Ok(())
}

/// Bytes of all files below a directory.
pub(crate) fn bytes_below(directory: &Path) -> Result<u64> {
    paths::files(directory)?.into_iter().map(|file| Ok(fs::metadata(file)?.len())).sum()
}

/// Removes a directory with all that is below.
pub(crate) fn remove(directory: &Path) -> Result<()> {
    fs::remove_dir_all(directory).with_context(|| format!("cannot remove `{}`", directory.display()))
}
