//! `cargo xtask fuzz`: builds the fuzz targets with coverage instrumentation and
//! runs them, on the stable toolchain and without another program.
//!
//! What a target does is in `fuzz/fuzz_targets`. A finding is an input on which
//! it panicked, took too long or took too much memory; it stays below
//! `fuzz/artifacts`, for a test to be made of it.

use anyhow::{Context as _, Result, ensure};
use std::env;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use xtask_common::tools;
use xtask_common::{paths, process};

/// A fuzz target, the longest input in bytes, and the dictionary that helps it.
struct Target {
    name: &'static str,
    max_len: u32,
    dictionary: Option<&'static str>,
}

const TARGETS: &[Target] = &[
    Target { name: "repomd_read", max_len: 4096, dictionary: Some("repomd") },
    Target { name: "repomd_edit", max_len: 4096, dictionary: Some("repomd") },
    Target { name: "chunking", max_len: 1500, dictionary: Some("metadata") },
    Target { name: "apply", max_len: 2048, dictionary: Some("metadata") },
    Target { name: "diff_apply", max_len: 256, dictionary: None },
    Target { name: "history_index", max_len: 4096, dictionary: None },
    Target { name: "journal_head", max_len: 4096, dictionary: None },
    Target { name: "journal_apply", max_len: 2048, dictionary: Some("metadata") },
    Target { name: "open", max_len: 8192, dictionary: None },
    Target { name: "zchunk_rebuild", max_len: 4096, dictionary: None },
];

/// What the compiler is asked for beyond an optimised build: counters and
/// comparisons that the fuzzer sees, and every check of a debug build.
const FLAGS: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg=fuzzing",
    "-Cdebug-assertions",
    "-Coverflow-checks",
];

/// What to run, and for how long.
#[derive(Debug)]
pub(crate) struct Options {
    /// Names of targets; all where there are none.
    pub(crate) targets: Vec<String>,
    /// Seconds for each; 0 only runs the inputs that are there.
    pub(crate) seconds: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { targets: Vec::new(), seconds: 300 }
    }
}

/// What running one target came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    executions: u64,
    edges: u64,
    features: u64,
    /// Files with the inputs that failed.
    findings: Vec<String>,
}

/// Builds and runs; true when nothing was found.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let targets = chosen(&options.targets)?;
    let programs = build(&targets)?;
    let scratch = scratch()?;
    let mut outcomes = Vec::new();
    for target in &targets {
        println!("== {}", target.name);
        let outcome = run_one(target, &programs.join(target.name), &scratch, options.seconds);
        outcomes.push((target.name, outcome?));
    }
    fs::remove_dir_all(&scratch).with_context(|| format!("cannot remove `{}`", scratch.display()))?;
    println!("== summary");
    print_table(&outcomes);
    Ok(outcomes.iter().all(|(_, outcome)| outcome.findings.is_empty()))
}

fn chosen(names: &[String]) -> Result<Vec<&'static Target>> {
    for name in names {
        let known: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        ensure!(
            known.contains(&name.as_str()),
            "there is no fuzz target `{name}`\n\nhint: there are {}",
            known.join(", ")
        );
    }
    Ok(TARGETS.iter().filter(|t| names.is_empty() || names.iter().any(|n| n == t.name)).collect())
}

/// Builds the targets; returns the directory of the programs.
fn build(targets: &[&Target]) -> Result<PathBuf> {
    let host = host()?;
    let directory = paths::scratch().join("fuzz");
    let mut command = tools::cargo();
    command.args(["build", "--locked", "--release", "--manifest-path", "fuzz/Cargo.toml"]);
    // With a target named, build scripts and macros are built without the flags.
    command.args(["--target", &host]).arg("--target-dir").arg(&directory);
    command.args(targets.iter().flat_map(|target| ["--bin", target.name]));
    command.env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\x1f"));
    process::stream(&mut command)?;
    Ok(directory.join(host).join("release"))
}

/// The triple of this machine.
fn host() -> Result<String> {
    let output = process::run(Command::new("rustc").arg("-vV").current_dir(paths::root()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` does not name the host")?.to_owned())
}

/// A directory for the files that targets make, in memory where possible.
fn scratch() -> Result<PathBuf> {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() { memory.to_owned() } else { env::temp_dir() };
    let directory = parent.join(format!("createrepo-delta-fuzz.{}", std::process::id()));
    paths::make_empty(&directory)?;
    Ok(directory)
}

fn run_one(target: &Target, program: &Path, scratch: &Path, seconds: u64) -> Result<Outcome> {
    let fuzz = paths::root().join("fuzz");
    let directory = |kind: &str| -> Result<PathBuf> {
        let path = fuzz.join(kind).join(target.name);
        fs::create_dir_all(&path).with_context(|| format!("cannot make `{}`", path.display()))?;
        Ok(path)
    };
    let mut command = Command::new(program);
    match seconds {
        0 => command.arg("-runs=0"),
        _ => command.arg(format!("-max_total_time={seconds}")),
    };
    command
        .args(["-rss_limit_mb=2048", "-timeout=10", "-print_final_stats=1"])
        .arg(format!("-max_len={}", target.max_len))
        .arg(format!("-artifact_prefix={}/", directory("artifacts")?.display()))
        .args(target.dictionary.map(|name| format!("-dict={}/dictionaries/{name}.dict", fuzz.display())))
        .args([directory("corpus")?, directory("seeds")?])
        .env("TMPDIR", scratch)
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    let shown = process::describe(&command);
    let mut child = command.spawn().with_context(|| format!("cannot start `{shown}`"))?;
    let path = program.with_extension("log");
    let mut log = File::create(&path).with_context(|| format!("cannot make `{}`", path.display()))?;
    let mut outcome = Outcome::default();
    let mut failing = false;
    for line in BufReader::new(child.stderr.take().context("no standard error")?).split(b'\n') {
        let line = line.with_context(|| format!("cannot read from `{shown}`"))?;
        let line = String::from_utf8_lossy(&line);
        writeln!(log, "{line}").with_context(|| format!("cannot write `{}`", path.display()))?;
        outcome.take(&line);
        failing |= line.contains("panicked at") || line.contains("ERROR: libFuzzer");
        if failing {
            println!("{line}");
        }
    }
    let status = child.wait().with_context(|| format!("cannot wait for `{shown}`"))?;
    if !status.success() && outcome.findings.is_empty() {
        outcome.findings.push(format!("{status}, see {}", path.display()));
    }
    for finding in &outcome.findings {
        println!("finding: {finding}\n\nhint: run `{} {finding}`", program.display());
    }
    Ok(outcome)
}

impl Outcome {
    /// Takes note of what a line of the fuzzer's output says.
    fn take(&mut self, line: &str) {
        if let Some((_, path)) = line.split_once("Test unit written to ") {
            // A slow input is no failure.
            if !path.contains("/slow-unit-") {
                self.findings.push(path.to_owned());
            }
        } else if let Some(number) = line.strip_prefix("stat::number_of_executed_units:") {
            self.executions = number.trim().parse().unwrap_or(self.executions);
        } else if let Some(status) = line.strip_prefix('#') {
            let words: Vec<&str> = status.split_whitespace().collect();
            let after = |name| words.iter().position(|word| *word == name).and_then(|at| words.get(at + 1));
            let number = |word: Option<&&str>| word.and_then(|word| word.parse().ok());
            self.executions = number(words.first()).unwrap_or(self.executions);
            self.edges = number(after("cov:")).unwrap_or(self.edges);
            self.features = number(after("ft:")).unwrap_or(self.features);
        }
    }
}

fn print_table(outcomes: &[(&str, Outcome)]) {
    println!("{:<16}{:>14}{:>10}{:>10}{:>10}", "target", "executions", "edges", "features", "findings");
    for (name, outcome) in outcomes {
        let Outcome { executions, edges, features, findings } = outcome;
        println!("{name:<16}{executions:>14}{edges:>10}{features:>10}{:>10}", findings.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_known_and_has_seeds() {
        let fuzz = paths::root().join("fuzz");
        let names = |directory: &str| {
            let entries = fs::read_dir(fuzz.join(directory)).unwrap();
            let mut names: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
            names.sort();
            names.iter().map(|path| path.file_stem().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let mut known: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        known.sort_unstable();
        assert_eq!(names("fuzz_targets"), known);
        assert_eq!(names("seeds"), known);
    }

    #[test]
    fn the_output_of_the_fuzzer_is_understood() {
        let mut outcome = Outcome::default();
        for line in [
            "INFO: Seed: 1",
            "#2\tINITED cov: 61 ft: 62 corp: 1/1b exec/s: 0 rss: 36Mb",
            "#1048576\tpulse  cov: 70 ft: 95 corp: 5/9b lim: 9 exec/s: 524288 rss: 43Mb",
            "artifact_prefix='/a/'; Test unit written to /a/slow-unit-00",
            "artifact_prefix='/a/'; Test unit written to /a/crash-da39a3ee",
            "stat::number_of_executed_units: 1048600",
        ] {
            outcome.take(line);
        }
        let findings = vec!["/a/crash-da39a3ee".to_owned()];
        assert_eq!(outcome, Outcome { executions: 1_048_600, edges: 70, features: 95, findings });
    }
}
