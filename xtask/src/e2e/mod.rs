//! `cargo xtask e2e`: the built program between the real tools.
//!
//! Packages come from `rpmbuild`, metadata from two versions of `createrepo_c`;
//! dnf, zypper, librepo, libsolv and `createrepo_c` itself read the result, those of this
//! machine and those of the trees that [`crate::systems`] has. What
//! repomd.xml says is read by a parser of this task's own, never by the
//! workspace's libraries.

mod bench;
pub(crate) mod cache;
mod cases;
mod client;
mod completions;
mod composes;
mod copies;
mod gpg;
mod guards;
mod habits;
mod matrix;
mod memory;
mod odd;
mod readers;
mod recipes;
mod recorder;
pub(crate) mod records;
mod refresh;
mod repository;
mod served;
mod signed;
mod swaps;
mod units;
mod updates;
mod versions;
mod views;
pub(crate) mod web;
mod workers;
mod zchunk;

use crate::systems::System;
use crate::{packages, paths, process, setup};
use anyhow::{Result, bail};
use std::fs;
use std::ops::AddAssign;
use std::path::PathBuf;
use workers::Common;

/// What to run, and on what.
#[derive(Default)]
pub(crate) struct Options {
    /// Only the cases whose name contains this.
    pub(crate) only: Option<String>,
    /// Only in this system.
    pub(crate) system: Option<System>,
    /// Leave the work directories of successful cases too.
    pub(crate) keep: bool,
    /// The program to try, instead of building it.
    pub(crate) binary: Option<PathBuf>,
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

/// Runs the cases, several at a time.
pub(crate) fn run(options: &Options) -> Result<Tally> {
    let chosen = cases::chosen(options.only.as_deref(), options.system);
    if chosen.is_empty() {
        let all = cases::chosen(None, None);
        let names: Vec<String> = all.iter().map(|(case, system)| case.name_in(*system)).collect();
        bail!("there is no such case\n\nhint: the cases are {}", names.join(", "));
    }
    setup::check_tools()?;
    let binary = match &options.binary {
        Some(path) => fs::canonicalize(path)?,
        None => build()?,
    };
    let generations = packages::generations()?;
    let pool = packages::Pool::fill(&generations)?;
    let common = Common { options, binary: &binary, generations: &generations, pool: &pool };
    Ok(workers::run(chosen, &common))
}

/// Builds the program with the profile of this one, beside it.
pub(crate) fn build() -> Result<PathBuf> {
    let directory = paths::profile_dir()?;
    let mut command = setup::cargo();
    command.args(["build", "--quiet", "--locked", "--package", "createrepo-delta"]);
    if directory.ends_with("release") {
        command.arg("--release");
    }
    process::stream(&mut command)?;
    let binary = directory.join("createrepo-delta");
    if !binary.is_file() {
        bail!("cargo did not make `{}`", binary.display());
    }
    Ok(binary)
}
