//! `cargo xtask sweep DIR`: the main job on real repodata with history. Every
//! generation of every set below a directory is published in turn, and after
//! each the client of every generation that the history still holds is played.

use anyhow::{Result, bail};
use delta_core::Rule;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use xtask_common::paths;
use xtask_replay::{Download, Generation, JournalClient, Replay, generations, sets};

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
    /// Clients that a journal serves.
    journals: usize,
    /// What clients take that choose among journal, delta and full file.
    cheapest: u64,
    /// Databases, of which nothing is asked.
    databases: BTreeSet<String>,
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
        self.journals += other.journals;
        self.cheapest += other.cheapest;
    }

    fn print(&self, name: &str) {
        println!(
            "{name:<26} {:>5} {:>9} {:>6} {:>7} {:>8} {:>8} {:>7} {:>13} {:>15} {:>7} {:>8} {:>13} {:>7}",
            self.generations,
            self.published,
            self.pairs,
            self.deltas,
            self.current,
            self.unserved,
            self.in_vain,
            self.bytes.taken,
            self.bytes.full,
            self.bytes.ratio(),
            self.journals,
            self.cheapest,
            Download { taken: self.cheapest, ..self.bytes }.ratio()
        );
        if !self.databases.is_empty() {
            let databases: Vec<&str> = self.databases.iter().map(String::as_str).collect();
            println!("    databases, left alone: {}", databases.join(", "));
        }
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
    let program = paths::program()?;
    println!(
        "{:<26} {:>5} {:>9} {:>6} {:>7} {:>8} {:>8} {:>7} {:>13} {:>15} {:>7} {:>8} {:>13} {:>7}",
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
        "ratio",
        "journals",
        "cheapest",
        "ratio"
    );
    let mut total = Tally::default();
    let mut of_types = BTreeMap::new();
    let (mut swept, mut failed) = (0, 0);
    for (name, set) in sets(directory, only)? {
        let generations = generations(&set, &paths::scratch().join("sweep-lone"))?;
        if generations.is_empty() {
            println!("{name:<26} neither repomd.xml nor single files");
            continue;
        }
        let replay = Replay::begin(&program, &paths::scratch().join("sweep"))?;
        let tally = sweep(&replay, &generations, options, &mut of_types)?;
        tally.print(&name);
        swept += 1;
        failed += tally.failed.len();
        total.add(&tally);
    }
    if swept == 0 {
        bail!("no set with `gen-*/repodata/repomd.xml` below `{}`", directory.display());
    }
    total.print("together");
    println!();
    for (data_type, tally) in &of_types {
        tally.print(data_type);
    }
    println!("\n{} passed, {failed} failed", total.pairs - failed.min(total.pairs));
    Ok(failed == 0)
}

fn sweep(
    replay: &Replay,
    generations: &[Generation],
    options: &[&str],
    of_types: &mut BTreeMap<String, Tally>,
) -> Result<Tally> {
    let mut tally = Tally { generations: generations.len(), ..Tally::default() };
    for (nth, generation) in generations.iter().enumerate() {
        replay.compose(generation)?;
        let Some(outcome) = publish(replay, generation, options, &mut tally) else { continue };
        tally.published += 1;
        let published = replay.published(generation)?;
        let mut known_unserved = match replay.verify() {
            Ok(unserved) => unserved,
            Err(error) => {
                tally.failed.push(format!("verify after {}: {error:#}", generation.name));
                0
            }
        };
        let mut types = Vec::new();
        for one in outcome["types"].as_array().into_iter().flatten() {
            let (Some(data_type), Some(kept)) = (one["type"].as_str(), one["generations"].as_u64()) else {
                bail!("an outcome without type and generations: {one}");
            };
            if one["skipped"].is_null() {
                let of_type = of_types.entry(data_type.to_owned()).or_default();
                of_type.generations += 1;
                of_type.published += 1;
                types.push((data_type, retained(&generations[..=nth], data_type, kept)));
            }
        }
        for (at, past) in generations[..nth].iter().enumerate().rev() {
            let wanted = types.iter().filter(|(_, first)| at >= *first).map(|(name, _)| *name);
            let wanted: Vec<&str> = wanted.collect();
            clients(replay, &published, past, &wanted, &mut known_unserved, (&mut tally, of_types));
        }
    }
    Ok(tally)
}

/// The number of the oldest of these generations that the history has, which keeps so many contents of
/// the type, the newest included.
fn retained(generations: &[Generation], data_type: &str, kept: u64) -> usize {
    let Some((newest, past)) = generations.split_last() else { return 0 };
    let (mut contents, mut last) = (1, checksum(newest, data_type));
    for (at, past) in past.iter().enumerate().rev() {
        let this = checksum(past, data_type);
        if this != last {
            contents += 1;
            last = this;
        }
        if contents > kept {
            return at + 1;
        }
    }
    0
}

/// What tells contents apart.
fn checksum(generation: &Generation, data_type: &str) -> Option<String> {
    let record = generation.model.record(data_type)?;
    Some(record.open_checksum.as_ref().or(record.checksum.as_ref())?.to_string())
}

/// Publishes every type but databases, those by name that the table of rules does
/// not have; where a type cannot be read, that is told and it is left out.
fn publish(
    replay: &Replay,
    generation: &Generation,
    options: &[&str],
    tally: &mut Tally,
) -> Option<serde_json::Value> {
    let kinds = generation.model.records.iter().map(|record| &*record.kind);
    let (known, databases): (Vec<&str>, Vec<&str>) = kinds.partition(|kind| Rule::for_type(kind).is_some());
    tally.databases.extend(databases.into_iter().map(str::to_owned));
    let mut types = known.join(",");
    if replay.publish(&["--dry-run", "--types", &types]).is_err() {
        let mut readable = Vec::new();
        for data_type in known {
            match replay.publish(&["--dry-run", "--types", data_type]) {
                Ok(_) => readable.push(data_type),
                Err(error) => tally.refused.push(format!("{}, {data_type}: {error}", generation.name)),
            }
        }
        if readable.is_empty() {
            return None;
        }
        types = readable.join(",");
    }
    match replay.publish(&[&["--types", &types], options].concat()) {
        Ok(outcome) => {
            for one in outcome["types"].as_array().into_iter().flatten() {
                if let (Some(data_type), Some(why)) = (one["type"].as_str(), one["skipped"].as_str()) {
                    tally.refused.push(format!("{}, {data_type}: {why}", generation.name));
                }
            }
            Some(outcome)
        }
        Err(error) => {
            tally.failed.push(format!("{}: {error:#}", generation.name));
            None
        }
    }
}

/// The client of a past generation that wants these types.
fn clients(
    replay: &Replay,
    published: &repomd::Repomd,
    past: &Generation,
    types: &[&str],
    known_unserved: &mut u64,
    (tally, of_types): (&mut Tally, &mut BTreeMap<String, Tally>),
) {
    let journal = match replay.journal(published, past, types) {
        Ok(journal) => journal.unwrap_or_default(),
        Err(error) => {
            tally.failed.push(format!("journal from {}: {error:#}", past.name));
            JournalClient::default()
        }
    };
    let (mut apart, mut others) = (0, 0);
    for data_type in types {
        let mut one = Tally::default();
        client(replay, published, past, data_type, known_unserved, &mut one);
        let alone = journal.alone.get(*data_type).filter(|_| one.bytes.taken > 0);
        one.journals = usize::from(alone.is_some());
        one.cheapest = alone.map_or(one.bytes.taken, |alone| one.bytes.taken.min(*alone));
        apart += one.cheapest;
        others += if alone.is_some() { 0 } else { one.bytes.taken };
        tally.failed.append(&mut one.failed);
        of_types.entry((*data_type).to_owned()).or_default().add(&one);
        one.cheapest = 0;
        tally.add(&one);
    }
    tally.cheapest += apart.min(others + journal.together.bytes);
}

/// The client of one type that knows format 1 only.
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
        Err(error) if *known_unserved > 0 && error.downcast_ref::<delta_client::patch::Error>().is_some() => {
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
