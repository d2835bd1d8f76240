//! The client's side: which delta each age selects, how long applying it takes,
//! and how much memory.

use crate::files;
use crate::journaling::Journaling;
use crate::measure::{self, Sample, Took, round};
use crate::options::{Options, TYPES};
use crate::prepare::Prepared;
use crate::report::Report;
use anyhow::{Context as _, Result, bail};
use delta_client::select::{CopyVersion, Selection};
use repomd::{Record, Repomd};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::process;
use xtask_common::table::{Align, Table};

/// What is published for the clients of each type and age.
pub(crate) struct Published {
    model: Repomd,
    /// The delta files that they select; none where they take the full file.
    pub(crate) deltas: BTreeMap<(&'static str, usize), Option<PathBuf>>,
}

/// Publishes the newest generation.
pub(crate) fn publish(prepared: &Prepared, options: &Options) -> Result<Published> {
    let repo = prepared.work.join("published");
    files::copy(&prepared.newest, &repo)?;
    let history = prepared.work.join("published-history");
    files::copy(&prepared.history, &history)?;
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
    Ok(Published { model, deltas })
}

/// The delta that a client of the generation in `old` selects.
fn selected(record: &Record, old: &Path, repo: &Path) -> Result<Option<PathBuf>> {
    let held = Repomd::parse(&fs::read(old.join("repodata/repomd.xml"))?)?;
    let held = held.record(&record.kind).context("no such record")?;
    let held = CopyVersion {
        timestamp: held.timestamp.as_ref().map(repomd::Timestamp::seconds),
        open_checksum: held.open_checksum.as_ref(),
    };
    match delta_client::select::select(record, &held) {
        Selection::Delta(delta) => Ok(Some(repo.join(delta.location.as_str()))),
        Selection::Full { .. } => Ok(None),
        Selection::Current => bail!("a generation without a change of `{}`", record.kind),
    }
}

/// Applying the delta and the journal of the oldest age to a copy in zstd, beside
/// decoding and hashing that copy.
pub(crate) fn apply(
    prepared: &Prepared,
    published: &Published,
    options: &Options,
    report: &mut Report,
) -> Result<()> {
    let mut table = Table::new(&[
        ("type", Align::Left),
        ("behind", Align::Right),
        ("by", Align::Left),
        ("`zstd -dc OLD` and hash, wall s", Align::Right),
        ("apply, wall s", Align::Right),
        ("ratio", Align::Right),
        ("apply, CPU s", Align::Right),
        ("peak MB", Align::Right),
    ]);
    let mut rows = Vec::new();
    let (age, old) = prepared.olds.last_key_value().context("no client")?;
    let olds = files::by_type(old)?;
    let held = Repomd::parse(&fs::read(old.join("repodata/repomd.xml"))?)?;
    let journal = prepared.journaling.as_ref().map(Journaling::file).transpose()?.flatten();
    for data_type in TYPES {
        let copy = prepared.work.join("old.zst");
        let line = format!("gzip -dc '{}' | zstd -qf -o '{}'", olds[data_type].display(), copy.display());
        process::run(&mut measure::shell(&line))?;
        let ways = [("delta", published.deltas[&(data_type, *age)].clone()), ("journal", journal.clone())];
        for (by, file) in ways.into_iter().filter_map(|(by, file)| Some((by, file?))) {
            let new = prepared.work.join("new.xml");
            let mut apply = Command::new(&prepared.program);
            apply.args(["apply", "--quiet", "--type", data_type, "--open-checksum"]);
            apply.arg(open_checksum(&published.model, data_type)?);
            apply.arg("--old-checksum").arg(open_checksum(&held, data_type)?);
            apply.arg(&copy).arg(file).arg(&new);
            let [floor, took] = beside_decoding(&copy, &new, &apply, options)?;
            let ratio = took.wall.median / floor.wall.median;
            table.row([
                data_type.to_owned(),
                age.to_string(),
                by.to_owned(),
                format!("{:.2}", floor.wall.median),
                format!("{:.2} ({:.2}–{:.2})", took.wall.median, took.wall.min, took.wall.max),
                format!("{ratio:.2}"),
                format!("{:.2}", took.cpu.median),
                format!("{:.0}", took.rss.median * 1024.0 / 1e6),
            ]);
            rows.push(json!({
                "type": data_type, "behind": age, "by": by, "floor": floor.json(), "apply": took.json(),
                "ratio": round(ratio),
            }));
        }
        fs::remove_file(&copy).with_context(|| format!("cannot remove `{}`", copy.display()))?;
    }
    report.add("apply", rows);
    report.table("Applying a delta or a journal", &table);
    Ok(())
}

fn open_checksum(model: &Repomd, data_type: &str) -> Result<String> {
    let record = model.record(data_type).context("no such record")?;
    Ok(record.open_checksum.as_ref().context("no open-checksum")?.to_string())
}

/// What decoding and hashing `copy` takes, and what `apply` does, which makes `new` of it.
fn beside_decoding(copy: &Path, new: &Path, apply: &Command, options: &Options) -> Result<[Took; 2]> {
    let decode = measure::shell(&format!("zstd -dc '{}' | openssl dgst -sha256", copy.display()));
    let mut samples = [Vec::new(), Vec::new()];
    // Fractions of a second spread more than seconds do.
    for _ in 0..3 * options.runs {
        for (samples, command) in samples.iter_mut().zip([&decode, apply]) {
            let _ = fs::remove_file(new);
            samples.push(measure::once(command)?.0);
        }
    }
    fs::remove_file(new).with_context(|| format!("cannot remove `{}`", new.display()))?;
    Ok(samples.map(|s: Vec<Sample>| Took::new(&s)))
}
