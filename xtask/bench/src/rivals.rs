//! `cargo xtask rivals DIR`: the journals of real repositories beside deltas of
//! format 1, a step made for one client alone, and what general tools make of the
//! same pairs of files. Every set is published to its newest generation, and the clients
//! of all past ones are looked at, each with all types that the journal serves together.

use crate::journaling::own_step;
use crate::peer::{GENERAL, Outcome, Pair};
use anyhow::{Context as _, Result};
use codec::{Algorithm, Expect, OpenReader};
use delta_client::select::{CopyVersion, Selection, select};
use history::{History, Track};
use repomd::{Record, Repomd, Timestamp};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;
use xtask_common::paths;
use xtask_common::table::{Align, Table, human};
use xtask_replay::{Generation, Reads, Replay, generations, location, sets};

/// What a client may have to read beyond the best other way, and how much more.
const ALLOWANCE: (u64, u64) = (1_024, 12);

/// How long a tool may take for one pair.
const LIMIT: Duration = Duration::from_secs(300);

/// The client of a past generation, with the types that the journal serves.
struct Client {
    /// How many generations it is behind.
    behind: usize,
    /// How many types changed, and of how many of them the journal makes the new ones.
    changed: usize,
    served: usize,
    reads: Reads,
    full: u64,
    delta: u64,
    own_step: u64,
    /// The least that any tool makes of each type.
    best: u64,
}

impl Client {
    /// Whether its journal takes more than it may.
    fn is_over(&self) -> bool {
        let (bytes, tenths) = ALLOWANCE;
        self.reads.bytes * 10 > bytes * 10 + self.best.min(self.own_step) * tenths
    }
}

/// Compares for the sets below `directory` whose name contains `only`; whether nobody takes
/// more than he may.
pub(crate) fn run(directory: &Path, only: Option<&str>) -> Result<bool> {
    let program = paths::program()?;
    let scratch = paths::scratch();
    let mut table = Table::new(&COLUMNS);
    let (mut over, mut beaten) = (0, Vec::new());
    for (name, set) in sets(directory, only)? {
        let replay = Replay::begin(&program, &scratch.join("rivals"))?;
        let generations = generations(&set, &scratch.join("rivals-lone"))?;
        let mut published = None;
        for generation in &generations {
            replay.compose(generation)?;
            // What cannot be read is told by the sweep.
            if replay.publish(&[]).is_ok() {
                published = Some(replay.published(generation)?);
            }
        }
        let (Some(published), Ok(history)) = (published, History::read(&replay.history)) else { continue };
        let clients = clients(&replay, &history, &published, &generations).with_context(|| name.clone())?;
        let served: Vec<&Client> = clients.iter().filter(|client| client.served > 0).collect();
        over += served.iter().filter(|client| client.is_over()).count();
        table.row(row(&name, &clients, &served));
        beaten.extend(served.iter().filter(|client| client.reads.bytes > client.best).map(|client| {
            let Client { behind, reads, own_step, best, .. } = client;
            let [reads, own_step, best] = [reads.bytes, *own_step, *best].map(human);
            format!("{name}, {behind} behind: {reads} by the journal, own step {own_step}, tools {best}")
        }));
        println!("{name}: {} clients", clients.len());
    }
    println!("\nBytes for the clients of every past generation, heads included\n");
    println!("{}", table.render());
    println!("over 1,024 bytes and 1.2 times the better of own step and best tools: {over}");
    println!("where the best tools take less:");
    for line in &beaten {
        println!("    {line}");
    }
    Ok(over == 0)
}

const COLUMNS: [(&str, Align); 12] = [
    ("set", Align::Left),
    ("clients", Align::Right),
    ("served", Align::Right),
    ("types changed", Align::Right),
    ("served", Align::Right),
    ("full", Align::Right),
    ("journal", Align::Right),
    ("format 1", Align::Right),
    ("own step", Align::Right),
    ("best tools", Align::Right),
    ("journal / tools", Align::Right),
    ("tools take less", Align::Right),
];

fn row(name: &str, clients: &[Client], served: &[&Client]) -> Vec<String> {
    let sum = |of: fn(&Client) -> u64| served.iter().map(|client| of(client)).sum::<u64>();
    let types = |of: fn(&Client) -> usize| clients.iter().map(of).sum::<usize>().to_string();
    let (journal, best) = (sum(|client| client.reads.bytes), sum(|client| client.best));
    vec![
        name.to_owned(),
        clients.len().to_string(),
        served.len().to_string(),
        types(|client| client.changed),
        types(|client| client.served),
        human(sum(|client| client.full)),
        human(journal),
        human(sum(|client| client.delta)),
        human(sum(|client| client.own_step)),
        human(best),
        format!("{:.2}", crate::measure::ratio(journal, best)),
        served.iter().filter(|client| client.reads.bytes > client.best).count().to_string(),
    ]
}

/// The clients of all past generations that have something to fetch, the newest first.
fn clients(
    replay: &Replay,
    history: &History,
    published: &Repomd,
    generations: &[Generation],
) -> Result<Vec<Client>> {
    let mut tracks = BTreeMap::new();
    for data_type in history.types()? {
        let track = history.track(&data_type)?;
        tracks.insert(data_type, track);
    }
    let types: Vec<&str> = published.records.iter().map(|record| &*record.kind).collect();
    let mut clients = Vec::new();
    for (behind, past) in generations.iter().rev().enumerate().skip(1) {
        let journal = replay.journal(published, past, &types)?.unwrap_or_default();
        let mut client = Client {
            behind,
            changed: 0,
            served: journal.alone.len(),
            reads: journal.together,
            full: 0,
            delta: 0,
            own_step: 0,
            best: 0,
        };
        let mut steps = Vec::new();
        for record in &published.records {
            let Some(old) = past.model.record(&record.kind) else { continue };
            let Some((kind, track)) = tracks.get_key_value(&record.kind) else { continue };
            let file = past.repodata.join(location(old)?.file_name());
            let from = open_sha256(&file)?;
            let of_then = track.find(&from);
            client.changed += usize::from(of_then != Some(0));
            if !journal.alone.contains_key(kind) {
                continue;
            }
            let of_then = of_then.context("a generation that is served and not in the history")?;
            let full = fs::metadata(replay.root.join(location(record)?.as_str()))?.len();
            client.full += full;
            client.delta += delta_bytes(record, old, full);
            client.best += tools(kind, track, of_then)?;
            steps.push((kind.as_str(), track, of_then));
        }
        if !steps.is_empty() {
            client.own_step = own_step(&steps)?;
        }
        if client.changed > 0 {
            clients.push(client);
        }
    }
    Ok(clients)
}

fn open_sha256(file: &Path) -> Result<[u8; 32]> {
    let expect = Expect { open_digests: vec![Algorithm::Sha256], ..Expect::default() };
    let opened = OpenReader::new(File::open(file)?, file, expect)?.finish()?;
    Ok(opened.open_digest(Algorithm::Sha256).context("no digest")?.as_bytes().try_into()?)
}

/// What a client takes that knows format 1 only.
fn delta_bytes(record: &Record, old: &Record, full: u64) -> u64 {
    let copy = CopyVersion { timestamp: old.timestamp.as_ref().map(Timestamp::seconds), open_checksum: None };
    match select(record, &copy) {
        Selection::Delta(delta) => delta.size,
        _ => full,
    }
}

/// The least that any of the general tools makes of the newest generation and an older one.
fn tools(data_type: &str, track: &Track, behind: usize) -> Result<u64> {
    let work = paths::scratch().join("rivals-tools");
    paths::make_empty(&work)?;
    let [old, new] = ["old", "new"].map(|name| work.join(name));
    track.write_generation(behind, &mut File::create(&old)?)?;
    track.write_generation(0, &mut File::create(&new)?)?;
    let pair = Pair { data_type, old: &old, new: &new };
    let mut results = Vec::new();
    for peer in GENERAL {
        if let Outcome::Bytes(bytes, ..) = peer.run(&pair, Path::new(""), LIMIT)? {
            results.push(bytes);
        }
    }
    results.into_iter().min().context("no tool gave a result")
}
