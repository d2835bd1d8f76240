//! What decides `<time file="…">` of primary, as `docs/file-times.md` says it
//! under "Keep the times of packages", and the recipe that keeps it.

use super::series::Series;
use crate::bench::Bench;
use crate::recipes;
use crate::repository::open;
use anyhow::{Context as _, Result, ensure};
use std::fs::{self, File};
use std::time::{Duration, UNIX_EPOCH};
use xtask_common::packages;
use xtask_common::process;

/// How metadata is made of files that were only touched, and whether the entries
/// stay as they were.
const CLAIMS: [(&str, bool); 7] = [
    ("createrepo_c /srv/repo", false),
    ("createrepo_c --update /srv/repo", false),
    ("createrepo_c --cachedir /srv/cache /srv/repo", false),
    ("SOURCE_DATE_EPOCH=1700000000 createrepo_c /srv/repo", false),
    ("createrepo_c --revision 1700000000 --set-timestamp-to-revision /srv/repo", false),
    ("createrepo_c --update --skip-stat /srv/repo", true),
    (
        "mv /srv/repo/repodata /srv/old/repodata
         createrepo_c --update --skip-stat --update-md-path /srv/old /srv/repo",
        true,
    ),
];

/// With one version of `createrepo_c`.
pub(super) fn run(bench: &Bench<'_>, current: bool) -> Result<()> {
    let [generation] = bench.first::<1>()?;
    let series = Series::new(bench, "times", current)?;
    let root = series.shell.place("/srv/repo");
    for directory in ["/srv/cache", "/srv/old"] {
        fs::create_dir(series.shell.place(directory))?;
    }
    for (recipe, stays) in CLAIMS {
        packages::lay_out(generation, bench.pool, &root)?;
        series.shell.run("createrepo_c --cachedir /srv/cache /srv/repo", Some(generation.time))?;
        let before = primary(&series)?;
        touch(&series, generation, 1)?;
        series.shell.run(recipe, Some(generation.time))?;
        let now = primary(&series)?;
        ensure!((now == before) == stays, "`{recipe}`: the entries do not behave as documented");
        let what = if stays { "keeps" } else { "does not keep" };
        let shown = recipe.lines().last().unwrap_or_default().trim();
        series.ok(&format!("`{shown}` {what} the entries of touched packages"));
    }
    build_times(bench, current)
}

/// The recipe `build-times`: whatever the times were, the metadata is the same.
fn build_times(bench: &Bench<'_>, current: bool) -> Result<()> {
    let recipe = recipes::text("build-times")?;
    let [generation] = bench.first::<1>()?;
    let series = Series::new(bench, "build-times", current)?;
    let mut before = None;
    for round in 0..3 {
        packages::lay_out(generation, bench.pool, &series.shell.place("/srv/repo"))?;
        touch(&series, generation, round)?;
        series.compose(&recipe, generation, generation.time + round)?;
        let now = primary(&series)?;
        let text = String::from_utf8_lossy(&now);
        for tag in text.split("<time ").skip(1).filter_map(|rest| rest.split("/>").next()) {
            let (file, build) = tag.split_once(' ').context("a time of another form")?;
            ensure!(file.trim_start_matches("file") == build.trim_start_matches("build"), "<time {tag}/>");
        }
        ensure!(before.is_none_or(|before| before == now), "primary changed with the times of files");
        before = Some(now);
    }
    process::expect(&mut series.repository().verify_command(), 0)?;
    series.ok("times that were lost do not change primary");
    Ok(())
}

/// Gives every package another modification time, as a careless copy does.
fn touch(series: &Series<'_>, generation: &packages::Generation, round: u64) -> Result<()> {
    for placed in &generation.files {
        let path = series.shell.place("/srv/repo").join(&placed.path);
        let time = UNIX_EPOCH + Duration::from_secs(generation.time + 1000 + round);
        File::options().write(true).open(path)?.set_modified(time)?;
    }
    Ok(())
}

/// The open primary.
fn primary(series: &Series<'_>) -> Result<Vec<u8>> {
    let repository = series.repository();
    let records = repository.records()?;
    let record = records.iter().find(|record| record.kind == "primary").context("there is no primary")?;
    let target = series.shell.place("primary.xml");
    open(&repository.root.join(&record.href), &target)?;
    Ok(fs::read(target)?)
}
