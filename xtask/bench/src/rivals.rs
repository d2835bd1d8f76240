//! `cargo xtask rivals DIR`: the journals of real repositories beside deltas of
//! format 1, a step made for one client alone, and what general tools make of the
//! same pair of files. Every set is published to its newest generation, and clients
//! of all others that the history has are looked at.

use crate::journaling::{Age, ages};
use crate::peer::{GENERAL, Outcome, Pair};
use anyhow::{Context as _, Result};
use delta_client::select::{CopyVersion, Selection, select};
use delta_core::journal::Head;
use history::{History, Track};
use repomd::Record;
use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;
use xtask_common::paths;
use xtask_common::table::{Align, Table, human};
use xtask_replay::{Replay, generations, location, sets};

/// What a client may have to read beyond the best other way, and how much more.
const ALLOWANCE: (u64, u64) = (1_024, 12);

/// How long a tool may take for one pair.
const LIMIT: Duration = Duration::from_secs(300);

/// A client that a journal serves, and what else it could take.
struct Client {
    age: Age,
    delta: u64,
    best: u64,
    tool: &'static str,
}

impl Client {
    /// Whether its journal takes more than it may.
    fn is_over(&self) -> bool {
        let (bytes, tenths) = ALLOWANCE;
        self.age.reads * 10 > bytes * 10 + self.best.min(self.age.own_step) * tenths
    }
}

/// Compares for the sets below `directory` whose name contains `only`; whether nobody takes
/// more than he may.
pub(crate) fn run(directory: &Path, only: Option<&str>) -> Result<bool> {
    let program = paths::program()?;
    let scratch = paths::scratch();
    let mut table = Table::new(&COLUMNS);
    let mut over = Vec::new();
    for (name, set) in sets(directory, only)? {
        let replay = Replay::begin(&program, &scratch.join("rivals"))?;
        for generation in &generations(&set, &scratch.join("rivals-lone"))? {
            replay.compose(generation)?;
            // What cannot be read is told by the sweep.
            let _ = replay.publish(&[]);
        }
        let Ok(history) = History::read(&replay.history) else { continue };
        for record in &replay.published()?.records {
            let label = format!("{name}, {}", record.kind);
            let of_type = clients(&replay, &history, record).with_context(|| label.clone())?;
            let Some((all, clients)) = of_type.filter(|(_, clients)| !clients.is_empty()) else { continue };
            let full = fs::metadata(replay.root.join(location(record)?.as_str()))?.len();
            let sum = |of: &dyn Fn(&Client) -> u64| human(clients.iter().map(of).sum());
            let before = over.len();
            over.extend(clients.iter().filter(|client| client.is_over()).map(|client| {
                let Client { age: Age { behind, reads, own_step }, best, tool, .. } = client;
                let [reads, own_step, best] = [reads, own_step, best].map(|bytes| human(*bytes));
                format!("{label}, {behind} behind: {reads} by journal, own step {own_step}, {tool} {best}")
            }));
            table.row([
                name.clone(),
                record.kind.clone(),
                all.to_string(),
                clients.len().to_string(),
                human(full * clients.len() as u64),
                sum(&|client| client.age.reads),
                sum(&|client| client.delta),
                sum(&|client| client.age.own_step),
                sum(&|client| client.best),
                (over.len() - before).to_string(),
            ]);
        }
    }
    println!("Bytes for the clients that journals serve, of every past generation, heads included\n");
    println!("{}", table.render());
    println!("over 1,024 bytes and 1.2 times the better of own step and best tool: {}", over.len());
    for line in &over {
        println!("    {line}");
    }
    Ok(over.is_empty())
}

const COLUMNS: [(&str, Align); 10] = [
    ("set", Align::Left),
    ("type", Align::Left),
    ("clients", Align::Right),
    ("served", Align::Right),
    ("full", Align::Right),
    ("journal", Align::Right),
    ("format 1", Align::Right),
    ("own step", Align::Right),
    ("best tool", Align::Right),
    ("over", Align::Right),
];

/// How many past generations of a type there are, and the clients of those that its journal
/// serves.
fn clients(replay: &Replay, history: &History, record: &Record) -> Result<Option<(usize, Vec<Client>)>> {
    let Some(journal) = record.journal() else { return Ok(None) };
    let head = Head::of_file(&fs::read(replay.root.join(journal.location.as_str()))?)?;
    let track = history.track(&record.kind)?;
    let full = fs::metadata(replay.root.join(location(record)?.as_str()))?.len();
    let client = |age: Age| {
        let timestamp = track.generations()[age.behind].timestamps.last().copied();
        let copy = CopyVersion { timestamp, open_checksum: None };
        let delta = match select(record, &copy) {
            Selection::Delta(delta) => delta.size,
            _ => full,
        };
        let (best, tool) = tools(&record.kind, &track, age.behind)?;
        Ok(Client { age, delta, best, tool })
    };
    let clients = ages(&track, &record.kind, &head)?.into_iter().map(client).collect::<Result<_>>()?;
    Ok(Some((track.generations().len() - 1, clients)))
}

/// The least that any of the general tools makes of the newest generation and an older one.
fn tools(data_type: &str, track: &Track, behind: usize) -> Result<(u64, &'static str)> {
    let work = paths::scratch().join("rivals-tools");
    paths::make_empty(&work)?;
    let [old, new] = ["old", "new"].map(|name| work.join(name));
    track.write_generation(behind, &mut File::create(&old)?)?;
    track.write_generation(0, &mut File::create(&new)?)?;
    let pair = Pair { data_type, old: &old, new: &new };
    let mut results = Vec::new();
    for peer in GENERAL {
        if let Outcome::Bytes(bytes, ..) = peer.run(&pair, Path::new(""), LIMIT)? {
            results.push((bytes, peer.name()));
        }
    }
    results.into_iter().min().context("no tool gave a result")
}
