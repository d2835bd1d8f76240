//! `cargo xtask rivals DIR`: the journals of real repositories beside deltas of
//! format 1, a step made for one client alone, and what general tools make of the
//! same pair of files. Every set is published to its newest generation, and clients
//! of all others are looked at.

use crate::bench::report::{Align, Table, human};
use crate::replay::{self, Generation, Replay, location};
use crate::{paths, process};
use anyhow::{Context as _, Result};
use codec::{Expect, OpenReader};
use delta_core::journal::{StepOptions, encode_step};
use delta_core::{ChunkId, ChunkTable, Chunker, Limits, Rule, Symbol};
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;

/// What a client may have to read beyond the best other way, and how much more.
const ALLOWANCE: (u64, u64) = (1_024, 12);

/// One client.
struct Client {
    behind: usize,
    journal: Option<u64>,
    delta: u64,
    own_step: u64,
    best: u64,
    tool: &'static str,
}

/// Compares for the sets below `directory` whose name contains `only`.
pub(crate) fn run(directory: &Path, only: Option<&str>) -> Result<bool> {
    let program = replay::program()?;
    let mut table = Table::new(&[
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
    ]);
    let mut over = Vec::new();
    for set in replay::in_order(directory)? {
        let name = set.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !set.is_dir() || only.is_some_and(|only| !name.contains(only)) {
            continue;
        }
        let mut generations = replay::generations(&set)?;
        if generations.is_empty() {
            generations = crate::lone::generations(&set, &paths::scratch().join("rivals-lone"))?;
        }
        let Some((newest, past)) = generations.split_last() else { continue };
        let replay = Replay::begin(&program, &paths::scratch().join("rivals"))?;
        for generation in &generations {
            replay.compose(generation)?;
            // What cannot be read is told by the sweep.
            let _ = replay.publish(&[]);
        }
        for record in &newest.model.records {
            let of_type =
                clients(&replay, past, &record.kind).with_context(|| format!("{name}, {}", record.kind))?;
            let Some((full, clients)) = of_type.filter(|(_, clients)| !clients.is_empty()) else { continue };
            let served: Vec<&Client> = clients.iter().filter(|client| client.journal.is_some()).collect();
            let sum = |of: &dyn Fn(&Client) -> u64| human(served.iter().map(|client| of(client)).sum());
            let (bytes, tenths) = ALLOWANCE;
            let dear = |client: &&&Client| {
                client
                    .journal
                    .is_some_and(|j| j * 10 > bytes * 10 + client.best.min(client.own_step) * tenths)
            };
            let dear: Vec<&&Client> = served.iter().filter(dear).collect();
            for client in &dear {
                over.push(format!(
                    "{name}, {}, {} behind: {} by journal, own step {}, {} {}",
                    record.kind,
                    client.behind,
                    human(client.journal.unwrap_or(0)),
                    human(client.own_step),
                    client.tool,
                    human(client.best)
                ));
            }
            table.row([
                name.clone(),
                record.kind.clone(),
                clients.len().to_string(),
                served.len().to_string(),
                human(full * served.len() as u64),
                sum(&|client| client.journal.unwrap_or(0)),
                sum(&|client| client.delta),
                sum(&|client| client.own_step),
                sum(&|client| client.best),
                dear.len().to_string(),
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
        let (best, tool) = tools(&old, &new)?;
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
fn tools(old: &[u8], new: &[u8]) -> Result<(u64, &'static str)> {
    let work = paths::scratch().join("rivals-tools");
    paths::make_empty(&work)?;
    fs::write(work.join("old"), old)?;
    fs::write(work.join("new"), new)?;
    let window = old.len().next_power_of_two().max(1 << 20);
    let lines = [
        ("xdelta3 -9 -S lzma", format!("xdelta3 -9 -S lzma -B {window} -f -e -s old new out")),
        ("zstd -19 --patch-from", "zstd -q -19 -T1 -f --patch-from=old new -o out".to_owned()),
        ("bsdiff", "bsdiff old new out".to_owned()),
        (
            "diff -e + gzip -9",
            "( diff -e <(cat old; echo) <(cat new; echo) || [ $? = 1 ] ) | gzip -9 > out".to_owned(),
        ),
    ];
    let mut best: Option<(u64, &'static str)> = None;
    for (name, line) in lines {
        let mut bash = Command::new("bash");
        process::run(bash.current_dir(&work).env("LC_ALL", "C").args(["-o", "pipefail", "-ec", &line]))?;
        let bytes = fs::metadata(work.join("out"))?.len();
        if best.is_none_or(|(least, _)| bytes < least) {
            best = Some((bytes, name));
        }
    }
    best.context("there is no tool")
}
