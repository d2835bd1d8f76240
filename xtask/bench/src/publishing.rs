//! `generate`: one publish, by packages and by generations retained, beside the
//! time that decoding and hashing the same files takes; and the history's size.

use crate::files;
use crate::measure::{self, Sample, Spread, Took, round};
use crate::options::{Options, TYPES};
use crate::prepare::Prepared;
use crate::report::Report;
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::process;
use xtask_common::table::{Align, Table, human, percent};

/// One run of `generate`.
struct Run {
    sample: Sample,
    /// Processor seconds of bzip2, compressing and decompressing.
    bzip2: f64,
    unbzip2: f64,
    /// Wall seconds of the phase in which deltas are made.
    deltas: f64,
    result: Value,
}

/// A copy of the newest generation and of a history, ready to be published.
struct Stage {
    repo: PathBuf,
    history: PathBuf,
}

impl Stage {
    fn set(prepared: &Prepared, history: &Path) -> Result<Self> {
        let stage =
            Self { repo: prepared.work.join("stage-repo"), history: prepared.work.join("stage-history") };
        files::copy(&prepared.newest, &stage.repo)?;
        files::copy(history, &stage.history)?;
        Ok(stage)
    }

    fn command(&self, prepared: &Prepared) -> Command {
        let mut command = Command::new(&prepared.program);
        command.args(["generate", "--json", "--history"]).arg(&self.history).arg(&self.repo);
        command
    }
}

/// Measures publishing for every number of generations retained.
pub(crate) fn measure(prepared: &Prepared, options: &Options, report: &mut Report) -> Result<()> {
    let floor = floor(prepared, options)?;
    let mut rows = Vec::new();
    for &retained in &options.retained {
        let history = retaining(prepared, retained)?;
        let runs: Vec<Run> = (0..options.runs).map(|_| run(prepared, &history)).collect::<Result<_>>()?;
        rows.push(row(prepared, retained, &runs, &floor));
    }
    report.add("generate", rows);
    report.table("Publishing all three types", &table(report.rows("generate")));
    Ok(())
}

fn run(prepared: &Prepared, history: &Path) -> Result<Run> {
    let stage = Stage::set(prepared, history)?;
    // Copies that are still being written out would be measured, too.
    process::run(&mut Command::new("sync"))?;
    let (sample, output) = measure::once(&stage.command(prepared))?;
    let result: Value = serde_json::from_slice(&output.stdout).context("generate printed no JSON")?;
    let phases = result["phases"].as_array().cloned().unwrap_or_default();
    let sum = |field: &str, of: &dyn Fn(&Value) -> bool| {
        let micros: f64 = phases.iter().filter(|p| of(p)).filter_map(|p| p[field].as_f64()).sum();
        micros / 1e6
    };
    Ok(Run {
        sample,
        bzip2: sum("bzip2_us", &|_| true),
        unbzip2: sum("unbzip2_us", &|_| true),
        deltas: sum("wall_us", &|phase| phase["name"] == "deltas"),
        result,
    })
}

/// The history with so many generations.
fn retaining(prepared: &Prepared, retained: usize) -> Result<PathBuf> {
    let history = prepared.work.join(format!("history-{retained}"));
    files::copy(&prepared.history, &history)?;
    let mut prune = Command::new(&prepared.program);
    prune.args(["history", "prune", "--quiet", "--keep", &retained.to_string()]).arg(&history);
    process::run(&mut prune)?;
    Ok(history)
}

/// What it takes to decompress and hash the three files once, one by one.
pub(crate) fn floor(prepared: &Prepared, options: &Options) -> Result<Took> {
    let files = files::by_type(&prepared.newest)?;
    let lines: Vec<String> =
        files.values().map(|file| format!("gzip -dc '{}' | openssl dgst -sha256", file.display())).collect();
    let command = measure::shell(&lines.join("; "));
    let samples: Vec<Sample> =
        (0..options.runs).map(|_| Ok(measure::once(&command)?.0)).collect::<Result<_>>()?;
    Ok(Took::new(&samples))
}

fn row(prepared: &Prepared, retained: usize, runs: &[Run], floor: &Took) -> Value {
    let took = Took::new(&runs.iter().map(|r| r.sample).collect::<Vec<_>>());
    let spread = |figure: &dyn Fn(&Run) -> f64| Spread::new(runs.iter().map(figure));
    let without = spread(&|r| r.sample.cpu - r.bzip2);
    let wall_without = spread(&|r| r.sample.wall - r.deltas);
    let mut row = took.json();
    let types = runs.first().map(|r| r.result["types"].clone()).unwrap_or_default();
    let more = json!({
        "packages": prepared.packages,
        "retained": retained,
        "cpu_without_compression_s": without.json(),
        "bzip2_compression_cpu_s": spread(&|r| r.bzip2).json(),
        "bzip2_decompression_cpu_s": spread(&|r| r.unbzip2).json(),
        "wall_without_deltas_s": wall_without.json(),
        "phases": runs.first().map(|r| r.result["phases"].clone()),
        "types": types,
        "floor": floor.json(),
        "cpu_ratio": round(without.median / floor.cpu.median),
        "wall_ratio": round(wall_without.median / floor.wall.median),
    });
    if let (Some(row), Value::Object(more)) = (row.as_object_mut(), more) {
        row.extend(more);
    }
    row
}

fn table(rows: &[Value]) -> Table {
    let mut table = Table::new(&[
        ("packages", Align::Right),
        ("retained", Align::Right),
        ("floor CPU s", Align::Right),
        ("CPU s", Align::Right),
        ("of it bzip2", Align::Right),
        ("unbzip2", Align::Right),
        ("CPU without bzip2 compression / floor", Align::Right),
        ("floor wall s", Align::Right),
        ("wall s", Align::Right),
        ("wall without deltas / floor", Align::Right),
        ("peak MB", Align::Right),
    ]);
    for row in rows {
        let median = |field: &str| row[field]["median"].as_f64().unwrap_or_default();
        let spread = |field: &str| {
            let at = |which: &str| row[field][which].as_f64().unwrap_or_default();
            format!("{:.2} ({:.2}–{:.2})", at("median"), at("min"), at("max"))
        };
        let ratio = |field: &str| format!("{:.2}", row[field].as_f64().unwrap_or_default());
        table.row([
            row["packages"].to_string(),
            row["retained"].to_string(),
            format!("{:.2}", row["floor"]["cpu_s"]["median"].as_f64().unwrap_or_default()),
            spread("cpu_s"),
            format!("{:.2}", median("bzip2_compression_cpu_s")),
            format!("{:.2}", median("bzip2_decompression_cpu_s")),
            ratio("cpu_ratio"),
            format!("{:.2}", row["floor"]["wall_s"]["median"].as_f64().unwrap_or_default()),
            spread("wall_s"),
            ratio("wall_ratio"),
            format!("{:.0}", median("rss_kib") * 1024.0 / 1e6),
        ]);
    }
    table
}

/// The size of the history after the publish, beside its parts' own sizes.
pub(crate) fn history(prepared: &Prepared, report: &mut Report) -> Result<()> {
    let stage = Stage::set(prepared, &prepared.history)?;
    process::run(&mut stage.command(prepared))?;
    let mut table = Table::new(&[
        ("type", Align::Left),
        ("newest, as published", Align::Right),
        ("superseded chunks, gzip -6", Align::Right),
        ("chunks", Align::Right),
        ("bound", Align::Right),
        ("history", Align::Right),
        ("share of bound", Align::Right),
    ]);
    let files = files::by_type(&prepared.newest)?;
    let mut rows = Vec::new();
    for data_type in TYPES {
        let newest = std::fs::metadata(&files[data_type])?.len();
        let superseded = prepared.superseded.get(data_type).copied().unwrap_or_default();
        let chunks = u64::from(prepared.packages) + 2;
        let bound = newest + superseded * 13 / 10 + 20 * chunks;
        let history = files::bytes_below(&stage.history.join(data_type))?;
        table.row([
            data_type.to_owned(),
            human(newest),
            human(superseded),
            human(chunks),
            human(bound),
            human(history),
            percent(history, bound, 0),
        ]);
        rows.push(json!({
            "type": data_type, "newest": newest, "superseded_gzip": superseded, "chunks": chunks,
            "bound": bound, "history": history,
        }));
    }
    report.add("history", rows);
    report.table("The history on disk, in bytes (bound: newest + 1.3 × superseded + 20 per chunk)", &table);
    Ok(())
}
