//! What is measured: `cargo xtask bench`, `rivals`, `recipes`, and `synth`, the invented
//! repositories that are measured on.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what these tasks find out is for the terminal"
)]
#![allow(clippy::disallowed_methods, reason = "scratch files need none of the care that published files do")]

mod clients;
mod files;
mod journaling;
mod measure;
mod options;

mod peer;
mod peers;
mod prepare;
mod publishing;
mod rebuilding;
mod recipes;
mod report;
mod rivals;
mod run;
mod superseded;
mod synth;
mod updating;

use anyhow::Result;
use options::Options;
use std::process::ExitCode;
use xtask_common::paths;
use xtask_common::task::{self, misuse};

fn main() -> ExitCode {
    task::run(run)
}

fn run(words: &[&str]) -> Result<bool> {
    match *words {
        ["bench", "--quick", ref parts @ ..] => run::run(&Options::quick().only(parts)?)?,
        ["bench", "--smallest", ref parts @ ..] => {
            run::run(&Options::smallest(paths::program()?).only(parts)?)?;
        }
        ["bench", ref parts @ ..] => run::run(&Options::full().only(parts)?)?,
        ["rivals", directory] => return rivals::run(directory.as_ref(), None),
        ["rivals", directory, only] => return rivals::run(directory.as_ref(), Some(only)),
        ["recipes", directory] => recipes::run(directory.as_ref())?,
        ["synth", ref rest @ ..] => synth::run(rest)?,
        _ => return Err(misuse("expected `bench`, `rivals`, `recipes` or `synth`")),
    }
    Ok(true)
}
