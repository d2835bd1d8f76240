//! Several cases at a time: most of them wait for servers and other programs. Each has a
//! directory of its own, and what it has to say is printed whole when it ends.

use crate::bench::Bench;
use crate::cases::Case;
use crate::options::{Options, Tally};
use anyhow::{Context as _, Result};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;
use xtask_common::packages::{Generation, Pool};
use xtask_common::paths;
use xtask_common::systems::System;

/// What all cases have.
pub(super) struct Common<'a> {
    pub(super) options: &'a Options,
    pub(super) binary: &'a Path,
    pub(super) generations: &'a [Generation],
    pub(super) pool: &'a Pool,
}

/// A case in a system.
type Job = (&'static Case, System);

/// Runs them; a failed one does not stop the others.
pub(super) fn run(jobs: Vec<Job>, common: &Common<'_>) -> Tally {
    let (alone, others): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(|(case, _)| case.is_alone);
    // One more than there are processors: there is always one that waits.
    let workers = thread::available_parallelism().map_or(2, usize::from) + 1;
    let mut tally = side_by_side(others, workers, common);
    tally += side_by_side(alone, 1, common);
    tally
}

fn side_by_side(jobs: Vec<Job>, workers: usize, common: &Common<'_>) -> Tally {
    let queue = Mutex::new(jobs.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let sum = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((case, system)) = next() {
                    let tally = one(case, system, common);
                    *sum.lock().unwrap_or_else(PoisonError::into_inner) += tally;
                }
            });
        }
    });
    sum.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn one(case: &Case, system: System, common: &Common<'_>) -> Tally {
    let start = Instant::now();
    let name = case.name_in(system);
    let work = paths::scratch().join("e2e").join(name.replace('@', "-"));
    let mut said = String::new();
    let (passed, result) = attempt(case, system, &name, &work, common, &mut said);
    let seconds = start.elapsed().as_secs_f64();
    // Writing to a string does not fail.
    let _ = match &result {
        Ok(()) => writeln!(said, "{name}: {seconds:.1} s"),
        Err(error) => writeln!(
            said,
            "FAILED {name}: {error:#}\n{name}: {seconds:.1} s; the work directory is left in `{}`",
            work.display()
        ),
    };
    print!("{said}");
    Tally { passed, failed: usize::from(result.is_err()) }
}

/// Checks that passed, and how it ended.
fn attempt(
    case: &Case,
    system: System,
    name: &str,
    work: &Path,
    common: &Common<'_>,
    said: &mut String,
) -> (usize, Result<()>) {
    let Common { options, binary, generations, pool } = common;
    let bench = paths::make_empty(work)
        .and_then(|()| Bench::new(name, system, binary, work, generations, pool))
        .context("cannot begin");
    let bench = match bench {
        Ok(bench) => bench,
        Err(error) => return (0, Err(error)),
    };
    let result = (case.run)(&bench);
    *said = bench.said();
    let passed = bench.passed();
    drop(bench);
    let result = result.and_then(|()| if options.keep { Ok(()) } else { Ok(fs::remove_dir_all(work)?) });
    (passed, result)
}
