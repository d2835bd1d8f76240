//! Two repositories in one run, with a configuration file.

use super::series::Series;
use crate::bench::Bench;
use crate::repository::Repository;
use crate::{client, recipes};
use anyhow::Result;
use std::fs;
use xtask_common::packages;
use xtask_common::process;

/// The recipe `several`.
pub(super) fn run(bench: &Bench<'_>) -> Result<()> {
    let recipe = recipes::text("several")?;
    let series = Series::new(bench, "several", true)?;
    let shell = &series.shell;
    // Paths are taken from the directory of the file.
    let config = "[defaults]\nhistory-root = \"../var/lib/createrepo-delta\"\n\
                  [repository.os]\npath = \"../srv/os\"\n\
                  [repository.updates]\npath = \"../srv/updates\"\nwindows = 2\n";
    fs::write(shell.place("/etc/createrepo-delta.toml"), config)?;
    let repositories = ["os", "updates"].map(|name| {
        let history = shell.place(&format!("/var/lib/createrepo-delta/{name}"));
        Repository::at(bench, shell.place(&format!("/srv/{name}")), history)
    });
    let mut kept = [Vec::new(), Vec::new()];
    for at in 0..4 {
        let now = &bench.generations[at + 1];
        // The one is always a generation behind the other.
        for (repository, generation) in repositories.iter().zip([&bench.generations[at], now]) {
            packages::lay_out(generation, bench.pool, &repository.root)?;
        }
        shell.run(&recipe, Some(now.time))?;
        for (repository, kept) in repositories.iter().zip(&mut kept) {
            kept.push(repository.keep(at)?);
        }
    }
    for (repository, kept) in repositories.iter().zip(&kept) {
        let count = repository.ensure_deltas()?;
        process::expect(&mut repository.verify_command(), 0)?;
        client::check(bench, repository, &kept[..kept.len() - 1])?;
        series.ok(&format!("`{}` has {count} deltas, all proven", repository.root.display()));
    }
    Ok(())
}
