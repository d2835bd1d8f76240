//! The client's side: which delta each age selects, how long applying it takes,
//! and how much memory.

use super::measure::{self, Sample, Took, round};
use super::prepare::{self, Prepared};
use super::report::{Align, Report, Table};
use super::{Options, TYPES};
use crate::process;
use anyhow::{Context as _, Result, bail};
use delta_client::{Held, Selection};
use repomd::{Record, Repomd};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is published for the clients of each type and age.
pub(super) struct Published {
    /// The repository.
    pub(super) repo: PathBuf,
    model: Repomd,
    /// The delta files that they select; none where they take the full file.
    pub(super) deltas: BTreeMap<(&'static str, usize), Option<PathBuf>>,
}

/// Publishes the newest generation.
pub(super) fn publish(prepared: &Prepared, options: &Options) -> Result<Published> {
    let repo = prepared.work.join("published");
    prepare::copy(&prepared.newest, &repo)?;
    let history = prepared.work.join("published-history");
    prepare::copy(&prepared.history, &history)?;
    // So that the oldest age is still remembered.
    let keep = (options.generations() + 1).to_string();
    let mut generate = Command::new(&prepared.program);
    generate.args(["generate", "--quiet", "--keep", &keep, "--history"]).arg(&history).arg(&repo);
    process::run(&mut generate)?;
    let model = Repomd::parse(&fs::read(repo.join("repodata/repomd.xml"))?)?;
    let mut deltas = BTreeMap::new();
    for data_type in TYPES {
        let record = model.record(data_type).context("no such record")?;
        for (age, old) in &prepared.olds {
            deltas.insert((data_type, *age), selected(record, old, &repo)?);
        }
    }
    Ok(Published { repo, model, deltas })
}

/// The delta that a client of the generation in `old` selects.
fn selected(record: &Record, old: &Path, repo: &Path) -> Result<Option<PathBuf>> {
    let held = Repomd::parse(&fs::read(old.join("repodata/repomd.xml"))?)?;
    let held = held.record(&record.kind).context("no such record")?;
    let held = Held {
        timestamp: held.timestamp.as_ref().map(repomd::Timestamp::seconds),
        open_checksum: held.open_checksum.as_ref(),
    };
    match delta_client::select(record, &held) {
        Selection::Delta(delta) => Ok(Some(repo.join(delta.location.as_str()))),
        Selection::Full { .. } => Ok(None),
        Selection::Current => bail!("a generation without a change of `{}`", record.kind),
    }
}

/// Applying the delta of the oldest age to a copy in zstd, beside decoding and
/// hashing that copy.
pub(super) fn apply(
    prepared: &Prepared,
    published: &Published,
    options: &Options,
    report: &mut Report,
) -> Result<()> {
    let mut table = Table::new(&[
        ("type", Align::Left),
        ("behind", Align::Right),
        ("`zstd -dc OLD` and hash, wall s", Align::Right),
        ("apply, wall s", Align::Right),
        ("ratio", Align::Right),
        ("apply, CPU s", Align::Right),
        ("peak MB", Align::Right),
    ]);
    let mut rows = Vec::new();
    let (age, old) = prepared.olds.last_key_value().context("no client")?;
    let olds = prepare::files(old)?;
    for data_type in TYPES {
        let Some(delta) = &published.deltas[&(data_type, *age)] else { continue };
        let copy = prepared.work.join("old.zst");
        let line = format!("gzip -dc '{}' | zstd -qf -o '{}'", olds[data_type].display(), copy.display());
        process::run(&mut measure::shell(&line))?;
        let decode = measure::shell(&format!("zstd -dc '{}' | openssl dgst -sha256", copy.display()));
        let record = published.model.record(data_type).context("no such record")?;
        let sum = record.open_checksum.as_ref().context("no open-checksum")?;
        let new = prepared.work.join("new.xml");
        let mut apply = Command::new(&prepared.program);
        apply.args(["apply", "--quiet", "--type", data_type, "--open-checksum"]);
        apply.arg(format!("{}:{}", sum.kind(), sum.hex())).arg(&copy).arg(delta).arg(&new);
        let mut samples = [Vec::new(), Vec::new()];
        for _ in 0..options.runs {
            for (samples, command) in samples.iter_mut().zip([&decode, &apply]) {
                let _ = fs::remove_file(&new);
                samples.push(measure::once(command)?.0);
            }
        }
        let [floor, took]: [Took; 2] = samples.map(|s: Vec<Sample>| Took::of(&s));
        let ratio = took.wall.median / floor.wall.median;
        table.row([
            data_type.to_owned(),
            age.to_string(),
            format!("{:.2}", floor.wall.median),
            format!("{:.2} ({:.2}–{:.2})", took.wall.median, took.wall.min, took.wall.max),
            format!("{ratio:.2}"),
            format!("{:.2}", took.cpu.median),
            format!("{:.0}", took.rss.median * 1024.0 / 1e6),
        ]);
        rows.push(json!({
            "type": data_type, "behind": age, "floor": floor.json(), "apply": took.json(),
            "ratio": round(ratio),
        }));
        for file in [copy, new] {
            fs::remove_file(&file).with_context(|| format!("cannot remove `{}`", file.display()))?;
        }
    }
    report.add("apply", rows);
    report.table("Applying a delta", &table);
    Ok(())
}
