//! The history of a repository under one `createrepo_c` and compression, with
//! every reader asked before and after.

use crate::bench::Bench;
use crate::client;
use crate::readers::{self, Site};
use crate::repository::{Generator, PLAIN, Repository};
use anyhow::{Context as _, Result};
use std::thread;
use std::time::Duration;
use xtask_common::process;

/// Debian's version, metadata made anew each time.
pub(crate) const GZ_0_17: Generator = PLAIN;
/// Debian's version, metadata updated each time.
pub(crate) const XZ_0_17: Generator = Generator { compression: "xz", update: true, ..PLAIN };
/// The current version, updated, with the clock's timestamps.
pub(crate) const GZ_1_2: Generator = Generator { current: true, update: true, clock: true, ..PLAIN };
/// The current version with its default compression.
pub(crate) const ZST_1_2: Generator = Generator { current: true, compression: "zstd", ..PLAIN };

/// With timestamps of the clock, only so many generations: each costs a second.
const CLOCK_GENERATIONS: usize = 6;

/// Publishes the generations one after the other and checks the last.
pub(crate) fn run(bench: &Bench<'_>, generator: &Generator) -> Result<()> {
    let repository = Repository::new(bench, generator, "repo")?;
    let skipped = if generator.clock { bench.generations.len() - CLOCK_GENERATIONS } else { 0 };
    let generations = &bench.generations[skipped..];
    let (last, earlier) = generations.split_last().context("there are no generations")?;
    let mut kept = Vec::new();
    for generation in earlier {
        repository.create(generation)?;
        kept.push(repository.keep(generation.number)?);
        repository.generate()?;
        repository.records().with_context(|| format!("generation {}", generation.number))?;
        if generator.clock {
            // The next timestamp has to be another one.
            thread::sleep(Duration::from_millis(1100));
        }
    }
    bench.ok(format!("{} generations published", earlier.len()));

    repository.create(last)?;
    let site = Site::local(&repository.root);
    let names: Vec<&str> = last.files.iter().map(|file| file.build.entry.name).collect();
    let before = readers::ask_all(bench, &site, "before")?;
    repository.generate()?;
    let count = repository.ensure_deltas()?;
    bench.ok(format!("repomd.xml lists {count} deltas, each of the listed size and checksum"));
    let after = readers::ask_all(bench, &site, "after")?;
    let may_refuse = generator.compression == "zstd";
    readers::ensure_agreement(bench, &before, &after, &names, may_refuse)?;
    client::check(bench, &repository, &kept)?;
    process::expect(&mut repository.verify_command(), 0)?;
    bench.ok("verify");

    repository.describe(last, true)?;
    repository.generate()?;
    let again = repository.ensure_deltas()?;
    bench.ok(format!("createrepo_c --update, then generate: {again} deltas again"));
    client::check(bench, &repository, &kept)
}
