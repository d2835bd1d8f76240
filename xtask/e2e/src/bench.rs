//! What every case works with: the program, a system, a directory, packages, and the
//! lines that say what was found.

use anyhow::{Context as _, Result, ensure};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::packages::{Generation, Pool};
use xtask_common::paths;
use xtask_common::systems::{Guest, System};

/// One case's surroundings.
pub(crate) struct Bench<'a> {
    name: &'a str,
    binary: &'a Path,
    /// The system in which package managers and other readers run.
    pub(crate) system: System,
    guest: OnceCell<Guest>,
    /// The case's own directory.
    pub(crate) work: &'a Path,
    /// The repository's history.
    pub(crate) generations: &'a [Generation],
    /// Its packages.
    pub(crate) pool: &'a Pool,
    passed: Cell<usize>,
    said: RefCell<String>,
}

impl<'a> Bench<'a> {
    /// Surroundings in which nothing has been checked yet.
    pub(crate) fn new(
        name: &'a str,
        system: System,
        binary: &'a Path,
        work: &'a Path,
        generations: &'a [Generation],
        pool: &'a Pool,
    ) -> Result<Self> {
        let (guest, passed, said) = (OnceCell::new(), Cell::new(0), RefCell::default());
        let bench = Self { name, binary, system, guest, work, generations, pool, passed, said };
        if system != System::Host {
            bench.guest()?;
        }
        Ok(bench)
    }

    /// Notes and counts that a check passed.
    pub(crate) fn ok(&self, what: impl AsRef<str>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.said.borrow_mut(), "ok {}: {}", self.name, what.as_ref());
        self.passed.set(self.passed.get() + 1);
    }

    /// How many checks passed.
    pub(crate) fn passed(&self) -> usize {
        self.passed.get()
    }

    /// A line for each check that passed.
    pub(crate) fn said(&self) -> String {
        self.said.take()
    }

    /// Where the program under test is, in every system.
    pub(crate) fn binary(&self) -> &'a Path {
        self.binary
    }

    /// The first generations.
    pub(crate) fn first<const N: usize>(&self) -> Result<[&'a Generation; N]> {
        let first = self.generations.first_chunk::<N>().context("there are too few generations")?;
        Ok(first.each_ref())
    }

    /// The program under test, on this machine.
    pub(crate) fn program(&self) -> Command {
        Command::new(self.binary)
    }

    /// A program of the system.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        match self.guest.get() {
            Some(guest) => guest.command(program),
            None => Command::new(program),
        }
    }

    /// The view of the system in which all of its files can be changed. For this machine
    /// there is one from the first call on.
    pub(crate) fn guest(&self) -> Result<&Guest> {
        if let Some(guest) = self.guest.get() {
            return Ok(guest);
        }
        let programs = self.binary.parent().context("the program has no directory")?;
        let scripts = paths::root().join("xtask/e2e/py");
        let guest = Guest::start(&self.system.root(), &[self.work, programs, &scripts])?;
        Ok(self.guest.get_or_init(|| guest))
    }
}

/// All files below `directory` with their content.
pub(crate) fn snapshot(directory: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let files = paths::files(directory)?.into_iter();
    files.map(|path| fs::read(&path).map(|content| (path, content)).map_err(Into::into)).collect()
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

/// A helper script of the cases.
pub(crate) fn script(name: &str) -> PathBuf {
    paths::root().join("xtask/e2e/py").join(name)
}
