//! `cargo xtask synth`: the history of an invented repository of any size, for
//! measurements at the scale of a distribution.
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
mod prng;
#[cfg(test)]
mod tests;
mod text;
mod words;
mod write;

pub(crate) use history::{Churn, History, Options};
pub(crate) use prng::Rng;
pub(crate) use write::Written;

use anyhow::Result;
use std::path::Path;
use std::time::Instant;

/// Writes generations 1 to `generations`, or only one of them, as
/// `directory/gen-NNNN/repodata/`.
pub(crate) fn run(directory: &Path, options: Options, generations: u32, only: Option<u32>) -> Result<()> {
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
