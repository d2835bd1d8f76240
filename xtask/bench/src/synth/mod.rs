//! `cargo xtask synth`: the history of an invented repository of any size, for
//! measurements at the scale of a distribution.
//!
//! It is metadata alone: no package is built, and nothing of it can be installed. For that
//! there are the packages of [`xtask_common::packages`].
//!
//! The same options give the same open bytes on every machine. What it does not
//! imitate: content that returns, packages that move, duplicates, other metadata
//! types than primary, filelists and other.

mod filelists;
mod history;
mod names;
mod other;
mod package;
mod primary;
#[cfg(test)]
mod tests;
mod text;
mod words;
mod write;

pub(crate) use history::{Churn, History, Options};
pub(crate) use write::Written;

use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::time::Instant;
use xtask_common::task::misuse;

/// What to write.
struct Command {
    directory: PathBuf,
    options: Options,
    generations: u32,
    /// Only this one.
    only: Option<u32>,
}

/// Writes what the arguments say.
pub(crate) fn run(words: &[&str]) -> Result<()> {
    let Command { directory, options, generations, only } = parse(words)?;
    write_all(&directory, options, generations, only)
}

fn parse(words: &[&str]) -> Result<Command> {
    let (mut options, mut generations, mut only, mut directory) = (Options::default(), 56, None, None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if !word.starts_with('-') && directory.is_none() {
            directory = Some(PathBuf::from(word));
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
            _ => return Err(misuse(format_args!("unknown option `{word}`"))),
        }
    }
    let directory = directory.ok_or_else(|| misuse("synth needs a directory"))?;
    Ok(Command { directory, options, generations, only })
}

/// Writes generations 1 to `generations`, or only one of them, as
/// `directory/gen-NNNN/repodata/`.
fn write_all(directory: &Path, options: Options, generations: u32, only: Option<u32>) -> Result<()> {
    let mut history = History::new(options)?;
    println!("generation packages  changed (updated, stamped, added, removed)  bytes open / gz  seconds");
    for generation in 1..=generations {
        if only.is_some_and(|only| only != generation) {
            continue;
        }
        let begun = Instant::now();
        let written = history.write(generation, &directory.join(format!("gen-{generation:04}")))?;
        report(&history, &written, begun);
    }
    Ok(())
}

fn report(history: &History, written: &[Written], begun: Instant) {
    let Churn { updated, stamped, added, removed } = history.churn();
    let files: Vec<String> =
        written.iter().map(|w| format!("{} {} / {}", w.data_type, w.open_size, w.size)).collect();
    println!(
        "gen-{:04} {:>9} {:>6} ({updated}, {stamped}, {added}, {removed})  {}  {:.1}",
        history.generation(),
        history.packages(),
        history.churn().total(),
        files.join("  "),
        begun.elapsed().as_secs_f64()
    );
}
