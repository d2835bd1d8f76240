//! Journals at the scale of a distribution: every generation is published in turn,
//! as its compose host would, and what that takes is told; then what a client of
//! each age reads, beside a step made for it alone.

use crate::files;
use crate::measure::{Spread, ratio, round};
use crate::options::{Options, TYPES};
use crate::report::Report;
use anyhow::{Context as _, Result};
use delta_core::Rule;
use delta_core::journal::{GenerationId, Head, StepOptions, encode_step};
use history::{History, Track};
use repomd::Repomd;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::process;
use xtask_common::table::{Align, Table, human};
use xtask_replay::location;

/// The repository that is published in turn.
pub(crate) struct Journaling {
    program: PathBuf,
    repo: PathBuf,
    history: PathBuf,
    keep: String,
    publishes: Vec<Value>,
}

impl Journaling {
    pub(crate) fn begin(program: &Path, work: &Path, options: &Options) -> Self {
        let keep = (options.generations() + 1).to_string();
        let (repo, history) = (work.join("journal-repo"), work.join("journal-history"));
        Self { program: program.to_owned(), repo, history, keep, publishes: Vec::new() }
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
        let output = process::run(generate.arg(&self.history).arg(&self.repo))?;
        self.publishes.push(serde_json::from_slice(&output.stdout).context("generate printed no JSON")?);
        Ok(())
    }

    /// Bytes of head and steps that the client of a generation reads, by type; not
    /// there where the journal does not serve it.
    pub(crate) fn reads(&self, old: &Path) -> Result<BTreeMap<&'static str, u64>> {
        let (new, old) = (model(&self.repo)?, model(old)?);
        let mut reads = BTreeMap::new();
        for data_type in TYPES {
            let record = old.record(data_type).context("no such record")?;
            let sum = record.open_checksum.as_ref().context("no open-checksum")?;
            let id = id_of(sum.hex())?;
            let Some((head, _)) = self.head(&new, data_type)? else { continue };
            reads.extend(head.ways(id).first().map(|way| (data_type, head.reads(way))));
        }
        Ok(reads)
    }

    /// The journal of a type.
    pub(crate) fn file(&self, data_type: &str) -> Result<Option<PathBuf>> {
        Ok(self.head(&model(&self.repo)?, data_type)?.map(|(_, file)| file))
    }

    fn head(&self, model: &Repomd, data_type: &str) -> Result<Option<(Head, PathBuf)>> {
        let journal = model.record(data_type).and_then(repomd::Record::journal);
        let Some(journal) = journal else { return Ok(None) };
        let file = self.repo.join(journal.location.as_str());
        Ok(Some((Head::of_file(&fs::read(&file)?)?, file)))
    }

    /// What publishing took, and what clients of all ages read.
    pub(crate) fn report(&self, report: &mut Report) -> Result<()> {
        self.report_publishes(report);
        self.report_ages(report)
    }

    fn report_publishes(&self, report: &mut Report) {
        let cpu = |publish: &Value, of: &dyn Fn(&Value) -> f64| {
            publish["phases"].as_array().into_iter().flatten().map(of).sum::<f64>() / 1e6
        };
        let journal = |publish: &Value| {
            cpu(publish, &|p| if p["name"] == "journals" { p["cpu_us"].as_f64().unwrap_or(0.0) } else { 0.0 })
        };
        let rest = |publish: &Value| {
            let without = |p: &Value| {
                let all = p["cpu_us"].as_f64().unwrap_or(0.0) - p["bzip2_us"].as_f64().unwrap_or(0.0);
                if p["name"] == "journals" { 0.0 } else { all }
            };
            cpu(publish, &without)
        };
        let anchors = |publish: &Value| -> u64 {
            let of = |t: &Value| t["journal"]["anchors_encoded"].as_u64().unwrap_or(0);
            publish["types"].as_array().into_iter().flatten().map(of).sum()
        };
        // The first has nothing to be told from.
        let all: Vec<&Value> = self.publishes.iter().skip(1).collect();
        let (with, without): (Vec<&Value>, Vec<&Value>) = all.iter().partition(|p| anchors(p) > 0);
        let mut table = Table::new(&[
            ("publishes", Align::Left),
            ("how many", Align::Right),
            ("CPU without bzip2 and journals, s", Align::Right),
            ("journals, CPU s", Align::Right),
            ("journals / the rest", Align::Right),
            ("the most", Align::Right),
        ]);
        let mut rows = Vec::new();
        for (label, of) in [("all", &all), ("one step per type", &without), ("anchors, too", &with)] {
            let mean = |figure: &dyn Fn(&Value) -> f64| {
                let count = u32::try_from(of.len()).unwrap_or(u32::MAX).max(1);
                of.iter().map(|publish| figure(publish)).sum::<f64>() / f64::from(count)
            };
            let (rest, journals) = (mean(&rest), mean(&journal));
            let most = Spread::new(of.iter().map(|publish| journal(publish))).max;
            table.row([
                label.to_owned(),
                of.len().to_string(),
                format!("{rest:.2}"),
                format!("{journals:.2}"),
                format!("{:.2}", journals / rest.max(0.001)),
                format!("{most:.2}"),
            ]);
            rows.push(json!({
                "publishes": label, "count": of.len(), "rest_cpu_s": round(rest),
                "journals_cpu_s": round(journals), "most_s": round(most),
            }));
        }
        report.add("journal_publishes", rows);
        report.table("What journals add to publishing, on average", &table);
    }

    fn report_ages(&self, report: &mut Report) -> Result<()> {
        let history = History::read(&self.history)?;
        let model = model(&self.repo)?;
        let mut table = Table::new(&[
            ("type", Align::Left),
            ("served", Align::Right),
            ("head", Align::Right),
            ("journal", Align::Right),
            ("full", Align::Right),
            ("read, all ages", Align::Right),
            ("a step of its own, all ages", Align::Right),
            ("dearest / own step", Align::Right),
            ("over 1,024 + 1.2 own", Align::Right),
        ]);
        let mut rows = Vec::new();
        for data_type in TYPES {
            let Some((head, file)) = self.head(&model, data_type)? else { continue };
            let ages = ages(&history.track(data_type)?, data_type, &head)?;
            let sum = |of: &dyn Fn(&Age) -> u64| ages.iter().map(of).sum();
            let dearest = ages.iter().map(|age| ratio(age.reads, age.own_step)).fold(0.0, f64::max);
            let over = ages.iter().filter(|age| age.reads * 10 > 10_240 + age.own_step * 12).count();
            let record = model.record(data_type).context("no such record")?;
            let full = fs::metadata(self.repo.join(location(record)?.as_str()))?.len();
            let size = fs::metadata(&file)?.len();
            table.row([
                data_type.to_owned(),
                ages.len().to_string(),
                human(head.len()),
                human(size),
                human(full),
                human(sum(&|age| age.reads)),
                human(sum(&|age| age.own_step)),
                format!("{dearest:.2}"),
                over.to_string(),
            ]);
            let figure =
                |age: &Age| json!({ "behind": age.behind, "reads": age.reads, "own_step": age.own_step });
            let figures: Vec<Value> = ages.iter().map(figure).collect();
            rows.push(
                json!({ "type": data_type, "head": head.len(), "size": size, "ages": figures, "over": over }),
            );
        }
        report.add("journal_ages", rows);
        report
            .table("Journals after the last publish: clients of every age, in bytes, heads included", &table);
        Ok(())
    }
}

/// A client that a journal serves.
pub(crate) struct Age {
    /// The number of its generation, the newest being 0.
    pub(crate) behind: usize,
    /// Bytes of head and steps.
    pub(crate) reads: u64,
    /// Bytes of a step made for it alone.
    pub(crate) own_step: u64,
}

/// The clients of all generations of a history that the journal serves.
pub(crate) fn ages(track: &Track, data_type: &str, head: &Head) -> Result<Vec<Age>> {
    let rule = Rule::for_type(data_type).context("a type without a rule")?;
    let generations = track.generations();
    let mut chunks = track.reader();
    let mut ages = Vec::new();
    for (behind, generation) in generations.iter().enumerate().skip(1) {
        let ways = head.ways(GenerationId::from_sha256(&generation.open_sha256));
        let Some(way) = ways.first() else { continue };
        let chunk = |symbol, out: &mut Vec<u8>| {
            out.extend_from_slice(chunks.chunk(symbol).map_err(std::io::Error::other)?);
            Ok(())
        };
        let (old, new) = (&generation.sequence, &generations[0].sequence);
        let step = encode_step(rule, track.table(), old, new, chunk, &StepOptions::default())?;
        ages.push(Age { behind, reads: head.reads(way), own_step: step.payload.len() as u64 });
    }
    Ok(ages)
}

fn model(repo: &Path) -> Result<Repomd> {
    Ok(Repomd::parse(&fs::read(repo.join("repodata/repomd.xml"))?)?)
}

fn id_of(hex: &str) -> Result<GenerationId> {
    let digest = codec::Digest::parse("sha256", hex)?;
    Ok(GenerationId::from_sha256(&digest.as_bytes().try_into()?))
}
