//! A mirror that is brought up to date line by line, with composes in between.

use super::series::Series;
use crate::bench::{Bench, snapshot};
use crate::repository::Repository;
use crate::{client, recipes};
use anyhow::{Result, bail, ensure};
use std::collections::BTreeMap;
use std::path::Path;
use xtask_common::packages;
use xtask_common::process;

/// The sync of the recipe `script`, interrupted after its first line.
pub(super) fn run(bench: &Bench<'_>) -> Result<()> {
    let (anew, script) = (recipes::text("anew")?, recipes::text("script")?);
    let of_kind = |kind: fn(&&str) -> bool| script.lines().filter(kind).collect::<Vec<_>>();
    let variables = of_kind(|line| line.starts_with("repo=") || line.starts_with("mirror="));
    let lines = of_kind(|line| line.starts_with("rsync "));
    let [files, repomd] = lines[..] else { bail!("the recipe has other lines than expected") };
    let [files, repomd] = [files, repomd].map(|line| format!("{}\n{line}\n", variables.join("\n")));
    let series = Series::new(bench, "mirror", true)?;
    let mirror = Repository::at(
        bench,
        series.shell.place("/srv/mirror"),
        series.shell.place("/var/lib/createrepo-delta/repo"),
    );
    let is_whole = |after: &str| -> Result<()> {
        process::expect(bench.program().arg("verify").arg(&mirror.root), 0)?;
        mirror.records()?;
        series.ok(&format!("the mirror is whole {after}"));
        Ok(())
    };
    let compose = |at: usize| -> Result<()> {
        let generation = &bench.generations[at];
        packages::lay_out(generation, bench.pool, &series.shell.place("/srv/repo"))?;
        series.compose(&anew, generation, generation.time)
    };
    compose(0)?;
    compose(1)?;
    series.shell.run(&files, None)?;
    series.shell.run(&repomd, None)?;
    is_whole("after both lines")?;
    let old = mirror.repomd_bytes()?;

    compose(2)?;
    series.shell.run(&files, None)?;
    ensure!(mirror.repomd_bytes()? == old, "repomd.xml came with the files");
    is_whole("after the first line")?;
    compose(3)?;
    is_whole("after the next compose")?;
    series.shell.run(&files, None)?;
    is_whole("after the first line again")?;
    series.shell.run(&repomd, None)?;
    let repository = series.repository();
    ensure!(mirror.repomd_bytes()? == repository.repomd_bytes()?, "repomd.xml did not come");
    is_whole("after the second line")?;
    client::check(bench, &mirror, &series.past())?;
    ensure!(names(&mirror.root)? == names(&repository.root)?, "the mirror differs from the repository");
    series.ok("the mirror has the files of the repository and no others");
    Ok(())
}

/// The files of a tree without their place.
fn names(root: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let files = snapshot(root)?.into_iter();
    Ok(files
        .map(|(path, bytes)| (path.strip_prefix(root).unwrap_or(&path).display().to_string(), bytes))
        .collect())
}
