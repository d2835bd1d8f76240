//! `cargo xtask e2e`: the built program between the real tools.
//!
//! Packages come from `rpmbuild`, metadata from two versions of `createrepo_c`;
//! dnf, zypper, librepo, libsolv and `createrepo_c` itself read the result. What
//! repomd.xml says is read by a parser of this task's own, never by the
//! workspace's libraries.

mod bench;
mod cache;
mod client;
mod completions;
mod composes;
mod copies;
mod gpg;
mod guards;
mod habits;
mod matrix;
mod memory;
mod odd;
mod readers;
mod recipes;
mod recorder;
mod records;
mod refresh;
mod repository;
mod served;
mod signed;
mod swaps;
mod units;
mod updates;
pub(crate) mod web;

use crate::{packages, paths, process, setup};
use anyhow::{Result, bail};
use bench::Bench;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

/// What to run, and on what.
#[derive(Default)]
pub(crate) struct Options {
    /// Only the cases whose name contains this.
    pub(crate) only: Option<String>,
    /// Leave the work directories of successful cases too.
    pub(crate) keep: bool,
    /// The program to try, instead of building it.
    pub(crate) binary: Option<PathBuf>,
}

/// How many checks went which way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Checks that passed.
    pub(crate) passed: usize,
    /// Cases that failed.
    pub(crate) failed: usize,
}

type Case = (&'static str, fn(&Bench<'_>) -> Result<()>);

const CASES: &[Case] = &[
    ("gz-0.17", |bench| matrix::run(bench, &matrix::GZ_0_17)),
    ("xz-0.17", |bench| matrix::run(bench, &matrix::XZ_0_17)),
    ("gz-1.2", |bench| matrix::run(bench, &matrix::GZ_1_2)),
    ("zst-1.2", |bench| matrix::run(bench, &matrix::ZST_1_2)),
    ("guards", guards::run),
    ("signed", signed::run),
    ("served", served::run),
    ("odd-documents", odd::documents),
    ("odd-records", odd::records),
    ("habits", habits::run),
    ("swaps", swaps::run),
    ("composes-plain", composes::plain),
    ("composes-options", composes::options),
    ("composes-types", composes::types),
    ("composes-trees", composes::trees),
    ("composes-around", composes::around),
    ("composes-times", composes::times),
    ("composes-cron", composes::cron),
    ("composes-calls", composes::calls),
    ("update-nginx", updates::nginx),
    ("update-python", updates::python),
    ("update-tls", updates::tls),
    ("copies-gz", copies::gz),
    ("copies-gz-ng", copies::gz_ng),
    ("copies-xz", copies::xz),
    ("copies-bz2", copies::bz2),
    ("copies-zst", copies::zst),
    ("copies-zst-unsplit", copies::zst_unsplit),
    ("copies-unknown", copies::unknown),
    ("refresh-gz", refresh::gz),
    ("refresh-xz", refresh::xz),
    ("refresh-zst", refresh::zst),
    ("refresh-damage", refresh::damage),
    ("refresh-races", refresh::races),
    ("refresh-space", refresh::space),
    ("refresh-overlay", refresh::overlay),
    ("refresh-settings", refresh::settings),
    ("refresh-tls", refresh::tls),
    ("refresh-trust", refresh::trust),
    ("refresh-metalink", refresh::metalink),
    ("refresh-mirrorlist", refresh::mirrorlist),
    ("units", units::run),
    ("completions", completions::run),
    ("memory", memory::run),
];

/// Runs the cases one after the other; a failed one does not stop the others.
pub(crate) fn run(options: &Options) -> Result<Tally> {
    let chosen: Vec<&Case> = CASES
        .iter()
        .filter(|(name, _)| options.only.as_ref().is_none_or(|only| name.contains(only.as_str())))
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = CASES.iter().map(|(name, _)| *name).collect();
        bail!("there is no such case\n\nhint: the cases are {}", names.join(", "));
    }
    setup::check_tools()?;
    let binary = match &options.binary {
        Some(path) => fs::canonicalize(path)?,
        None => build()?,
    };
    let generations = packages::generations()?;
    let pool = packages::Pool::fill(&generations)?;
    let mut tally = Tally::default();
    for (name, case) in chosen {
        let start = Instant::now();
        let work = paths::scratch().join("e2e").join(name);
        paths::make_empty(&work)?;
        let bench = Bench::new(name, &binary, &work, &generations, &pool);
        let result = case(&bench);
        tally.passed += bench.passed();
        match result {
            Ok(()) => {
                println!("{name}: {:.1} s", start.elapsed().as_secs_f64());
                if !options.keep {
                    fs::remove_dir_all(&work)?;
                }
            }
            Err(error) => {
                tally.failed += 1;
                println!("FAILED {name}: {error:#}");
                println!("{name}: the work directory is left in `{}`", work.display());
            }
        }
    }
    Ok(tally)
}

/// Builds the program with the profile of this one, beside it.
pub(crate) fn build() -> Result<PathBuf> {
    let directory = paths::profile_dir()?;
    let mut command = setup::cargo();
    command.args(["build", "--quiet", "--locked", "--package", "createrepo-delta"]);
    if directory.ends_with("release") {
        command.arg("--release");
    }
    process::stream(&mut command)?;
    let binary = directory.join("createrepo-delta");
    if !binary.is_file() {
        bail!("cargo did not make `{}`", binary.display());
    }
    Ok(binary)
}
