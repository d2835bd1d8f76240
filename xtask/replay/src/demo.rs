//! `cargo xtask demo`: the main job on a small repository's history, and what
//! each client of a past generation has on the wire.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::counting::CountingServer;
use xtask_common::web::Wire;
use xtask_common::{paths, process};
use xtask_replay::{Generation, Replay, generations, location};

/// The repository, the server before it, and the caches of its clients.
struct Demo {
    program: PathBuf,
    replay: Replay,
    server: CountingServer,
    caches: PathBuf,
}

/// Publishes the committed history generation by generation, each of which a client fetches at
/// once, and brings all of these clients up to date in the end.
pub(crate) fn run() -> Result<()> {
    let program = paths::program()?;
    let work = paths::scratch().join("demo");
    let generations = generations(&paths::root().join("testdata/demo-history"), &work)?;
    let replay = Replay::begin(&program, &work)?;
    let demo =
        Demo { server: CountingServer::new(&replay.root)?, caches: work.join("caches"), program, replay };
    println!("Publishing {} generations of a small repository …\n", generations.len());
    for generation in &generations {
        demo.replay.compose(generation)?;
        demo.replay.publish(&[]).with_context(|| format!("publishing {}", generation.name))?;
        demo.update(&generation.name)?;
    }
    let (newest, past) = generations.split_last().context("the history is empty")?;
    println!("What a client of each of them has on the wire to get {}, in bytes: primary,", newest.name);
    println!("filelists and other together, repomd.xml and all heads of requests and answers included:\n");
    println!("  generation        age   requests     bytes   of a new copy   by");
    let (new, _) = demo.update("new")?;
    let mut sum = Wire::default();
    for generation in past.iter().rev() {
        let (wire, by) = demo.update(&generation.name)?;
        let age = age(newest, generation);
        println!("  {:<10} {age:>10} {}   {by}", generation.name, shown(wire, new));
        sum += wire;
    }
    let all = Wire { bytes: new.bytes * past.len() as u64, ..new };
    println!("  {:<10} {:>10} {}", "together", "", shown(sum, all));
    println!("  {:<10} {:>10} {}   full file\n", "a new copy", "", shown(new, new));
    println!("Every copy is the publisher's, byte for byte.");
    println!("The published repository: {}", demo.replay.root.display());
    println!("Its history:              {}", demo.replay.history.display());
    println!("Look at it with:          {} inspect {}", demo.program.display(), demo.replay.root.display());
    Ok(())
}

impl Demo {
    /// Updates the cache of this name: what went over the wire, and by which ways.
    fn update(&self, name: &str) -> Result<(Wire, String)> {
        let cache = self.caches.join(name);
        self.server.wire();
        let mut update = Command::new(&self.program);
        let output =
            process::run(update.args(["update", "--json", "--quiet"]).arg(self.server.url()).arg(&cache))?;
        let wire = self.server.wire();
        self.ensure_same(&cache).with_context(|| format!("the cache `{}`", cache.display()))?;
        let report: Value = serde_json::from_slice(&output.stdout).context("update printed no JSON")?;
        let types = report["types"].as_array().into_iter().flatten();
        let ways: BTreeSet<&str> = types.filter_map(|one| one["path"].as_str()).collect();
        let ways = ways.into_iter().filter(|way| *way != "current");
        let ways = ways.map(|way| if way == "full" { "full file" } else { way });
        Ok((wire, ways.collect::<Vec<_>>().join(", ")))
    }

    /// Fails unless the files of the cache are those that are published.
    fn ensure_same(&self, cache: &Path) -> Result<()> {
        let published = fs::read(self.replay.root.join("repodata/repomd.xml"))?;
        ensure!(fs::read(cache.join("repodata/repomd.xml"))? == published, "repomd.xml differs");
        for record in &repomd::Repomd::parse(&published)?.records {
            let file = location(record)?.as_str();
            let same = fs::read(cache.join(file))? == fs::read(self.replay.root.join(file))?;
            ensure!(same, "`{file}` differs");
        }
        Ok(())
    }
}

/// The columns of figures.
fn shown(wire: Wire, new: Wire) -> String {
    let tenths = (wire.bytes * 1000).checked_div(new.bytes).unwrap_or(0);
    format!("{:>10} {:>9} {:>13}.{} %", wire.requests, wire.bytes, tenths / 10, tenths % 10)
}

fn age(newest: &Generation, generation: &Generation) -> String {
    let time = |g: &Generation| g.model.greatest_timestamp().unwrap_or(0);
    let seconds = time(newest).saturating_sub(time(generation));
    format!("{}d {:02}h", seconds / 86_400, seconds % 86_400 / 3600)
}
