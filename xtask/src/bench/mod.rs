//! `cargo xtask bench`: what publishing and updating cost at the scale of a
//! distribution, beside the tools that people would use instead.
//!
//! Everything is measured on whole processes, with the built program, on invented
//! repositories (`synth`), several times; ratios are between figures of the same
//! run. Nothing is asserted: the figures are for people. How they come about is
//! explained in `docs/benchmarks.md`.

mod clients;
mod journaling;
mod measure;
mod peers;
mod prepare;
mod publishing;
mod rebuilding;
pub(crate) mod report;
mod superseded;
mod updating;

use crate::{paths, process, setup};
use anyhow::{Context as _, Result};
use prepare::Prepared;
use report::Report;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The metadata types that are measured.
const TYPES: [&str; 3] = ["primary", "filelists", "other"];

/// One part of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// `generate`, by packages and generations.
    Publish,
    /// The size of the history.
    History,
    /// `apply`.
    Apply,
    /// `update`, over loopback.
    Update,
    /// Bytes per client age, beside the peers.
    Bytes,
    /// Journals, published in turn.
    Journal,
    /// Rebuilding compressed files by recipe.
    Recipes,
}

const PARTS: [(&str, Part); 7] = [
    ("publish", Part::Publish),
    ("history", Part::History),
    ("apply", Part::Apply),
    ("update", Part::Update),
    ("bytes", Part::Bytes),
    ("journal", Part::Journal),
    ("recipes", Part::Recipes),
];

/// What to measure.
pub(crate) struct Options {
    /// Which parts; none means all.
    parts: Vec<Part>,
    /// Numbers of packages, the largest first.
    packages: Vec<u32>,
    /// Generations that the history has before the publish that is measured.
    retained: Vec<usize>,
    /// How many generations a client is behind.
    ages: Vec<usize>,
    /// Runs of each command.
    runs: usize,
    /// How long a peer may take for one pair of files.
    limit: Duration,
    /// The program, where it is not to be built optimised.
    program: Option<PathBuf>,
}

impl Options {
    /// The whole benchmark; an hour or more, and some twenty gigabytes of disk.
    pub(crate) fn full() -> Self {
        Self {
            parts: Vec::new(),
            packages: vec![76_439, 40_000, 20_000, 10_000],
            retained: vec![1, 14, 56],
            ages: vec![1, 4, 28, 56],
            runs: 5,
            limit: Duration::from_secs(600),
            program: None,
        }
    }

    /// A small one for daily use.
    pub(crate) fn quick() -> Self {
        Self {
            parts: Vec::new(),
            packages: vec![5_000, 2_500],
            retained: vec![1, 14],
            ages: vec![1, 14],
            runs: 3,
            limit: Duration::from_secs(15),
            program: None,
        }
    }

    /// Hardly anything, with a program that is already built: to see that every
    /// part of this works.
    pub(crate) fn smallest(program: PathBuf) -> Self {
        Self {
            parts: Vec::new(),
            packages: vec![400, 200],
            retained: vec![1, 2],
            ages: vec![1, 2],
            runs: 1,
            limit: Duration::from_secs(60),
            program: Some(program),
        }
    }

    /// Only the parts of these names.
    pub(crate) fn only(mut self, names: &[&str]) -> Result<Self> {
        for name in names {
            let part = PARTS.iter().find(|(known, _)| known == name).map(|(_, part)| *part);
            self.parts.push(part.with_context(|| {
                let known: Vec<&str> = PARTS.iter().map(|(known, _)| *known).collect();
                format!("unknown part `{name}`: expected {}", known.join(", "))
            })?);
        }
        Ok(self)
    }

    fn has(&self, part: Part) -> bool {
        self.parts.is_empty() || self.parts.contains(&part)
    }

    /// Whether anything needs journals that were published in turn.
    fn needs_journals(&self) -> bool {
        [Part::Journal, Part::Bytes, Part::Apply].iter().any(|part| self.has(*part))
    }

    /// Whether anything needs a history.
    fn needs_history(&self) -> bool {
        PARTS.iter().any(|(_, part)| *part != Part::Recipes && self.has(*part))
    }

    fn generations(&self) -> usize {
        self.retained.iter().chain(&self.ages).copied().max().unwrap_or(1)
    }
}

/// Measures, prints tables, and writes them with all figures to
/// `target/xtask/bench/`.
pub(crate) fn run(options: &Options) -> Result<()> {
    setup::check_tools()?;
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
                updating::measure(&prepared, &published.repo, options, &mut report)?;
            }
            largest = Some((prepared, published));
        } else {
            remove(&work)?;
        }
    }
    if let Some((prepared, published)) = largest {
        if let Some(journaling) = prepared.journaling.as_ref().filter(|_| options.has(Part::Journal)) {
            journaling.tell(&mut report)?;
        }
        if options.has(Part::Bytes) {
            peers::measure(&prepared, &published, options, &mut report)?;
        }
        remove(&prepared.work)?;
    }
    report.finish(&root, begun.elapsed())
}

fn remove(work: &Path) -> Result<()> {
    fs::remove_dir_all(work).with_context(|| format!("cannot remove `{}`", work.display()))
}

/// The program, optimised as users have it.
fn program() -> Result<PathBuf> {
    let mut build = setup::cargo();
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
