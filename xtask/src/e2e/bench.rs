//! What every case works with: the program, a directory, packages, and the
//! lines that say what was found.

use crate::packages::{Generation, Pool};
use anyhow::{Context as _, Result, ensure};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One case's surroundings.
pub(crate) struct Bench<'a> {
    name: &'a str,
    binary: &'a Path,
    /// The case's own directory.
    pub(crate) work: &'a Path,
    /// The repository's history.
    pub(crate) generations: &'a [Generation],
    /// Its packages.
    pub(crate) pool: &'a Pool,
    passed: Cell<usize>,
}

impl<'a> Bench<'a> {
    /// Surroundings in which nothing has been checked yet.
    pub(crate) fn new(
        name: &'a str,
        binary: &'a Path,
        work: &'a Path,
        generations: &'a [Generation],
        pool: &'a Pool,
    ) -> Self {
        Self { name, binary, work, generations, pool, passed: Cell::new(0) }
    }

    /// Says and counts that a check passed.
    pub(crate) fn ok(&self, what: impl AsRef<str>) {
        println!("ok {}: {}", self.name, what.as_ref());
        self.passed.set(self.passed.get() + 1);
    }

    /// How many checks passed.
    pub(crate) fn passed(&self) -> usize {
        self.passed.get()
    }

    /// Where the program under test is.
    pub(crate) fn binary(&self) -> &'a Path {
        self.binary
    }

    /// The program under test.
    pub(crate) fn program(&self) -> Command {
        Command::new(self.binary)
    }
}

/// All files below `directory` with their content.
pub(crate) fn snapshot(directory: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![directory.to_path_buf()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("cannot list `{}`", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let content = fs::read(&path)?;
                files.insert(path, content);
            }
        }
    }
    Ok(files)
}

/// Fails, naming the files, unless `directory` is as it was.
pub(crate) fn ensure_unchanged(directory: &Path, before: &BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    let after = snapshot(directory)?;
    let changed: Vec<String> = before
        .keys()
        .chain(after.keys())
        .filter(|path| before.get(*path) != after.get(*path))
        .map(|path| path.display().to_string())
        .collect();
    ensure!(changed.is_empty(), "these files were changed: {}", changed.join(", "));
    Ok(())
}
