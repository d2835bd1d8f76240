//! Types beside primary, filelists and other, and the twins that createrepo_c
//! makes of them.

use super::series::{Series, VERSIONS};
use crate::bench::Bench;
use crate::recipes;
use anyhow::{Context as _, Result, ensure};

/// Groups, updates and modules, compressed and not; with zchunk where it is there.
pub(super) fn run(bench: &Bench<'_>) -> Result<()> {
    let recipe = recipes::text("other-types")?;
    for current in VERSIONS {
        let series = Series::new(bench, "other-types", current)?.by_the_clock();
        series.play(&[&recipe])?;
        check(&series, &["group", "updateinfo", "modules"])?;
    }
    // Only Debian's version is built with zchunk.
    let zck = recipe.replace("createrepo_c -g", "createrepo_c --zck -g");
    ensure!(zck != recipe, "the recipe does not give createrepo_c a file of groups");
    let series = Series::new(bench, "other-types-zck", false)?.by_the_clock();
    series.play(&[&zck])?;
    let twins = ["primary_zck", "filelists_zck", "other_zck"];
    check(&series, &[&["group", "updateinfo", "modules"][..], &twins].concat())?;
    // Twins list the same files.
    let records = series.repository().records()?;
    for twin in twins {
        let hrefs = |kind: &str| -> Result<Vec<String>> {
            let record = records.iter().find(|record| record.kind == kind);
            let record = record.with_context(|| format!("there is no {kind}"))?;
            Ok(record.deltas.iter().map(|delta| delta.href.clone()).collect())
        };
        ensure!(hrefs(twin)? == hrefs(twin.trim_end_matches("_zck"))?, "{twin} has deltas of its own");
    }
    series.ok("zchunk files share the deltas of their twins");
    Ok(())
}

/// Fails unless each of `kinds` has a delta for the generation before the last.
fn check(series: &Series<'_>, kinds: &[&str]) -> Result<()> {
    let past = series.past();
    let before = crate::records::read(past.last().context("there is no past")?)?;
    for record in series.repository().records()? {
        if !kinds.contains(&record.kind.as_str()) {
            continue;
        }
        let old = before.iter().find(|old| old.kind == record.kind);
        let old = old.with_context(|| format!("{} was not there before", record.kind))?;
        ensure!(record.delta_for(old.timestamp).is_some(), "{} has no delta", record.kind);
    }
    let records = series.repository().records()?;
    let missing = kinds.iter().find(|kind| records.iter().all(|record| record.kind != **kind));
    ensure!(missing.is_none(), "there is no {}", missing.unwrap_or(&""));
    series.check()
}
