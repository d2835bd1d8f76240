//! One repository that is composed some times, every time by a recipe.

use super::content;
use crate::bench::Bench;
use crate::client;
use crate::readers::{self, Reader, Site};
use crate::recipes::Shell;
use crate::records;
use crate::repository::Repository;
use anyhow::{Context as _, Result, ensure};
use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;
use xtask_common::packages::{self, Generation};
use xtask_common::{paths, process};

/// Debian's `createrepo_c` and the current one.
pub(super) const VERSIONS: [bool; 2] = [false, true];

/// How many generations are composed.
const COMPOSES: usize = 5;
/// Old states whose deltas stay by default.
const KEPT_STATES: usize = 3;
/// Readers of ordinary people.
const READERS: [Reader; 2] = [Reader::Dnf, Reader::Zypper];

/// A repository and what has become of it.
pub(super) struct Series<'a> {
    pub(super) bench: &'a Bench<'a>,
    pub(super) shell: Shell<'a>,
    /// What the lines of the report begin with.
    label: String,
    clock: bool,
    /// Copies of repodata/, oldest first.
    kept: RefCell<Vec<PathBuf>>,
    /// What the last compose was of.
    names: RefCell<Vec<&'static str>>,
}

impl<'a> Series<'a> {
    /// One in which nothing has happened yet.
    pub(super) fn new(bench: &'a Bench<'a>, name: &str, current: bool) -> Result<Self> {
        let version = if current { "1.2" } else { "0.17" };
        let label = format!("{name}, createrepo_c {version}");
        let shell = Shell::new(bench, current, &bench.work.join(format!("{name}-{version}")))?;
        Ok(Self { bench, shell, label, clock: false, kept: RefCell::default(), names: RefCell::default() })
    }

    /// The same with timestamps of the clock, and a second between composes.
    pub(super) fn by_the_clock(self) -> Self {
        Self { clock: true, ..self }
    }

    /// The repository and its history.
    pub(super) fn repository(&self) -> Repository<'a> {
        let history = self.shell.place("/var/lib/createrepo-delta/repo");
        Repository::at(self.bench, self.shell.place("/srv/repo"), history)
    }

    /// Composes the first generations, each by the next of the recipes, and from
    /// the last one on always by that.
    pub(super) fn play(&self, recipes: &[&str]) -> Result<()> {
        for (at, generation) in self.bench.generations.iter().take(COMPOSES).enumerate() {
            let recipe = recipes.get(at).or(recipes.last()).context("there is no recipe")?;
            packages::lay_out(generation, self.bench.pool, &self.shell.place("/srv/repo"))?;
            self.compose(recipe, generation, generation.time)?;
        }
        Ok(())
    }

    /// Runs a recipe at a time, with the packages that are there, and keeps a
    /// copy of the result.
    pub(super) fn compose(&self, recipe: &str, generation: &Generation, time: u64) -> Result<()> {
        let number = self.kept.borrow().len();
        for (name, text) in content::all(generation, number) {
            fs::write(self.shell.place(name), text)?;
        }
        let ran = self.shell.run(recipe, (!self.clock).then_some(time));
        ran.with_context(|| format!("{}, generation {}", self.label, generation.number))?;
        let copy = self.repository().keep(number)?;
        self.kept.borrow_mut().push(copy);
        *self.names.borrow_mut() = generation.files.iter().map(|file| file.build.entry.name).collect();
        if self.clock {
            // The next timestamp has to be another one.
            thread::sleep(Duration::from_millis(1100));
        }
        Ok(())
    }

    /// Copies of repodata/, oldest first, but for the last.
    pub(super) fn past(&self) -> Vec<PathBuf> {
        let kept = self.kept.borrow();
        kept.iter().take(kept.len().saturating_sub(1)).cloned().collect()
    }

    /// Says that a check passed.
    pub(super) fn ok(&self, what: &str) {
        self.bench.ok(format!("{}: {what}", self.label));
    }

    /// Asks readers, clients and `verify`.
    pub(super) fn check(&self) -> Result<()> {
        self.check_all().with_context(|| self.label.clone())
    }

    fn check_all(&self) -> Result<()> {
        let repository = self.repository();
        let count = repository.ensure_deltas()?;
        process::expect(&mut repository.verify_command(), 0)?;
        self.ok(&format!("{count} deltas, all proven"));
        client::check(self.bench, &repository, &self.past())?;
        self.ask_readers()
    }

    /// dnf and zypper find the same with deltas as without.
    fn ask_readers(&self) -> Result<()> {
        let repository = self.repository();
        let plain = self.shell.place("plain");
        paths::copy_flat(&repository.root.join("repodata"), &plain.join("repodata"))?;
        process::run(self.bench.program().arg("strip").arg(&plain))?;
        let before = readers::ask_some(self.bench, &READERS, &Site::local(&plain), "before")?;
        let after = readers::ask_some(self.bench, &READERS, &Site::local(&repository.root), "after")?;
        readers::ensure_agreement(self.bench, &before, &after, &self.names.borrow(), false)
    }

    /// The delta files that recent states name are all still there, for clients
    /// of mirrors that lag.
    pub(super) fn ensure_kept(&self) -> Result<()> {
        let root = self.repository().root;
        let mut count = 0;
        for state in self.past().iter().rev().take(KEPT_STATES) {
            for delta in records::read(state)?.iter().flat_map(|record| &record.deltas) {
                let path = root.join(&delta.href);
                ensure!(path.is_file(), "{}: `{}` is gone too early", self.label, path.display());
                count += 1;
            }
        }
        ensure!(count > 0, "{}: older states list no deltas", self.label);
        self.ok(&format!("{count} deltas of older states are still there"));
        Ok(())
    }
}
