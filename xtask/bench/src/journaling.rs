//! The journal at the scale of a distribution: every generation is published in turn,
//! as its compose host would, and what that takes is told; then what a client of
//! each age reads, beside a step made for it alone.

use crate::files;
use crate::measure::{self, Sample, Spread, Took, ratio, round};
use crate::options::{Options, TYPES};
use crate::report::Report;
use anyhow::{Context as _, Result};
use delta_core::Rule;
use delta_core::chunk::Symbol;
use delta_core::journal::{
    GenerationId, Ids, JournalPart, JournalStep, PartEncoder, PartOptions, write_journal,
};
use history::{History, Track};
use repomd::{Journal, Repomd};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use xtask_common::table::{Align, Table, human};
use xtask_replay::{PublishedJournal, Reads};

/// The repository that is published in turn.
pub(crate) struct Journaling {
    program: PathBuf,
    /// The repository after the last publish.
    pub(crate) repo: PathBuf,
    history: PathBuf,
    keep: String,
    publishes: Vec<Publish>,
    /// The journal that repomd.xml named after each of them.
    listed: Vec<Option<Journal>>,
}

/// One run of `generate`.
struct Publish {
    sample: Sample,
    /// What it printed as JSON.
    result: Value,
}

/// Bytes of the journal for the client of one age.
#[derive(Default)]
pub(crate) struct AgeReads {
    pub(crate) together: Option<Reads>,
    pub(crate) alone: BTreeMap<&'static str, u64>,
}

impl Journaling {
    pub(crate) fn begin(program: &Path, work: &Path, options: &Options) -> Self {
        let keep = (options.generations() + 1).to_string();
        let (repo, history) = (work.join("journal-repo"), work.join("journal-history"));
        Self { program: program.to_owned(), repo, history, keep, publishes: Vec::new(), listed: Vec::new() }
    }

    /// Publishes the next generation.
    pub(crate) fn add(&mut self, generation: &Path) -> Result<()> {
        let next = self.repo.with_extension("next");
        files::copy(generation, &next)?;
        if self.repo.exists() {
            for entry in fs::read_dir(self.repo.join("repodata"))? {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if name.contains(".delta") || name.ends_with(".journal") {
                    fs::rename(&path, next.join("repodata").join(&name))?;
                }
            }
            fs::remove_dir_all(&self.repo)?;
        }
        fs::rename(&next, &self.repo)?;
        let mut generate = Command::new(&self.program);
        generate.args(["generate", "--json", "--quiet", "--keep", &self.keep, "--history"]);
        let (sample, output) = measure::once(generate.arg(&self.history).arg(&self.repo))?;
        let result = serde_json::from_slice(&output.stdout).context("generate printed no JSON")?;
        self.publishes.push(Publish { sample, result });
        self.listed.push(model(&self.repo)?.journal);
        Ok(())
    }

    /// A copy of the repository as it is published now, for those who are later behind.
    pub(crate) fn keep(&self, to: &Path) -> Result<()> {
        files::copy(&self.repo, to)
    }

    /// What is read of the journal by the client that is so many publishes behind and has `old`, for all
    /// types together and for each alone, as far as the journal serves them.
    pub(crate) fn reads(&self, old: &Path, behind: usize) -> Result<AgeReads> {
        let journal = PublishedJournal::find(&self.repo, &model(&self.repo)?)?;
        let Some(journal) = journal else { return Ok(AgeReads::default()) };
        let listed = self.listed.iter().rev().nth(behind).and_then(Option::as_ref);
        let old = model(old)?;
        let (mut bases, mut reads) = (Vec::new(), AgeReads::default());
        for data_type in TYPES {
            let record = old.record(data_type).context("no such record")?;
            let sum = record.open_checksum.as_ref().context("no open-checksum")?;
            let Some(number) = journal.number(data_type) else { continue };
            let base = (number, id_of(sum.hex())?);
            if let Some(alone) = journal.reads(&[base], listed) {
                reads.alone.insert(data_type, alone.bytes);
                bases.push(base);
            }
        }
        reads.together = journal.reads(&bases, listed).filter(|_| bases.len() == TYPES.len());
        Ok(reads)
    }

    /// The journal.
    pub(crate) fn file(&self) -> Result<Option<PathBuf>> {
        Ok(PublishedJournal::find(&self.repo, &model(&self.repo)?)?.map(|journal| journal.file))
    }

    /// What publishing took beside `floor`, and what clients of all ages read.
    pub(crate) fn report(&self, floor: &Took, report: &mut Report) -> Result<()> {
        self.report_publishes(floor, report);
        self.report_ages(report)
    }

    fn report_publishes(&self, floor: &Took, report: &mut Report) {
        let anchors = |publish: &Publish| publish.result["journal"]["anchors_encoded"].as_u64().unwrap_or(0);
        // The first has nothing to be told from.
        let all: Vec<&Publish> = self.publishes.iter().skip(1).collect();
        let (with, without): (Vec<&Publish>, Vec<&Publish>) = all.iter().partition(|p| anchors(p) > 0);
        let mut table = Table::new(&[
            ("publishes", Align::Left),
            ("how many", Align::Right),
            ("CPU s, mean", Align::Right),
            ("/ floor", Align::Right),
            ("worst / floor", Align::Right),
            ("wall s, mean", Align::Right),
            ("/ floor", Align::Right),
            ("worst / floor", Align::Right),
            ("peak MB", Align::Right),
        ]);
        let mut rows = Vec::new();
        for (label, of) in [("all", &all), ("one step", &without), ("anchors, too", &with)] {
            let count = f64::from(u32::try_from(of.len()).unwrap_or(u32::MAX).max(1));
            let mean = |figure: fn(&Sample) -> f64| of.iter().map(|p| figure(&p.sample)).sum::<f64>() / count;
            let most = |figure: fn(&Sample) -> f64| Spread::new(of.iter().map(|p| figure(&p.sample))).max;
            let cpu = (mean(|sample| sample.cpu), most(|sample| sample.cpu), floor.cpu.median);
            let wall = (mean(|sample| sample.wall), most(|sample| sample.wall), floor.wall.median);
            let mut cells = vec![label.to_owned(), of.len().to_string()];
            for (mean, most, floor) in [cpu, wall] {
                cells.push(format!("{mean:.2}"));
                cells.extend([mean, most].map(|figure| format!("{:.2}", figure / floor.max(0.01))));
            }
            let peak = most(|sample| sample.rss);
            cells.push(format!("{:.0}", peak * 1024.0 / 1e6));
            table.row(cells);
            let figures = |(mean, most, floor): (f64, f64, f64)| json!({ "mean_s": round(mean), "most_s": round(most), "floor_s": round(floor) });
            rows.push(json!({
                "publishes": label, "count": of.len(), "cpu": figures(cpu), "wall": figures(wall),
                "peak_kib": peak,
            }));
        }
        report.add("journal_publishes", rows);
        report.table("Publishing all generations in turn, everything included", &table);
    }

    fn report_ages(&self, report: &mut Report) -> Result<()> {
        let journal =
            PublishedJournal::find(&self.repo, &model(&self.repo)?)?.context("there is no journal")?;
        let history = History::read(&self.history)?;
        let ages = ages(&journal, &history, &self.listed)?;
        let sum = |of: &dyn Fn(&Age) -> u64| ages.iter().map(of).sum();
        let dearest = ages.iter().map(|age| ratio(age.reads.bytes, age.own_step)).fold(0.0, f64::max);
        let mut full = 0;
        for file in files::by_type(&self.repo)?.values() {
            full += fs::metadata(file)?.len();
        }
        let mut table = Table::new(&[
            ("served", Align::Right),
            ("head", Align::Right),
            ("journal", Align::Right),
            ("full", Align::Right),
            ("read, all ages", Align::Right),
            ("a step of its own, all ages", Align::Right),
            ("dearest / own step", Align::Right),
            ("most requests", Align::Right),
        ]);
        table.row([
            ages.len().to_string(),
            human(journal.head.len()),
            human(journal.listed.size),
            human(full),
            human(sum(&|age| age.reads.bytes)),
            human(sum(&|age| age.own_step)),
            format!("{dearest:.2}"),
            ages.iter().map(|age| age.reads.requests).max().unwrap_or(0).to_string(),
        ]);
        let figure = |age: &Age| {
            let Reads { bytes, requests } = age.reads;
            json!({ "behind": age.behind, "reads": bytes, "requests": requests, "own_step": age.own_step })
        };
        let (head, size) = (journal.head.len(), journal.listed.size);
        let figures: Vec<Value> = ages.iter().map(figure).collect();
        report.add("journal_ages", vec![json!({ "head": head, "size": size, "ages": figures })]);
        report.table("The journal after the last publish: clients of every age, all types together", &table);
        Ok(())
    }
}

/// A client that the journal serves with all types.
struct Age {
    /// By how many publishes it is behind.
    behind: usize,
    reads: Reads,
    /// Bytes of a step made for it alone.
    own_step: u64,
}

/// The clients of all publishes that the journal serves with all types. Every publish changed every type,
/// as those of invented repositories do.
fn ages(journal: &PublishedJournal, history: &History, listed: &[Option<Journal>]) -> Result<Vec<Age>> {
    let tracks = TYPES.map(|data_type| history.track(data_type));
    let tracks = tracks.into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut ages = Vec::new();
    for behind in 1..tracks.iter().map(|track| track.generations().len()).min().unwrap_or(0) {
        let mut bases = Vec::new();
        for (track, data_type) in tracks.iter().zip(TYPES) {
            let number = journal.number(data_type).context("the journal has not all types")?;
            bases.push((number, GenerationId::from_sha256(&track.generations()[behind].open_sha256)));
        }
        let listed = listed.iter().rev().nth(behind).and_then(Option::as_ref);
        let Some(reads) = journal.reads(&bases, listed) else { continue };
        let pairs: Vec<_> = tracks.iter().zip(TYPES).map(|(track, kind)| (kind, track, behind)).collect();
        ages.push(Age { behind, reads, own_step: own_step(&pairs)? });
    }
    Ok(ages)
}

/// Bytes of one step for these types, each from a generation of its own: table, identifiers and parts.
pub(crate) fn own_step(types: &[(&str, &Track, usize)]) -> Result<u64> {
    let (mut encoders, mut inserted) = (Vec::new(), Vec::new());
    for (data_type, track, behind) in types {
        let rule = Rule::for_type(data_type).context("a type without a rule")?;
        let generations = track.generations();
        let (old, new) = (&generations[*behind].sequence, &generations[0].sequence);
        let encoder = PartEncoder::new(rule, track.table(), old, new, PartOptions::default());
        inserted.push(encoder.ids(texts(track))?);
        encoders.push((*data_type, *track, encoder));
    }
    let ids = Arc::new(Ids::shared(&inserted));
    let mut parts = Vec::new();
    for (_, track, encoder) in &encoders {
        parts.push(encoder.encode(&ids, texts(track))?.payload);
    }
    let from = GenerationId::from_bytes([0; 4]);
    let entries = parts.iter().map(|payload| JournalPart::Part { from, payload }).collect();
    let names: Vec<&str> = encoders.iter().map(|(name, ..)| *name).collect();
    let journal = write_journal(&names, 1, &[vec![JournalStep { sequence: 0, ids, parts: entries }]])?;
    Ok((journal.bytes.len() - journal.head_len) as u64)
}

/// Gives the text of chunks.
fn texts(track: &Track) -> impl FnMut(Symbol, &mut Vec<u8>) -> io::Result<()> + '_ {
    let mut chunks = track.reader();
    move |symbol, out: &mut Vec<u8>| {
        out.extend_from_slice(chunks.chunk(symbol).map_err(io::Error::other)?);
        Ok(())
    }
}

fn model(repo: &Path) -> Result<Repomd> {
    Ok(Repomd::parse(&fs::read(repo.join("repodata/repomd.xml"))?)?)
}

fn id_of(hex: &str) -> Result<GenerationId> {
    let digest = codec::Digest::parse("sha256", hex)?;
    Ok(GenerationId::from_sha256(&digest.as_bytes().try_into()?))
}
