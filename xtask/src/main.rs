//! Development tasks: `cargo xtask help` lists them.
//!
//! This is a driver. It runs cargo, the distribution's tools, scripts, and programs of
//! their own, which are workspace members: see [`members`]. It links none of the
//! workspace's libraries, so that it is built in seconds.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what these tasks find out is for the terminal"
)]
#![allow(clippy::disallowed_methods, reason = "scratch files need none of the care that published files do")]

mod ci;
mod crate_files;
mod fixtures;
mod fuzz;
mod licences;
mod members;
mod setup;

use anyhow::{Context as _, Result};
use members::{BENCH, DIST, E2E, PACKAGES, PROGRAM, REPLAY};
use std::env;
use std::process::{Command, ExitCode};
use xtask_common::task::{self, misuse};
use xtask_common::{paths, process};

const HELP: &str = "\
Usage: cargo xtask TASK

  setup [--print]   install what the other tasks need (Debian, as root), and make
                    the trees of other releases, or anew when they are a week
                    old; --print only says what is missing
  demo              publish the small repository of testdata/demo-history and
                    show what the clients of past generations download
  decoder           publish it once more, and play its clients with the second decoder,
                    that of testdata/decoder, which needs python3-zstandard
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
  bench [--quick | --smallest] [PART...]
                    measure the optimised program on invented repositories, beside
                    the tools that people would use instead: tables, and all
                    figures in target/xtask/bench (an hour or more, twenty
                    gigabytes of disk; --quick: two minutes; --smallest: hardly
                    anything, with the program as the other tasks have it, to see
                    that it works); only the parts
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
  dist [--source] [--twice]
                    make the archives of a release of the commit that is checked
                    out, in target/xtask/dist: sources with all dependencies, and,
                    but for --source, the program for glibc 2.28 and later, its
                    licences and its bill of materials (ten minutes); --twice makes
                    them again elsewhere and compares every byte
  packages [rpm] [deb] [--archive PATH] [--build]
                    make RPM and Debian packages from the source archive, or from
                    that at PATH, without a network; install them in a fresh system,
                    run, upgrade and remove them: with the program as the other tasks
                    have it, or, with --build, built from the archive (half an hour)
  fuzz [TARGET...] [--seconds N]
                    run the fuzz targets, or those named, for N seconds each
                    (300 unless told; 0 only runs the inputs that are there);
                    fails where an input is found that breaks a target, which
                    is kept below fuzz/artifacts
  licences [--advisories [DIR]]
                    check licences and sources of all dependencies; --advisories looks
                    for known vulnerabilities, in the public database or in a clone
  ci                setup, format, lints, documentation, tests, fuzz targets,
                    licences, packages of the crates, demo, second decoder, a
                    benchmark of hardly anything, packages, e2e
  help              print this
";

fn main() -> ExitCode {
    task::run(run)
}

/// Whether everything passed; an error when the task could not be done.
fn run(words: &[&str]) -> Result<bool> {
    match *words {
        [] | ["help" | "--help" | "-h"] => print!("{HELP}"),
        ["setup"] => setup::run()?,
        ["setup", "--print"] => setup::print()?,
        ["fixtures"] => fixtures::run()?,
        ["licences"] => licences::check()?,
        ["licences", "--advisories"] => licences::advisories(None)?,
        ["licences", "--advisories", database] => licences::advisories(Some(database.as_ref()))?,
        ["ci"] => return Ok(ci::run()),
        ["decoder" | "demo" | "sweep", ..] => return REPLAY.run(words),
        ["bench" | "recipes" | "rivals" | "synth", ..] => return BENCH.run(words),
        ["dist", ..] => return DIST.run(words),
        ["packages", ..] => return PACKAGES.run(words),
        ["e2e" | "zchunk", ..] => return E2E.run(words),
        ["oracle", ref rest @ ..] => return python("oracle.py", rest),
        ["faults", ref rest @ ..] => return python("faults.py", rest),
        ["fuzz", ref rest @ ..] => return fuzz::run(&fuzz_options(rest)?),
        _ => return Err(misuse(format_args!("unknown task `{}`", words.join(" ")))),
    }
    Ok(true)
}

/// Runs a task that is a script; it calls this program and the one under test.
fn python(name: &str, words: &[&str]) -> Result<bool> {
    members::build(&[PROGRAM])?;
    let mut command = Command::new(paths::SYSTEM_PYTHON);
    command.arg("-B").arg(paths::root().join("xtask/py").join(name)).args(words);
    command.env("XTASK", env::current_exe()?).env("PROGRAM", paths::program()?);
    Ok(command.status().with_context(|| format!("cannot start `{}`", process::describe(&command)))?.success())
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
            _ if word.starts_with('-') => return Err(misuse(format_args!("unknown option `{word}`"))),
            _ => options.targets.push((*word).to_owned()),
        }
    }
    Ok(options)
}
