//! Tasks that are programs of their own, workspace members below `xtask/`.
//!
//! They link the workspace's libraries and take a while to build, which no other task
//! waits for. The program under test is built with them, in one call of cargo: what both
//! need is then built once, with the features of both.

use anyhow::{Context as _, Result};
use std::process::Command;
use xtask_common::tools::cargo;
use xtask_common::{paths, process};

/// Clients of past generations: `decoder`, `demo` and `sweep`.
pub(crate) const REPLAY: Member = Member { package: "xtask-replay", beside: Some(PROGRAM), alone: None };
/// The end-to-end run.
pub(crate) const E2E: Member =
    Member { package: "xtask-e2e", beside: Some(PROGRAM), alone: Some("xtask-reader") };
/// What is measured.
pub(crate) const BENCH: Member = Member { package: "xtask-bench", beside: Some(PROGRAM), alone: None };
/// The archives of a release, which has its own way of building the program.
pub(crate) const DIST: Member = Member { package: "xtask-dist", beside: None, alone: None };

/// Packages of the program.
pub(crate) const PACKAGES: Member = Member { beside: Some(PROGRAM), ..DIST };

/// A member that does tasks.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    package: &'static str,
    /// What is built with it.
    beside: Option<&'static str>,
    /// A program that it runs, which other features are built into.
    alone: Option<&'static str>,
}

impl Member {
    /// Builds it; the command that runs it with `words`.
    pub(crate) fn command(self, words: &[&str]) -> Result<Command> {
        build(&[Some(self.package), self.beside].into_iter().flatten().collect::<Vec<_>>())?;
        self.alone.map_or(Ok(()), |package| build(&[package]))?;
        let mut command = Command::new(paths::profile_dir()?.join(self.package));
        command.args(words);
        Ok(command)
    }

    /// Runs it; whether everything passed.
    pub(crate) fn run(self, words: &[&str]) -> Result<bool> {
        let mut command = self.command(words)?;
        let status = command.status();
        Ok(status.with_context(|| format!("cannot start `{}`", process::describe(&command)))?.success())
    }
}

/// The package of the program under test.
pub(crate) const PROGRAM: &str = "createrepo-delta";

/// Builds packages in the profile of this program.
pub(crate) fn build(packages: &[&str]) -> Result<()> {
    let mut command = cargo();
    command.args(["build", "--quiet", "--locked"]);
    if paths::profile_dir()?.ends_with("release") {
        command.arg("--release");
    }
    process::stream(command.args(packages.iter().flat_map(|package| ["--package", package])))
}
