//! `cargo xtask sweep DIR`: the main job on real repodata with history. Every
//! generation of every set below a directory is published in turn, and after
//! each the client of every generation that the history still holds is played.

use crate::demo::ratio;
use crate::paths;
use crate::replay::{self, Download, Generation, Replay};
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::Path;

const TYPES: [&str; 3] = ["primary", "filelists", "other"];
/// Options by which every generation gets a delta, whatever it costs.
const EVERYONE: [&str; 4] = ["--sizes", "0.1%,0.5%,2%,10%,100000%", "--max-size", "100000%"];

/// What came of one set.
#[derive(Default)]
struct Tally {
    generations: usize,
    published: usize,
    pairs: usize,
    deltas: usize,
    current: usize,
    unserved: usize,
    /// Clients that selected a delta in vain, as the publisher knew.
    in_vain: usize,
    bytes: Download,
    refused: Vec<String>,
    failed: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.generations += other.generations;
        self.published += other.published;
        self.pairs += other.pairs;
        self.deltas += other.deltas;
        self.current += other.current;
        self.unserved += other.unserved;
        self.in_vain += other.in_vain;
        self.bytes.full += other.bytes.full;
        self.bytes.taken += other.bytes.taken;
    }

    fn print(&self, name: &str) {
        println!(
            "{name:<26} {:>5} {:>9} {:>6} {:>7} {:>8} {:>8} {:>7} {:>13} {:>15} {:>7}",
            self.generations,
            self.published,
            self.pairs,
            self.deltas,
            self.current,
            self.unserved,
            self.in_vain,
            self.bytes.taken,
            self.bytes.full,
            ratio(&self.bytes)
        );
        for line in &self.refused {
            println!("    refused  {line}");
        }
        for line in &self.failed {
            println!("    FAILED   {line}");
        }
    }
}

/// Sweeps the sets below `directory`: its sub-directories that have
/// `gen-*/repodata/repomd.xml`. True when no client ended with anything but the
/// current file.
///
/// With `everyone`, deltas of any size are published, so that every generation
/// is served by one: what it costs is then no figure, but all are tried.
pub(crate) fn run(directory: &Path, only: Option<&str>, everyone: bool) -> Result<bool> {
    let options: &[&str] = if everyone { &EVERYONE } else { &[] };
    let program = replay::program()?;
    let mut sets: Vec<_> = fs::read_dir(directory)
        .with_context(|| format!("cannot list `{}`", directory.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    sets.sort();
    println!(
        "{:<26} {:>5} {:>9} {:>6} {:>7} {:>8} {:>8} {:>7} {:>13} {:>15} {:>7}",
        "set",
        "gens",
        "published",
        "pairs",
        "deltas",
        "current",
        "unserved",
        "in vain",
        "delta bytes",
        "full bytes",
        "ratio"
    );
    let mut total = Tally::default();
    let (mut swept, mut failed) = (0, 0);
    for set in sets {
        let name = set.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !set.is_dir() || only.is_some_and(|only| !name.contains(only)) {
            continue;
        }
        let generations = replay::generations(&set)?;
        if generations.is_empty() {
            println!("{name:<26} no repomd.xml: not a published repository");
            continue;
        }
        let replay = Replay::begin(&program, &paths::scratch().join("sweep"))?;
        let tally = sweep(&replay, &generations, options)?;
        tally.print(&name);
        swept += 1;
        failed += tally.failed.len();
        total.add(&tally);
    }
    if swept == 0 {
        bail!("no set with `gen-*/repodata/repomd.xml` below `{}`", directory.display());
    }
    total.print("together");
    println!("\n{} passed, {failed} failed", total.pairs - failed.min(total.pairs));
    Ok(failed == 0)
}

fn sweep(replay: &Replay, generations: &[Generation], options: &[&str]) -> Result<Tally> {
    let mut tally = Tally { generations: generations.len(), ..Tally::default() };
    for (nth, generation) in generations.iter().enumerate() {
        replay.compose(generation)?;
        let Some(outcome) = publish(replay, generation, options, &mut tally) else { continue };
        tally.published += 1;
        let published = replay.published()?;
        let mut known_unserved = match replay.verify() {
            Ok(unserved) => unserved,
            Err(error) => {
                tally.failed.push(format!("verify after {}: {error:#}", generation.name));
                0
            }
        };
        for one in outcome["types"].as_array().into_iter().flatten() {
            let (Some(data_type), Some(kept)) = (one["type"].as_str(), one["generations"].as_u64()) else {
                bail!("an outcome without type and generations: {one}");
            };
            if !one["skipped"].is_null() {
                continue;
            }
            // As many contents as the history keeps, this one included.
            let mut contents = 1;
            let mut last = open_checksum(generation, data_type);
            for past in generations[..nth].iter().rev() {
                let this = open_checksum(past, data_type);
                if this != last {
                    contents += 1;
                    last = this;
                }
                if contents > kept {
                    break;
                }
                client(replay, &published, past, data_type, &mut known_unserved, &mut tally);
            }
        }
    }
    Ok(tally)
}

fn open_checksum(generation: &Generation, data_type: &str) -> Option<String> {
    Some(generation.model.record(data_type)?.open_checksum.as_ref()?.to_string())
}

/// Publishes; where a type cannot be read, that is told and it is left out.
fn publish(
    replay: &Replay,
    generation: &Generation,
    options: &[&str],
    tally: &mut Tally,
) -> Option<serde_json::Value> {
    let first = match replay.publish(options) {
        Ok(outcome) => return Some(outcome),
        Err(error) => error,
    };
    let readable: Vec<&str> =
        TYPES.into_iter().filter(|t| replay.publish(&["--dry-run", "--types", t]).is_ok()).collect();
    tally.refused.push(format!("{}: {first}", generation.name));
    if readable.is_empty() {
        return None;
    }
    let types = readable.join(",");
    match replay.publish(&[&["--types", &types], options].concat()) {
        Ok(outcome) => Some(outcome),
        Err(error) => {
            tally.failed.push(format!("{}: {error:#}", generation.name));
            None
        }
    }
}

fn client(
    replay: &Replay,
    published: &repomd::Repomd,
    past: &Generation,
    data_type: &str,
    known_unserved: &mut u64,
    tally: &mut Tally,
) {
    match replay.client(published, past, data_type) {
        Ok(None) => {}
        Ok(Some(download)) => {
            tally.pairs += 1;
            if download.delta {
                tally.deltas += 1;
            } else if download.taken == 0 {
                tally.current += 1;
            } else {
                tally.unserved += 1;
            }
            tally.bytes.full += download.full;
            tally.bytes.taken += download.taken;
        }
        Err(error) if *known_unserved > 0 && error.downcast_ref::<delta_client::Error>().is_some() => {
            tally.pairs += 1;
            tally.in_vain += 1;
            *known_unserved -= 1;
        }
        Err(error) => {
            tally.pairs += 1;
            tally.failed.push(format!("{data_type} from {}: {error:#}", past.name));
        }
    }
}
