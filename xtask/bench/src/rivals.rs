//! `cargo xtask rivals DIR`: the journals of real repositories beside deltas of
//! format 1, a step made for one client alone, and what general tools make of the
//! same pair of files. Every set is published to its newest generation, and clients
//! of all others are looked at.

use crate::peer::{GENERAL, Made, Pair};
use anyhow::{Context as _, Result};
use codec::{Expect, OpenReader};
use delta_core::chunk::{ChunkId, ChunkTable, Chunker, Symbol};
use delta_core::journal::{StepOptions, encode_step};
use delta_core::{Limits, Rule};
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;
use xtask_common::paths;
use xtask_common::table::{Align, Table, human};
use xtask_replay::{Generation, Replay, generations, location, sets};

/// What a client may have to read beyond the best other way, and how much more.
const ALLOWANCE: (u64, u64) = (1_024, 12);

/// How long a tool may take for one pair.
const LIMIT: Duration = Duration::from_secs(300);

/// One client.
struct Client {
    behind: usize,
    journal: Option<u64>,
    delta: u64,
    own_step: u64,
    best: u64,
    tool: &'static str,
}

impl Client {
    /// Whether its journal takes more than it may.
    fn is_over(&self) -> bool {
        let (bytes, tenths) = ALLOWANCE;
        self.journal.is_some_and(|j| j * 10 > bytes * 10 + self.best.min(self.own_step) * tenths)
    }
}

/// Compares for the sets below `directory` whose name contains `only`.
pub(crate) fn run(directory: &Path, only: Option<&str>) -> Result<bool> {
    let program = paths::program()?;
    let scratch = paths::scratch();
    let mut comparison = Comparison { table: Table::new(&COLUMNS), over: Vec::new() };
    for (name, set) in sets(directory, only)? {
        let generations = generations(&set, &scratch.join("rivals-lone"))?;
        let Some((newest, past)) = generations.split_last() else { continue };
        let replay = Replay::begin(&program, &scratch.join("rivals"))?;
        for generation in &generations {
            replay.compose(generation)?;
            // What cannot be read is told by the sweep.
            let _ = replay.publish(&[]);
        }
        for record in &newest.model.records {
            let of_type =
                clients(&replay, past, &record.kind).with_context(|| format!("{name}, {}", record.kind))?;
            if let Some((full, clients)) = of_type.filter(|(_, clients)| !clients.is_empty()) {
                comparison.add(&name, &record.kind, full, &clients);
            }
        }
    }
    Ok(comparison.tell())
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

/// What was found so far.
struct Comparison {
    table: Table,
    /// Clients for whom the journal takes more than it may.
    over: Vec<String>,
}

impl Comparison {
    /// Adds the clients of a type, whose full file has so many bytes.
    fn add(&mut self, set: &str, data_type: &str, full: u64, clients: &[Client]) {
        let served: Vec<&Client> = clients.iter().filter(|client| client.journal.is_some()).collect();
        let sum = |of: &dyn Fn(&Client) -> u64| human(served.iter().map(|client| of(client)).sum());
        let before = self.over.len();
        for client in served.iter().filter(|client| client.is_over()) {
            self.over.push(format!(
                "{set}, {data_type}, {} behind: {} by journal, own step {}, {} {}",
                client.behind,
                human(client.journal.unwrap_or(0)),
                human(client.own_step),
                client.tool,
                human(client.best)
            ));
        }
        self.table.row([
            set.to_owned(),
            data_type.to_owned(),
            clients.len().to_string(),
            served.len().to_string(),
            human(full * served.len() as u64),
            sum(&|client| client.journal.unwrap_or(0)),
            sum(&|client| client.delta),
            sum(&|client| client.own_step),
            sum(&|client| client.best),
            (self.over.len() - before).to_string(),
        ]);
    }

    /// Prints everything; whether nobody takes more than he may.
    fn tell(&self) -> bool {
        println!("Bytes for the clients that journals serve, of every past generation, heads included\n");
        println!("{}", self.table.render());
        println!("over 1,024 bytes and 1.2 times the better of own step and best tool: {}", self.over.len());
        for line in &self.over {
            println!("    {line}");
        }
        self.over.is_empty()
    }
}

/// The full file's size, and the clients of one type.
fn clients(replay: &Replay, past: &[Generation], data_type: &str) -> Result<Option<(u64, Vec<Client>)>> {
    let published = replay.published()?;
    let Some(record) = published.record(data_type) else { return Ok(None) };
    let (Some(rule), Ok(place)) = (Rule::for_type(data_type), location(record)) else { return Ok(None) };
    if record.journal().is_none() {
        return Ok(None);
    }
    let file = replay.root.join(place.as_str());
    let new = open(&file)?;
    let mut clients = Vec::new();
    let mut behind = 0;
    let mut last = new.clone();
    for generation in past.iter().rev() {
        let Some(old) = generation.model.record(data_type).and_then(|old| location(old).ok()) else {
            continue;
        };
        let Ok(old) = open(&generation.repodata.join(old.file_name())) else { continue };
        if old == last {
            continue;
        }
        behind += 1;
        last.clone_from(&old);
        if old == new {
            continue;
        }
        let taken = match replay.client(&published, generation, data_type) {
            Ok(Some(download)) => download.taken,
            _ => fs::metadata(&file)?.len(),
        };
        let journal = replay.journal(&published, generation, data_type)?;
        let (best, tool) = tools(data_type, &old, &new)?;
        let own_step = own_step(rule, &old, &new)?;
        clients.push(Client { behind, journal, delta: taken, own_step, best, tool });
    }
    Ok(Some((fs::metadata(&file)?.len(), clients)))
}

fn open(path: &Path) -> Result<Vec<u8>> {
    let mut open = Vec::new();
    OpenReader::new(fs::File::open(path)?, path, Expect::default())?.read_to_end(&mut open)?;
    Ok(open)
}

/// The payload of a step for one client alone.
fn own_step(rule: Rule, old: &[u8], new: &[u8]) -> Result<u64> {
    let mut table = ChunkTable::new();
    let mut texts: Vec<Vec<u8>> = Vec::new();
    let mut cut = |file: &[u8]| -> Result<Vec<Symbol>> {
        let mut chunks = Chunker::new(file, rule, &Limits::default());
        let mut sequence = Vec::new();
        while let Some(chunk) = chunks.next_chunk()? {
            let symbol = table.intern(ChunkId::hash(chunk), chunk.len())?;
            if symbol as usize == texts.len() {
                texts.push(chunk.to_vec());
            }
            sequence.push(symbol);
        }
        Ok(sequence)
    };
    let (old, new) = (cut(old)?, cut(new)?);
    let chunk = |symbol: Symbol, out: &mut Vec<u8>| {
        out.extend_from_slice(&texts[symbol as usize]);
        Ok(())
    };
    Ok(encode_step(rule, &table, &old, &new, chunk, &StepOptions::default())?.payload.len() as u64)
}

/// The least that any of the general tools makes of the pair.
fn tools(data_type: &str, old: &[u8], new: &[u8]) -> Result<(u64, &'static str)> {
    let work = paths::scratch().join("rivals-tools");
    paths::make_empty(&work)?;
    let [old_file, new_file] = ["old", "new"].map(|name| work.join(name));
    fs::write(&old_file, old)?;
    fs::write(&new_file, new)?;
    let pair = Pair { data_type, old: &old_file, new: &new_file };
    let mut made = Vec::new();
    for peer in GENERAL {
        if let Made::Bytes(bytes, ..) = peer.make(&pair, Path::new(""), LIMIT)? {
            made.push((bytes, peer.name()));
        }
    }
    made.into_iter().min_by_key(|(bytes, _)| *bytes).context("no tool made anything")
}
