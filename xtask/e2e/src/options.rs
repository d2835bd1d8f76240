//! What to run, and what came of it.

use anyhow::{Context as _, Result};
use std::ops::AddAssign;
use std::path::PathBuf;
use xtask_common::systems::{self, System};
use xtask_common::task::misuse;

/// What to run, and on what.
#[derive(Default)]
pub(crate) struct Options {
    /// Only the cases whose name contains this.
    pub(crate) only: Option<String>,
    /// Only in this system.
    pub(crate) system: Option<System>,
    /// Leave the work directories of successful cases too.
    pub(crate) keep: bool,
    /// The program to try, instead of the one that was built with this.
    pub(crate) binary: Option<PathBuf>,
}

impl Options {
    /// What the arguments say.
    pub(crate) fn parse(words: &[&str]) -> Result<Self> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--keep" => options.keep = true,
                "--only" => options.only = Some((*words.next().context("--only needs a name")?).to_owned()),
                "--system" => {
                    let name = *words.next().context("--system needs a name")?;
                    options.system = Some(named(name)?);
                }
                "--binary" => options.binary = Some(words.next().context("--binary needs a path")?.into()),
                _ => return Err(misuse(format_args!("unknown option `{word}`"))),
            }
        }
        Ok(options)
    }
}

fn named(name: &str) -> Result<System> {
    let names = systems::ALL.map(System::name).join(", ");
    System::named(name).with_context(|| format!("there is no system `{name}`\n\nhint: there are {names}"))
}

/// How many checks went which way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Checks that passed.
    pub(crate) passed: usize,
    /// Cases that failed.
    pub(crate) failed: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
    }
}
