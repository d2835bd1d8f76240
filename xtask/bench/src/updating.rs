//! `update` over loopback: time, memory, and what goes over the wire, beside
//! taking the full files, and beside zchunk's range requests for primary.
//!
//! nginx counts the bytes of requests and answers, heads included.

use crate::measure::{self, Sample, Took, round};
use crate::options::Options;
use crate::prepare::Prepared;
use crate::report::Report;
use crate::{files, peer};
use anyhow::{Context as _, Result};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::table::{Align, Table, human, percent};
use xtask_common::web::{Server, Wire};
use xtask_common::{paths, process};

/// What is updated: a label, and what `--types` says.
const SETS: [(&str, &str); 2] = [("primary", "primary"), ("all three", "primary,filelists,other")];

/// Updates the clients of all ages from the repository that was published in turn.
pub(crate) fn measure(prepared: &Prepared, options: &Options, report: &mut Report) -> Result<()> {
    let work = prepared.work.join("updating");
    paths::make_empty(&work)?;
    let journaling = prepared.journaling.as_ref().context("nothing was published in turn")?;
    let server = Server::nginx(&work, &journaling.repo, "")?;
    times(prepared, &server, &work, options, report)?;
    wire(prepared, &server, &work, report)
}

/// The command that updates `cache` from `source`.
fn update(prepared: &Prepared, source: &str, types: &str, cache: &Path) -> Command {
    let mut update = Command::new(&prepared.program);
    update.args(["update", "--quiet", "--types", types, source]).arg(cache);
    update
}

/// A cache that holds the generation that is `age` behind.
fn filled_cache(prepared: &Prepared, age: usize, types: &str, work: &Path) -> Result<PathBuf> {
    let cache = work.join(format!("held-{age}"));
    if cache.exists() {
        fs::remove_dir_all(&cache).with_context(|| format!("cannot remove `{}`", cache.display()))?;
    }
    let old = prepared.as_published(age).display().to_string();
    process::run(&mut update(prepared, &old, types, &cache))?;
    Ok(cache)
}

/// The client that is furthest behind, by deltas and in full.
fn times(
    prepared: &Prepared,
    server: &Server,
    work: &Path,
    options: &Options,
    report: &mut Report,
) -> Result<()> {
    let mut table = Table::new(&[
        ("types", Align::Left),
        ("way", Align::Left),
        ("wall s", Align::Right),
        ("CPU s", Align::Right),
        ("peak MB", Align::Right),
        ("wall / full", Align::Right),
    ]);
    let mut rows = Vec::new();
    let (age, _) = prepared.olds.last_key_value().context("no client")?;
    let cache = work.join("cache");
    for (label, types) in SETS {
        let before = filled_cache(prepared, *age, types, work)?;
        let mut samples: [Vec<Sample>; 2] = Default::default();
        for _ in 0..options.runs {
            for (way, samples) in samples.iter_mut().enumerate() {
                if way == 0 {
                    paths::make_empty(&cache)?;
                } else {
                    files::copy(&before, &cache)?;
                }
                process::run(&mut Command::new("sync"))?;
                samples.push(measure::once(&update(prepared, &server.url(), types, &cache))?.0);
            }
        }
        let took = samples.map(|samples| Took::new(&samples));
        let full = took[0].wall.median;
        for (way, took) in ["in full".to_owned(), format!("by the journal, {age} behind")].iter().zip(took) {
            table.row([
                label.to_owned(),
                way.clone(),
                format!("{:.2} ({:.2}–{:.2})", took.wall.median, took.wall.min, took.wall.max),
                format!("{:.2}", took.cpu.median),
                format!("{:.0}", took.rss.median * 1024.0 / 1e6),
                format!("{:.2}", took.wall.median / full),
            ]);
            rows.push(json!({
                "types": label, "way": way, "took": took.json(), "ratio": round(took.wall.median / full),
            }));
        }
    }
    report.add("update", rows);
    report.table("Updating over loopback: download, verify, store", &table);
    Ok(())
}

/// Bytes and requests for every age.
fn wire(prepared: &Prepared, server: &Server, work: &Path, report: &mut Report) -> Result<()> {
    let mut table = Table::new(&[
        ("behind", Align::Right),
        ("types", Align::Left),
        ("in full: requests, bytes", Align::Right),
        ("by the journal: requests, bytes", Align::Right),
        ("share", Align::Right),
        ("zckdl: requests, bytes", Align::Right),
    ]);
    let mut rows = Vec::new();
    let zck = Zck::new(prepared, work)?;
    let zck_server = Server::nginx(work, &zck.directory, "")?;
    for (label, types) in SETS {
        let empty = work.join("cache");
        paths::make_empty(&empty)?;
        server.wire()?;
        process::run(&mut update(prepared, &server.url(), types, &empty))?;
        let full = server.wire()?;
        for age in prepared.olds.keys() {
            let cache = filled_cache(prepared, *age, types, work)?;
            process::run(&mut update(prepared, &server.url(), types, &cache))?;
            let taken = server.wire()?;
            let ranges = if label == "primary" { Some(zck.download(*age, &zck_server)?) } else { None };
            table.row([
                age.to_string(),
                label.to_owned(),
                shown(&full),
                shown(&taken),
                percent(taken.bytes, full.bytes, 2),
                ranges.as_ref().map_or("-".to_owned(), shown),
            ]);
            let figures = |wire: &Wire| json!({ "requests": wire.requests, "bytes": wire.bytes });
            rows.push(json!({
                "behind": age, "types": label, "full": figures(&full), "deltas": figures(&taken),
                "zckdl": ranges.as_ref().map(figures),
            }));
        }
    }
    report.add("wire", rows);
    report.table("Over the wire, requests and heads included", &table);
    Ok(())
}

fn shown(wire: &Wire) -> String {
    format!("{}, {}", wire.requests, human(wire.bytes))
}

/// primary as zchunk files: the newest, and those that clients hold.
struct Zck {
    directory: PathBuf,
}

impl Zck {
    fn new(prepared: &Prepared, work: &Path) -> Result<Self> {
        let directory = work.join("zck");
        paths::make_empty(&directory)?;
        let zck = Self { directory };
        let open = work.join("primary.xml");
        let dictionary = work.join("primary.dict");
        let oldest = prepared.olds.last_key_value().context("no client")?.1;
        for (nth, repo) in [oldest, &prepared.newest].into_iter().chain(prepared.olds.values()).enumerate() {
            let file = &files::by_type(repo)?["primary"];
            files::open(file, &open)?;
            if nth == 0 {
                process::run(&mut peer::train(&open, &dictionary))?;
                continue;
            }
            let name = repo.file_name().context("a directory without a name")?;
            process::run(&mut peer::zck(&open, &dictionary, &zck.directory.join(name)))?;
        }
        Ok(zck)
    }

    /// What the client of one age transfers.
    fn download(&self, age: usize, server: &Server) -> Result<Wire> {
        server.wire()?;
        let into = self.directory.join("downloaded");
        paths::make_empty(&into)?;
        let mut zckdl = Command::new("zckdl");
        zckdl.current_dir(&into).arg("--quiet").arg("--source");
        zckdl.arg(self.directory.join(format!("behind-{age}"))).arg(format!("{}behind-0", server.url()));
        process::run(&mut zckdl)?;
        server.wire()
    }
}
