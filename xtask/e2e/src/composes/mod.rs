//! Ways to compose: each recipe of the documents is run for some
//! generations, and then readers, clients and `verify` are asked.
//!
//! What is not here: what the matrix tries already, every reader under every
//! compression, and what `signed` says of signatures.

mod calls;
pub(super) mod content;
mod cron;
mod mirror;
mod series;
mod several;
mod signing;
mod times;
mod trees;
mod types;

use crate::bench::Bench;
use crate::recipes;
use anyhow::{Result, ensure};
use series::{Series, VERSIONS};
use std::collections::BTreeSet;

/// Recipes that need nothing but packages and a `createrepo_c`.
const PLAIN: [&str; 6] = ["anew", "update", "modifyrepo-late", "simple-names", "retain", "checksum"];
/// Recipes that have a function of their own.
const SPECIAL: [&str; 16] = [
    "other-types",
    "revision",
    "zck",
    "compression",
    "merge",
    "empty-tree",
    "sign-again",
    "rollback",
    "several",
    "build-times",
    "script",
    "status",
    "retry",
    "config",
    "obs",
    "pungi",
];

/// The plain ones, and that none is without a run.
pub(crate) fn plain(bench: &Bench<'_>) -> Result<()> {
    ensure_known()?;
    for current in VERSIONS {
        for name in PLAIN {
            let series = Series::new(bench, name, current)?;
            series.play(&[&recipes::text(name)?])?;
            series.check()?;
        }
    }
    Ok(())
}

/// Timestamps of the clock, zchunk, and compressions that change.
pub(crate) fn options(bench: &Bench<'_>) -> Result<()> {
    for current in VERSIONS {
        let series = Series::new(bench, "revision", current)?.by_the_clock();
        series.play(&[&recipes::text("revision")?])?;
        series.check()?;

        let text = recipes::text("compression")?;
        let [gz, bz2, zstd] = ["gz", "bz2", "zstd"].map(|other| text.replace(" xz ", &format!(" {other} ")));
        ensure!(gz != text, "the recipe does not name the compression");
        let series = Series::new(bench, "compression", current)?;
        let recipes = if current { [&gz, &zstd, &bz2, &text] } else { [&gz, &text, &bz2, &text] };
        series.play(&recipes.map(String::as_str))?;
        series.check()?;
    }
    // Only Debian's version is built with zchunk.
    let series = Series::new(bench, "zck", false)?;
    series.play(&[&recipes::text("zck")?])?;
    let records = series.repository().records()?;
    ensure!(records.iter().any(|record| record.kind == "primary_zck"), "there is no zchunk file");
    series.check()
}

/// Types that others than createrepo_c make.
pub(crate) fn types(bench: &Bench<'_>) -> Result<()> {
    types::run(bench)
}

/// Merged repositories, and trees that are made anew.
pub(crate) fn trees(bench: &Bench<'_>) -> Result<()> {
    trees::merge(bench)?;
    trees::empty_tree(bench)?;
    trees::rollback(bench)
}

/// What follows `generate`, and more than one repository.
pub(crate) fn around(bench: &Bench<'_>) -> Result<()> {
    signing::run(bench)?;
    mirror::run(bench)?;
    several::run(bench)
}

/// The whole script, run by cron.
pub(crate) fn cron(bench: &Bench<'_>) -> Result<()> {
    VERSIONS.iter().try_for_each(|current| cron::run(bench, *current))
}

/// How scripts and compose tools call the program.
pub(crate) fn calls(bench: &Bench<'_>) -> Result<()> {
    calls::run(bench)
}

/// What decides `<time file="…">`, and how to keep it.
pub(crate) fn times(bench: &Bench<'_>) -> Result<()> {
    VERSIONS.iter().try_for_each(|current| times::run(bench, *current))
}

/// Fails unless the recipes of the documents are those that are run.
fn ensure_known() -> Result<()> {
    let shown: BTreeSet<String> = recipes::all()?.into_iter().map(|recipe| recipe.name).collect();
    let run: BTreeSet<String> = PLAIN.into_iter().chain(SPECIAL).map(str::to_owned).collect();
    ensure!(shown == run, "the documents have the recipes {shown:?}, and run are {run:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    #[test]
    fn every_recipe_of_the_documents_is_run() {
        super::ensure_known().unwrap();
    }
}
