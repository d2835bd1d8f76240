//! Development tasks: `cargo xtask help` lists them.
//!
//! They run the built program and the distribution's tools as a user would; no
//! code of the workspace is linked in.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what these tasks find out is for the terminal"
)]
#![allow(clippy::disallowed_methods, reason = "scratch files need none of the care that published files do")]

mod ci;
mod demo;
mod e2e;
mod fixtures;
mod paths;
mod process;
mod setup;

use anyhow::{Context as _, Result, bail};
use std::env;
use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask TASK

  setup [--print]   install what the other tasks need (Debian, as root);
                    --print only says what is missing
  fixtures          make testdata/demo-history again
  e2e [--only NAME] [--keep] [--binary PATH]
                    run the program between the real tools: only the cases whose
                    name contains NAME, keeping the work directories, with a
                    program that is already built
  ci                setup, format, lints, documentation, tests, fuzz targets,
                    licences, e2e
  help              print this
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything passed; an error when the task could not be done.
fn run(arguments: &[String]) -> Result<bool> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] | ["help" | "--help" | "-h"] => print!("{HELP}"),
        ["setup"] => setup::run(false)?,
        ["setup", "--print"] => setup::run(true)?,
        ["fixtures"] => fixtures::run()?,
        ["ci"] => return Ok(summary(ci::run())),
        ["e2e", ref rest @ ..] => return Ok(summary(e2e::run(&e2e_options(rest)?)?)),
        _ => bail!("unknown task `{}`\n\nhint: run `cargo xtask help`", words.join(" ")),
    }
    Ok(true)
}

fn e2e_options(words: &[&str]) -> Result<e2e::Options> {
    let mut options = e2e::Options::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--keep" => options.keep = true,
            "--only" => options.only = Some((*words.next().context("--only needs a name")?).to_owned()),
            "--binary" => options.binary = Some(words.next().context("--binary needs a path")?.into()),
            _ => bail!("unknown option `{word}`\n\nhint: run `cargo xtask help`"),
        }
    }
    Ok(options)
}

fn summary(tally: e2e::Tally) -> bool {
    println!("{} passed, {} failed", tally.passed, tally.failed);
    tally.failed == 0
}
