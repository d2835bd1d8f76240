//! Rebuilding primary by recipe: time and memory for each codec, beside what
//! downloading the same file takes on slow and fast lines.
//!
//! The open content is an invented repository's; its file is made by every
//! recipe, whatever the repository publishes. Lines have no latency here and
//! nothing else to do.

use crate::files;
use crate::measure::{self, Took, round};
use crate::options::Options;
use crate::report::Report;
use crate::synth::{self, History};
use anyhow::{Context as _, Result};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::table::{Align, Table, human};
use xtask_common::tools;
use xtask_common::{paths, process};

/// The recipes that published files were found to have, and those of current libraries.
const RECIPES: [&str; 11] = [
    "none",
    "gzip-6",
    "gzip-9",
    "gzip-6-ng",
    "bzip2-5",
    "bzip2-9",
    "xz-5",
    "xz-6",
    "zstd-10-unsplit",
    "zstd-9-unsplit",
    "zstd-10",
];

/// Runs at most: some take the better part of a minute, and spread little.
const RUNS: usize = 3;

/// Lines, in Mbit/s.
const LINES: [u32; 2] = [10, 100];

/// Measures primary of the largest repository, in its newest generation.
pub(crate) fn measure(root: &Path, options: &Options, report: &mut Report) -> Result<()> {
    let packages = options.packages.first().copied().context("no number of packages")?;
    let work = root.join("recipes");
    paths::make_empty(&work)?;
    let number = u32::try_from(options.generations() + 1).context("too many generations")?;
    History::new(synth::Options { packages, ..synth::Options::default() })?.write(number, &work)?;
    let open = work.join("primary.xml");
    files::open(&files::by_type(&work)?["primary"], &open)?;
    let program = program(options)?;

    let mut columns = vec![
        ("recipe".to_owned(), Align::Left),
        ("bytes".to_owned(), Align::Right),
        ("rebuild wall s".to_owned(), Align::Right),
        ("CPU s".to_owned(), Align::Right),
        ("peak MB".to_owned(), Align::Right),
    ];
    columns.extend(LINES.map(|line| (format!("download at {line} Mbit/s, s"), Align::Right)));
    columns.push(("as long at, Mbit/s".to_owned(), Align::Right));
    let columns: Vec<(&str, Align)> = columns.iter().map(|(name, align)| (name.as_str(), *align)).collect();
    let mut table = Table::new(&columns);
    let mut rows = Vec::new();
    for recipe in RECIPES {
        let mut command = Command::new(&program);
        command.arg(recipe).arg(&open);
        let mut samples = Vec::new();
        let mut bytes = 0;
        for _ in 0..options.runs.min(RUNS) {
            let (sample, output) = measure::once(&command)?;
            samples.push(sample);
            let text = String::from_utf8_lossy(&output.stdout);
            let size = text.split(' ').next().unwrap_or_default();
            bytes = size.parse().with_context(|| format!("the rebuilding program printed `{text}`"))?;
        }
        let took = Took::new(&samples);
        let mut cells = vec![
            recipe.to_owned(),
            human(bytes),
            format!("{:.2} ({:.2}–{:.2})", took.wall.median, took.wall.min, took.wall.max),
            format!("{:.2}", took.cpu.median),
            format!("{:.0}", took.rss.median * 1024.0 / 1e6),
        ];
        cells.extend(LINES.map(|line| format!("{:.1}", seconds(bytes, line))));
        let even = seconds(bytes, 1) / took.wall.median.max(0.01);
        cells.push(format!("{even:.1}"));
        table.row(cells);
        rows.push(json!({
            "recipe": recipe, "packages": packages, "bytes": bytes, "took": took.json(), "even_mbit_s": round(even),
        }));
    }
    report.add("recipes", rows);
    report.table(&format!("Rebuilding primary of {packages} packages by recipe"), &table);
    files::remove(&work)
}

/// How long `bytes` take on a line of so many Mbit/s.
#[allow(clippy::cast_precision_loss, reason = "bytes of a file")]
fn seconds(bytes: u64, line: u32) -> f64 {
    bytes as f64 * 8.0 / (f64::from(line) * 1e6)
}

/// The program that rebuilds one file, optimised as the one that users have.
fn program(options: &Options) -> Result<PathBuf> {
    let optimised = options.program.is_none();
    let mut build = tools::cargo();
    build.args(["build", "--quiet", "--package", "codec", "--example", "rebuild"]);
    if optimised {
        build.arg("--release");
    }
    process::stream(&mut build)?;
    let profile = if optimised { "release" } else { "debug" };
    Ok(paths::target().join(profile).join("examples/rebuild"))
}
