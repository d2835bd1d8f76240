//! `cargo xtask e2e`: the built program between the real tools; and `cargo xtask zchunk`.
//!
//! Packages come from `rpmbuild`, metadata from two versions of `createrepo_c`;
//! dnf, zypper, librepo, libsolv and `createrepo_c` itself read the result, those of this
//! machine and those of the trees that [`xtask_common::systems`] has. What
//! repomd.xml says is read by a parser of this task's own, never by the
//! workspace's libraries.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what these tasks find out is for the terminal"
)]
#![allow(clippy::disallowed_methods, reason = "scratch files need none of the care that published files do")]

mod bench;
mod cache;
mod cases;
mod client;
mod completions;
mod composes;
mod copies;
mod gpg;
mod habits;
mod manual;
mod matrix;
mod memory;
mod odd;
mod options;
mod readers;
mod recipes;
mod records;
mod refresh;
mod repository;
mod run;
mod served;
mod signed;
mod swaps;
mod units;
mod versions;
mod views;
mod workers;
mod zchunk;
mod zchunk_sets;

use anyhow::Result;
use options::Options;
use std::process::ExitCode;
use xtask_common::task::{self, misuse};

fn main() -> ExitCode {
    task::run(|words| match *words {
        ["e2e", ref words @ ..] => cases(words),
        ["zchunk", directory] => zchunk_sets::run(directory.as_ref(), None).map(|()| true),
        ["zchunk", directory, only] => zchunk_sets::run(directory.as_ref(), Some(only)).map(|()| true),
        _ => Err(misuse("expected `e2e` or `zchunk DIR [NAME]`")),
    })
}

/// Runs the cases that the arguments choose; whether all passed.
fn cases(words: &[&str]) -> Result<bool> {
    let tally = run::run(&Options::parse(words)?)?;
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(tally.failed == 0)
}
