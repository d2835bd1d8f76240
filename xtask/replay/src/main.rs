//! `cargo xtask demo`, `cargo xtask decoder` and `cargo xtask sweep`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what these tasks find out is for the terminal"
)]
#![allow(clippy::disallowed_methods, reason = "scratch files need none of the care that published files do")]

mod decoder;
mod demo;
mod sweep;

use anyhow::Result;
use std::process::ExitCode;
use xtask_common::task::{self, misuse};

fn main() -> ExitCode {
    task::run(|words| match *words {
        ["demo"] => demo::run().map(|()| true),
        ["decoder"] => decoder::run().map(|()| true),
        ["sweep", ref words @ ..] => sweep(words),
        _ => Err(misuse("expected `demo`, `decoder` or `sweep`")),
    })
}

fn sweep(words: &[&str]) -> Result<bool> {
    let everyone = words.contains(&"--everyone");
    let rest: Vec<&str> = words.iter().copied().filter(|word| *word != "--everyone").collect();
    match rest[..] {
        [directory] => sweep::run(directory.as_ref(), None, everyone),
        [directory, only] => sweep::run(directory.as_ref(), Some(only), everyone),
        _ => Err(misuse("sweep needs a directory")),
    }
}
