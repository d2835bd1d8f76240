//! `cargo xtask bench`: what publishing and updating cost at the scale of a
//! distribution, beside the tools that people would use instead.
//!
//! Everything is measured on whole processes, with the built program, on invented
//! repositories (`synth`), several times; ratios are between figures of the same
//! run. Nothing is asserted: the figures are for people. How they come about is
//! explained in `docs/benchmarks.md`.

use crate::options::{Options, Part};
use crate::prepare::Prepared;
use crate::report::Report;
use crate::{clients, files, peers, publishing, rebuilding, updating};
use anyhow::Result;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;
use xtask_common::{paths, process, tools};

/// Measures, prints tables, and writes them with all figures to
/// `target/xtask/bench/`.
pub(crate) fn run(options: &Options) -> Result<()> {
    tools::check()?;
    let begun = Instant::now();
    let program = options.program.clone().map_or_else(program, Ok)?;
    let root = paths::scratch().join(if options.program.is_some() { "bench-check" } else { "bench" });
    paths::make_empty(&root)?;
    let mut report = Report::new(json!({
        "program": version(&program)?,
        "processor": processor(),
        "processors": std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        "runs": options.runs,
        "packages": options.packages,
        "retained": options.retained,
        "ages": options.ages,
    }));
    if options.has(Part::Recipes) {
        rebuilding::measure(&root, options, &mut report)?;
    }
    let mut largest = None;
    for (nth, &packages) in options.packages.iter().enumerate() {
        if !options.needs_history() || nth > 0 && !options.has(Part::Publish) {
            break;
        }
        let work = root.join(packages.to_string());
        let prepared = Prepared::make(&program, &work, packages, options, nth == 0)?;
        if options.has(Part::Publish) {
            publishing::measure(&prepared, options, &mut report)?;
        }
        if nth == 0 {
            if options.has(Part::History) {
                publishing::history(&prepared, &mut report)?;
            }
            let published = clients::publish(&prepared, options)?;
            if options.has(Part::Apply) {
                clients::apply(&prepared, &published, options, &mut report)?;
            }
            if options.has(Part::Update) {
                updating::measure(&prepared, options, &mut report)?;
            }
            largest = Some((prepared, published));
        } else {
            files::remove(&work)?;
        }
    }
    if let Some((prepared, published)) = largest {
        if let Some(journaling) = prepared.journaling.as_ref().filter(|_| options.has(Part::Journal)) {
            journaling.report(&publishing::floor(&prepared, options)?, &mut report)?;
        }
        if options.has(Part::Bytes) {
            peers::measure(&prepared, &published, options, &mut report)?;
        }
        files::remove(&prepared.work)?;
    }
    report.finish(&root, begun.elapsed())
}

/// The program, optimised as users have it.
fn program() -> Result<PathBuf> {
    let mut build = tools::cargo();
    process::stream(build.args(["build", "--release", "--quiet", "--package", "createrepo-delta"]))?;
    Ok(paths::target().join("release/createrepo-delta"))
}

fn version(program: &Path) -> Result<String> {
    let output = process::run(std::process::Command::new(program).arg("--version"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// What the kernel calls the processor.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    name.map_or_else(|| "unknown".to_owned(), |(_, name)| name.trim().to_owned())
}
