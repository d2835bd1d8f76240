//! What a yum-like client does: choose a delta by timestamp, apply it to an old
//! copy, and compare.

use crate::bench::Bench;
use crate::records;
use crate::repository::{ALWAYS, Repository, open};
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::PathBuf;
use xtask_common::{paths, process};

/// Rebuilds the newest files of `repository` from each of the `kept` copies of
/// its repodata/ (oldest first), as far as a delta is offered. For primary,
/// filelists and other there has to be one for the last of them.
pub(crate) fn check(bench: &Bench<'_>, repository: &Repository<'_>, kept: &[PathBuf]) -> Result<()> {
    let work = bench.work.join("client");
    paths::make_empty(&work)?;
    let (mut rebuilt, mut unserved, mut current) = (0, 0, 0);
    for record in repository.records()? {
        if record.deltas.is_empty() && !ALWAYS.contains(&record.kind.as_str()) {
            continue;
        }
        let newest = work.join("newest.xml");
        open(&repository.root.join(&record.href), &newest)?;
        let newest = fs::read(newest)?;
        let mut latest_served = false;
        for copy in kept {
            let old = records::read(copy)?.into_iter().find(|old| old.kind == record.kind);
            let old = old.with_context(|| format!("`{}` has no {}", copy.display(), record.kind))?;
            if (old.timestamp, &old.open_checksum) == (record.timestamp, &record.open_checksum) {
                // A generator that saw no change left everything as it was.
                current += 1;
                latest_served = true;
                continue;
            }
            let Some(delta) = record.delta_for(old.timestamp) else {
                unserved += 1;
                latest_served = false;
                continue;
            };
            let (old_path, new_path) = (work.join("old.xml"), work.join("new.xml"));
            open(&copy.join(&old.href), &old_path)?;
            let mut command = bench.program();
            command
                .args(["apply", "--type", &record.kind, "--open-checksum", &record.open_checksum])
                .arg(&old_path)
                .arg(repository.root.join(&delta.href))
                .arg(&new_path);
            process::run(&mut command)?;
            ensure!(
                fs::read(&new_path)? == newest,
                "`{}` differs from the newest {}",
                new_path.display(),
                record.kind
            );
            fs::remove_file(&new_path)?;
            rebuilt += 1;
            latest_served = true;
        }
        let needed = ALWAYS.contains(&record.kind.as_str());
        ensure!(latest_served || !needed, "{} has no delta for the generation before", record.kind);
    }
    ensure!(rebuilt > 0, "no old file was brought up to date");
    bench.ok(format!(
        "client: {rebuilt} old files became the newest byte for byte; {unserved} older than any delta; \
         {current} were current"
    ));
    Ok(())
}
