//! A client's cache, and the check that every reader finds in it what it finds
//! in the repository itself.

use crate::bench::Bench;
use crate::readers::{self, Answer, Reader, Site};
use crate::records;
use crate::repository::open;
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::process;

/// A cache below the case's directory.
pub(crate) struct Cache<'a> {
    bench: &'a Bench<'a>,
    /// Where it is.
    pub(crate) directory: PathBuf,
    keyring: Option<&'a Path>,
}

impl<'a> Cache<'a> {
    /// One that does not exist yet.
    pub(crate) fn new(bench: &'a Bench<'a>, name: &str, keyring: Option<&'a Path>) -> Self {
        Self { bench, directory: bench.work.join(name), keyring }
    }

    /// The command `update`, without the proxies of whoever runs this.
    pub(crate) fn command(&self, source: &str, options: &[&str]) -> Command {
        let mut command = self.bench.program();
        command.arg("update").args(options);
        if let Some(keyring) = self.keyring {
            command.arg("--keyring").arg(keyring);
        }
        without_proxies(&mut command);
        command.arg(source).arg(&self.directory);
        command
    }

    /// Brings it up to date, which must succeed; returns what was reported.
    pub(crate) fn update(&self, source: &str, options: &[&str]) -> Result<Value> {
        report(&mut self.command(source, &[&["--json"], options].concat()))
    }

    /// All of its files with their content, but for the lock.
    pub(crate) fn content(&self) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        crate::bench::snapshot(&self.directory.join("repodata"))
    }

    /// A second cache with the same content.
    pub(crate) fn copy(&self, name: &str) -> Result<Cache<'a>> {
        let copy = Self::new(self.bench, name, self.keyring);
        process::run(Command::new("cp").arg("-a").arg(&self.directory).arg(&copy.directory))?;
        Ok(copy)
    }

    /// Fails unless the cache says the truth about its files, they are those of
    /// the repository once opened, upstream's own repomd.xml is beside them,
    /// and all readers agree.
    pub(crate) fn check(&self, repository: &Path, label: &str) -> Result<()> {
        let upstream = records::read(repository)?;
        let held = records::read_copy(&self.directory)?;
        let wanted = upstream.iter().filter(|r| !r.kind.ends_with("_db") && !r.kind.ends_with("_zck"));
        let mut compared = 0;
        for record in wanted {
            let own = held.iter().find(|own| own.kind == record.kind);
            let own = own.with_context(|| format!("the cache has no {}", record.kind))?;
            ensure!(own.open_checksum == record.open_checksum, "{} is another one", record.kind);
            ensure!(own.timestamp == record.timestamp, "{} has another timestamp", record.kind);
            let is_exact = !self.directory.join("repodata/upstream").exists();
            let described = fs::read_to_string(self.directory.join("repodata/repomd.xml"))?;
            let lists = ["<delta", "<?delta"].iter().any(|begin| described.contains(begin));
            ensure!(is_exact || !lists, "the cache lists deltas or a journal");
            let (theirs, ours) = (self.bench.work.join("theirs"), self.bench.work.join("ours"));
            open(&repository.join(&record.href), &theirs)?;
            open(&self.directory.join(&own.href), &ours)?;
            ensure!(fs::read(theirs)? == fs::read(ours)?, "the content of {} differs", record.kind);
            compared += 1;
        }
        let repodata = self.directory.join("repodata");
        let upstream = repodata.join("upstream");
        let is_exact = !upstream.exists();
        ensure!(is_exact || held.len() == compared, "the cache has further records");
        let documents = if is_exact { repodata } else { upstream };
        // The key is part of exact copies only.
        for name in ["repomd.xml", "repomd.xml.asc", "repomd.xml.key"].iter().take(2 + usize::from(is_exact))
        {
            let theirs = fs::read(repository.join("repodata").join(name)).ok();
            let ours = fs::read(documents.join(name)).ok();
            ensure!(theirs == ours, "`{name}` of the publisher is not what the repository has");
        }
        self.bench.ok(format!("{label}: {compared} files have the content of the repository's"));
        self.ask(repository, label)
    }

    fn ask(&self, repository: &Path, label: &str) -> Result<()> {
        let theirs = readers::ask_all(self.bench, &Site::local(repository), &format!("{label}-repository"))?;
        let ours = readers::ask_all(self.bench, &Site::local(&self.directory), &format!("{label}-cache"))?;
        for ((reader, theirs), (_, ours)) in theirs.into_iter().zip(ours) {
            match (theirs, ours) {
                (Answer::Listed(theirs), Answer::Listed(ours)) => {
                    let (theirs, ours) = (comparable(reader, &theirs), comparable(reader, &ours));
                    ensure!(!ours.is_empty(), "{reader} finds nothing in the cache");
                    readers::ensure_same(reader, &theirs, &ours)?;
                    self.bench
                        .ok(format!("{label}: {reader} finds the same ({} lines)", ours.lines().count()));
                }
                // Debian's module is older than zstd in metadata.
                (Answer::Listed(_), Answer::Refused { .. }) if reader == Reader::CreaterepoDebian => {
                    self.bench.ok(format!("{label}: {reader} cannot read zstd here"));
                }
                (Answer::Refused { details, .. }, Answer::Refused { .. })
                    if reader == Reader::CreaterepoDebian
                        && details.contains("Cannot detect compression type") =>
                {
                    self.bench.ok(format!("{label}: {reader} cannot read the repository's zstd"));
                }
                (Answer::Refused { details, .. }, _) | (_, Answer::Refused { details, .. }) => {
                    bail!("{reader} fails:\n{details}")
                }
            }
        }
        Ok(())
    }
}

/// Takes from a command the proxies of whoever runs this.
pub(crate) fn without_proxies(command: &mut Command) {
    for variable in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(variable).env_remove(variable.to_uppercase());
    }
}

/// Runs a command that prints JSON.
pub(crate) fn report(command: &mut Command) -> Result<Value> {
    let output = process::run(command)?;
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("no JSON: {}", String::from_utf8_lossy(&output.stdout)))
}

/// The path that each type took.
pub(crate) fn paths_taken(report: &Value) -> Result<BTreeMap<String, String>> {
    let types = report["types"].as_array().context("the report has no types")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(types.iter().map(|one| (text(&one["type"]), text(&one["path"]))).collect())
}

/// Fails unless each type of the report took this path.
pub(crate) fn ensure_path(report: &Value, path: &str) -> Result<()> {
    let taken = paths_taken(report)?;
    ensure!(!taken.is_empty() && taken.values().all(|one| one == path), "not all is {path}: {report:#}");
    Ok(())
}

/// A listing without what may differ: how files are stored and called, and the
/// records of databases, which clients do not hold.
fn comparable(reader: Reader, listing: &str) -> String {
    let of_records = matches!(reader, Reader::Librepo | Reader::CreaterepoDebian | Reader::CreaterepoCurrent);
    let of_stored_file = |line: &str| {
        let field = line.trim_start().strip_prefix("repository:repomd:");
        field.is_some_and(|field| ["checksum:", "location:", "size:"].iter().any(|f| field.starts_with(f)))
    };
    let mut text = String::new();
    for line in listing.lines().filter(|line| reader != Reader::Libsolv || !of_stored_file(line)) {
        let fields: Vec<&str> = line.split(' ').collect();
        let (kind, open_checksum, timestamp, open_size) = match (reader, &fields[..]) {
            (Reader::Librepo, [kind, _, _, open, _, time, _, size, ..]) => (kind, open, time, size),
            (_, [kind, href, _, _, open, time, _, size]) if of_records && href.starts_with("repodata/") => {
                (kind, open, time, size)
            }
            _ => {
                text += line;
                text += "\n";
                continue;
            }
        };
        if !kind.ends_with("_db") && !kind.ends_with("_zck") {
            text += &[*kind, *open_checksum, *timestamp, *open_size].join(" ");
            text += "\n";
        }
    }
    text
}
