//! `cargo xtask ci`: everything that has to pass before a change is merged.
//!
//! All steps are run even if one fails, so that one run tells everything. The
//! last line has the sum of all tests, checks and steps.

use crate::members::{BENCH, E2E, PACKAGES, REPLAY};
use crate::{crate_files, licences, setup};
use anyhow::{Result, ensure};
use std::thread;
use std::time::{Duration, Instant};
use xtask_common::process;
use xtask_common::tools::cargo;

/// How many tests, checks and steps went which way.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    passed: usize,
    failed: usize,
}

/// Runs all steps; whether all passed.
pub(crate) fn run() -> bool {
    let mut steps = Steps::default();
    // What is set up comes over the network, and what reads the code alone needs none of it.
    steps.beside("setup", setup::run, |steps| {
        steps.cargo("format", &["fmt", "--all", "--check"], &[]);
        let lints =
            ["clippy", "--locked", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
        steps.cargo("lints", &lints, &[]);
        let docs = ["doc", "--locked", "--workspace", "--no-deps", "--all-features"];
        steps.cargo("documentation", &docs, &[("RUSTDOCFLAGS", "-D warnings")]);
    });
    steps.tests();
    steps.cargo("fuzz targets", &["check", "--locked", "--manifest-path", "fuzz/Cargo.toml"], &[]);
    steps.run("licences", licences::check);
    steps.run("packages of the crates", crate_files::check);
    steps.run("demo", || passed(REPLAY.run(&["demo"])?));
    steps.run("second decoder", || passed(REPLAY.run(&["decoder"])?));
    steps.run("benchmark", || passed(BENCH.run(&["bench", "--smallest"])?));
    steps.run("packages", || passed(PACKAGES.run(&["packages"])?));
    steps.end_to_end();
    steps.finish()
}

fn passed(all: bool) -> Result<()> {
    ensure!(all, "it failed");
    Ok(())
}

fn timed(step: impl FnOnce() -> Result<()>) -> (Result<()>, Duration) {
    let start = Instant::now();
    let result = step();
    (result, start.elapsed())
}

#[derive(Default)]
struct Steps {
    tally: Tally,
    times: Vec<(&'static str, bool, Duration)>,
}

impl Steps {
    fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) {
        println!("== {name}");
        let (result, time) = timed(step);
        self.note(name, &result, time);
    }

    /// Runs a step at the same time as others.
    fn beside(
        &mut self,
        name: &'static str,
        step: impl FnOnce() -> Result<()> + Send,
        others: impl FnOnce(&mut Self),
    ) {
        println!("== {name}, beside what follows");
        let (result, time) = thread::scope(|scope| {
            let step = scope.spawn(|| timed(step));
            others(self);
            step.join().unwrap_or_else(|_| (Err(anyhow::anyhow!("its thread stopped")), Duration::ZERO))
        });
        self.note(name, &result, time);
    }

    fn note(&mut self, name: &'static str, result: &Result<()>, time: Duration) {
        match result {
            Ok(()) => self.tally.passed += 1,
            Err(error) => {
                self.tally.failed += 1;
                println!("FAILED {name}: {error:#}");
            }
        }
        self.times.push((name, result.is_ok(), time));
    }

    fn cargo(&mut self, name: &'static str, arguments: &[&str], variables: &[(&str, &str)]) {
        self.run(name, || process::stream(cargo().args(arguments).envs(variables.iter().copied())));
    }

    fn tests(&mut self) {
        let mut counted = Tally::default();
        self.run("tests", || {
            let mut command = cargo();
            command.args(["test", "--locked", "--workspace", "--all-features", "--no-fail-fast"]);
            let (status, text) = process::tee(&mut command)?;
            counted = count(&text);
            ensure!(status.success(), "`{}` failed: {status}", process::describe(&command));
            ensure!(counted.passed > 0, "no test was run");
            Ok(())
        });
        self.add(counted);
    }

    fn end_to_end(&mut self) {
        let mut counted = Tally::default();
        self.run("end to end", || {
            let (status, text) = process::tee(&mut E2E.command(&["e2e"])?)?;
            counted = text.lines().next_back().map(sum).unwrap_or_default();
            ensure!(counted.failed == 0, "{} cases failed", counted.failed);
            ensure!(status.success() && counted.passed > 0, "it failed: {status}");
            Ok(())
        });
        self.add(counted);
    }

    fn add(&mut self, counted: Tally) {
        self.tally.passed += counted.passed;
        self.tally.failed += counted.failed;
    }

    fn finish(self) -> bool {
        println!("== times");
        for (name, passed, time) in &self.times {
            let result = if *passed { "ok" } else { "FAILED" };
            println!("{result} {name}: {:.1} s", time.as_secs_f64());
        }
        let Tally { passed, failed } = self.tally;
        println!("{passed} passed, {failed} failed");
        failed == 0
    }
}

/// Adds up the result lines of the test programs.
fn count(text: &str) -> Tally {
    let mut tally = Tally::default();
    for line in text.lines().filter(|line| line.starts_with("test result: ")) {
        let Tally { passed, failed } = sum(line);
        tally.passed += passed;
        tally.failed += failed;
    }
    tally
}

/// What a line says of the passed and the failed.
fn sum(line: &str) -> Tally {
    let mut tally = Tally::default();
    for part in line.split([';', '.', ',']) {
        let mut words = part.split_whitespace();
        match (words.next().and_then(|word| word.parse::<usize>().ok()), words.next()) {
            (Some(number), Some("passed")) => tally.passed += number,
            (Some(number), Some("failed")) => tally.failed += number,
            _ => {}
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_are_added_up() {
        let tally = count(
            "running 3 tests\n\
             test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
             test result: FAILED. 12 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n",
        );
        assert_eq!((tally.passed, tally.failed), (15, 2));
        let tally = sum("301 passed, 4 failed");
        assert_eq!((tally.passed, tally.failed), (301, 4));
    }
}
