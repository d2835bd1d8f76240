//! A directory with everything that a release consists of, and `SHA256SUMS`.

use crate::commit::Commit;
use crate::{binary, source};
use anyhow::{Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::{paths, process};

/// What is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parts {
    /// The source archive alone.
    Source,
    /// The built program, too.
    All,
}

/// What is built on the way, beside what is released.
const WORK: &str = "work";

/// Makes the release in `output`.
pub(crate) fn make(commit: &Commit, parts: Parts, output: &Path) -> Result<()> {
    paths::make_empty(output)?;
    let work = output.join(WORK);
    fs::create_dir(&work)?;
    let archive = source::make(commit, &work, output)?;
    println!("ok dist: the source archive has {} bytes", fs::metadata(&archive)?.len());
    if parts == Parts::All {
        binary::make(commit, &archive, &work, output)?;
    }
    fs::remove_dir_all(&work)?;
    let files = released(output)?;
    let mut sums = Command::new("sha256sum");
    let sums = process::run(sums.current_dir(output).args(files.iter().filter_map(|path| path.file_name())))?;
    fs::write(output.join("SHA256SUMS"), &sums.stdout)?;
    print!("{}", String::from_utf8_lossy(&sums.stdout));
    println!("ok dist: `{}` has {} and SHA256SUMS", output.display(), count(files.len()));
    Ok(())
}

fn count(files: usize) -> String {
    format!("{files} file{}", if files == 1 { "" } else { "s" })
}

fn released(output: &Path) -> Result<Vec<PathBuf>> {
    paths::files(output)
}

/// Fails, naming the files, unless both directories have the same.
pub(crate) fn compare(one: &Path, other: &Path) -> Result<()> {
    let files = released(one)?;
    ensure!(files.len() == released(other)?.len(), "the second time there were other files");
    for file in &files {
        let again = other.join(file.file_name().unwrap_or_default());
        let is_same = fs::read(file)? == fs::read(&again)?;
        ensure!(is_same, "`{}` is another the second time", file.display());
    }
    println!("ok dist: made again in another directory, {} are the same to the byte", count(files.len()));
    Ok(())
}
