//! Development tasks: `cargo xtask help` lists them.
//!
//! They run the built program and the distribution's tools as a user would. Of
//! the workspace's code only what a client needs is linked in, to play clients by
//! the thousand.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what these tasks find out is for the terminal"
)]
#![allow(clippy::disallowed_methods, reason = "scratch files need none of the care that published files do")]

mod bench;
mod ci;
mod demo;
mod e2e;
mod fixtures;
mod fuzz;
mod libraries;
mod licences;
mod lone;
mod packages;
mod paths;
mod process;
mod recipes;
mod replay;
mod rivals;
mod setup;
mod sweep;
mod synth;
mod systems;
mod zchunk;

use anyhow::{Context as _, Result, bail};
use std::env;
use std::process::{Command, ExitCode};

const HELP: &str = "\
Usage: cargo xtask TASK

  setup [--print]   install what the other tasks need (Debian, as root), and make
                    the trees of other releases, or anew when they are a week
                    old; --print only says what is missing
  demo              publish the small repository of testdata/demo-history and
                    show what the clients of past generations download
  sweep [--everyone] DIR [NAME]
                    publish every history of repodata below DIR (sets whose name
                    contains NAME), play the clients of all past generations;
                    --everyone lists deltas of any size, so that all are tried
  rivals DIR [NAME] compare journals of the same histories with deltas of format 1,
                    steps for one client alone, and general tools
  synth DIR [--packages N] [--generations N] [--seed N] [--only N]
                    write the history of an invented repository of N packages
                    (76439, in 56 generations) as DIR/gen-NNNN/repodata, or only
                    generation N of it; build with --release for large ones
  bench [--quick] [PART...]
                    measure the optimised program on invented repositories, beside
                    the tools that people would use instead: tables, and all
                    figures in target/xtask/bench (an hour or more, twenty
                    gigabytes of disk; --quick: two minutes); only the parts
                    named: publish, history, apply, update, bytes,
                    journal, recipes
  recipes DIR       find the recipe of every published file below DIR: tables of
                    those that are rebuilt to the bit, and of the others
  zchunk DIR [NAME] publish the generations of repositories with zchunk files below
                    DIR (sets whose name contains NAME) one after another, and
                    compare what a client downloads with what zckdl does
  oracle [--tag TAG] [--only NAME] [--data DIR] [--cases DIR] [--quick] [--new PROGRAM]
                    compare what this tree's program prints and writes with what the
                    program of a tag (behaviour-1) does in the same runs, to the
                    byte: over testdata/demo-history, an invented repository, the
                    sets of repodata below DIR and the cases DIR/*/run.sh
  faults [--all] [--only NAME]
                    let system calls of generate, strip, update and refresh fail, or
                    be the last one, and read what is left: a sample (ten minutes),
                    or each of them
  fixtures          make testdata/demo-history again
  e2e [--only NAME] [--system SYSTEM] [--keep] [--binary PATH]
                    run the program between the real tools: only the cases whose
                    name contains NAME (`refresh-gz@trixie` is one in a tree),
                    only in one system (host, trixie, testing), keeping the work
                    directories, with a program that is already built
  fuzz [TARGET...] [--seconds N]
                    run the fuzz targets, or those named, for N seconds each
                    (300 unless told; 0 only runs the inputs that are there);
                    fails where an input is found that breaks a target, which
                    is kept below fuzz/artifacts
  ci                setup, format, lints, documentation, tests, fuzz targets,
                    licences, demo, a benchmark of hardly anything, e2e
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
        ["demo"] => demo::run()?,
        ["sweep", ref rest @ ..] => return sweep_all(rest),
        ["synth", ref rest @ ..] => synthesize(rest)?,
        ["bench", "--quick", ref parts @ ..] => bench::run(&bench::Options::quick().only(parts)?)?,
        ["bench", ref parts @ ..] => bench::run(&bench::Options::full().only(parts)?)?,
        ["recipes", directory] => recipes::run(directory.as_ref())?,
        ["zchunk", directory] => zchunk::run(directory.as_ref(), None)?,
        ["zchunk", directory, only] => zchunk::run(directory.as_ref(), Some(only))?,
        ["oracle", ref rest @ ..] => return python("oracle.py", rest),
        ["faults", ref rest @ ..] => return python("faults.py", rest),
        ["fixtures"] => fixtures::run()?,
        ["ci"] => return Ok(summary(ci::run())),
        ["e2e", ref rest @ ..] => return Ok(summary(e2e::run(&e2e_options(rest)?)?)),
        ["rivals", directory] => return rivals::run(directory.as_ref(), None),
        ["rivals", directory, only] => return rivals::run(directory.as_ref(), Some(only)),
        ["fuzz", ref rest @ ..] => return fuzz::run(&fuzz_options(rest)?),
        _ => bail!("unknown task `{}`\n\nhint: run `cargo xtask help`", words.join(" ")),
    }
    Ok(true)
}

/// Runs a task that is a script; it calls this program and the one under test.
fn python(name: &str, words: &[&str]) -> Result<bool> {
    let mut command = Command::new(paths::SYSTEM_PYTHON);
    command.arg("-B").arg(paths::script(name)).args(words);
    command.env("XTASK", env::current_exe()?).env("PROGRAM", replay::program()?);
    Ok(command.status().with_context(|| format!("cannot start `{}`", process::describe(&command)))?.success())
}

fn sweep_all(words: &[&str]) -> Result<bool> {
    let everyone = words.contains(&"--everyone");
    let rest: Vec<&str> = words.iter().copied().filter(|w| *w != "--everyone").collect();
    match rest[..] {
        [directory] => sweep::run(directory.as_ref(), None, everyone),
        [directory, only] => sweep::run(directory.as_ref(), Some(only), everyone),
        _ => bail!("sweep needs a directory\n\nhint: run `cargo xtask help`"),
    }
}

fn synthesize(words: &[&str]) -> Result<()> {
    let (mut options, mut generations, mut only, mut directory) = (synth::Options::default(), 56, None, None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if !word.starts_with('-') && directory.is_none() {
            directory = Some(*word);
            continue;
        }
        let mut number = |most: u64| -> Result<u64> {
            let number = words.next().with_context(|| format!("{word} needs a number"))?;
            match number.parse() {
                Ok(value) if value <= most => Ok(value),
                _ => bail!("`{number}` is no number from 0 to {most}"),
            }
        };
        let small = u64::from(u32::MAX);
        match *word {
            "--packages" => options.packages = u32::try_from(number(small)?)?,
            "--generations" => generations = u32::try_from(number(small)?)?,
            "--seed" => options.seed = number(u64::MAX)?,
            "--only" => only = Some(u32::try_from(number(small)?)?),
            _ => bail!("unknown option `{word}`\n\nhint: run `cargo xtask help`"),
        }
    }
    let directory = directory.context("synth needs a directory\n\nhint: run `cargo xtask help`")?;
    synth::run(directory.as_ref(), options, generations, only)
}

fn e2e_options(words: &[&str]) -> Result<e2e::Options> {
    let mut options = e2e::Options::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--keep" => options.keep = true,
            "--only" => options.only = Some((*words.next().context("--only needs a name")?).to_owned()),
            "--system" => {
                let name = *words.next().context("--system needs a name")?;
                let system = systems::System::named(name);
                let names = systems::ALL.map(systems::System::name).join(", ");
                options.system =
                    Some(system.with_context(|| {
                        format!("there is no system `{name}`\n\nhint: there are {names}")
                    })?);
            }
            "--binary" => options.binary = Some(words.next().context("--binary needs a path")?.into()),
            _ => bail!("unknown option `{word}`\n\nhint: run `cargo xtask help`"),
        }
    }
    Ok(options)
}

fn fuzz_options(words: &[&str]) -> Result<fuzz::Options> {
    let mut options = fuzz::Options::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--seconds" => {
                let seconds = words.next().context("--seconds needs a number")?;
                options.seconds = seconds.parse().with_context(|| format!("`{seconds}` is no number"))?;
            }
            _ if word.starts_with('-') => bail!("unknown option `{word}`\n\nhint: run `cargo xtask help`"),
            _ => options.targets.push((*word).to_owned()),
        }
    }
    Ok(options)
}

fn summary(tally: e2e::Tally) -> bool {
    println!("{} passed, {} failed", tally.passed, tally.failed);
    tally.failed == 0
}
