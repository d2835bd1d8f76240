//! Where the tree comes from: merged from others, made in an empty directory,
//! or put back.

use super::series::{Series, VERSIONS};
use crate::bench::Bench;
use crate::{client, recipes};
use anyhow::{Result, ensure};
use std::fs;
use xtask_common::packages;
use xtask_common::process;

/// The merged repository has a history of its own.
pub(super) fn merge(bench: &Bench<'_>) -> Result<()> {
    let merge = recipes::text("merge")?;
    let recipe = format!("createrepo_c /srv/one\ncreaterepo_c /srv/two\n{merge}");
    for current in VERSIONS {
        // mergerepo_c has no option for the timestamp.
        let series = Series::new(bench, "merge", current)?.by_the_clock();
        let [first, ..] = bench.first::<4>()?;
        packages::lay_out(first, bench.pool, &series.shell.place("/srv/two"))?;
        for generation in bench.first::<4>()? {
            packages::lay_out(generation, bench.pool, &series.shell.place("/srv/one"))?;
            series.compose(&recipe, generation, generation.time)?;
        }
        series.check()?;
    }
    Ok(())
}

/// Every compose in a directory of its own, the history elsewhere.
pub(super) fn empty_tree(bench: &Bench<'_>) -> Result<()> {
    let recipe = recipes::text("empty-tree")?;
    for current in VERSIONS {
        let series = Series::new(bench, "empty-tree", current)?.by_the_clock();
        for generation in bench.first::<4>()? {
            packages::lay_out(generation, bench.pool, &series.shell.place("/srv/packages"))?;
            series.compose(&recipe, generation, generation.time)?;
        }
        let trees = fs::read_dir(series.shell.place("/srv/composes"))?.count();
        ensure!(trees == 4, "there are {trees} trees instead of 4");
        series.check()?;
        series.ensure_kept()?;
    }
    Ok(())
}

/// A bad compose is taken back.
pub(super) fn rollback(bench: &Bench<'_>) -> Result<()> {
    let recipe = recipes::text("rollback")?;
    let [first, good, bad] = bench.first::<3>()?;
    for current in VERSIONS {
        let series = Series::new(bench, "rollback", current)?;
        for (generation, later) in [(first, 0), (good, 0), (bad, 0), (good, 86_400)] {
            packages::lay_out(generation, bench.pool, &series.shell.place("/srv/repo"))?;
            series.compose(&recipe, generation, generation.time + later)?;
        }
        let repository = series.repository();
        repository.ensure_deltas()?;
        process::expect(&mut repository.verify_command(), 0)?;
        client::check(bench, &repository, &series.past())?;
        series.ensure_kept()?;
        series.ok("clients of the bad compose, and of the ones before, get the good one");
    }
    Ok(())
}
