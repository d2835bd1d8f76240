//! Publishing the generations of a repository one after another, as its compose
//! host would, and playing the clients that hold past ones.
//!
//! The built program publishes; the client's side is the library's, and what
//! makes a result right is the open-checksum that the repository's own generator
//! wrote, or, where it wrote none, what its full file opens to.

use crate::{Generation, PublishedJournal, Reads};
use anyhow::{Context as _, Result, anyhow, bail, ensure};
use codec::{Algorithm, Digest, Expect, OpenReader};
use delta_client::patch::Target;
use delta_client::select::{CopyVersion, Selection};
use delta_core::journal::GenerationId;
use repomd::{Journal, Location, Record, Repomd};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::{paths, process};

/// The SHA-256 of what a file opens to.
fn opened(path: &Path) -> Result<Digest> {
    let expect = Expect { open_digests: vec![Algorithm::Sha256], ..Expect::default() };
    let summary = OpenReader::new(fs::File::open(path)?, path, expect)?.finish()?;
    summary.open_digest(Algorithm::Sha256).context("no digest")
}

/// A repository and its history in a scratch directory.
pub struct Replay {
    program: PathBuf,
    /// The repository.
    pub root: PathBuf,
    /// Its history.
    pub history: PathBuf,
    work: PathBuf,
}

/// What a client of one past generation downloads for one metadata type.
#[derive(Clone, Copy, Debug, Default)]
pub struct Download {
    /// Bytes of the full file.
    pub full: u64,
    /// Bytes that it takes: nothing, a delta, or the full file.
    pub taken: u64,
    /// Whether that was a delta, applied and verified.
    pub delta: bool,
}

/// What a client of one past generation reads of the journal.
#[derive(Clone, Debug, Default)]
pub struct JournalClient {
    /// For all types that it serves, in one go.
    pub together: Reads,
    /// Bytes for each of them, if it were wanted alone.
    pub alone: BTreeMap<String, u64>,
}

impl Download {
    /// Bytes taken as a share of full bytes.
    pub fn ratio(&self) -> String {
        let tenths = (u128::from(self.taken) * 1000).checked_div(u128::from(self.full)).unwrap_or(0);
        format!("{}.{}%", tenths / 10, tenths % 10)
    }
}

impl Replay {
    /// Begins in the directory `work`, which is emptied.
    pub fn begin(program: &Path, work: &Path) -> Result<Self> {
        paths::make_empty(work)?;
        Ok(Self {
            program: program.to_owned(),
            root: work.join("repo"),
            history: work.join("history"),
            work: work.to_owned(),
        })
    }

    /// Puts `generation` in place as createrepo_c does: a new repodata/, with
    /// the files of the old one that its repomd.xml does not name carried over.
    pub fn compose(&self, generation: &Generation) -> Result<()> {
        let (old, new) = (self.root.join("repodata"), self.root.join(".repodata"));
        paths::copy_flat(&generation.repodata, &new)?;
        if old.exists() {
            let model = Repomd::parse(&fs::read(old.join("repomd.xml"))?)?;
            let records = model.records.iter().filter_map(|r| r.local_location().ok()?.in_repodata());
            let named: Vec<&str> =
                records.chain(["repomd.xml", "repomd.xml.asc", "repomd.xml.key"]).collect();
            for entry in fs::read_dir(&old)? {
                let entry = entry?;
                let name = entry.file_name();
                let known = named.iter().any(|n| name == *n) || new.join(&name).exists();
                if !known {
                    fs::rename(entry.path(), new.join(&name))?;
                }
            }
            fs::remove_dir_all(&old)?;
        }
        fs::rename(&new, &old)?;
        Ok(())
    }

    /// Runs `generate` and returns what it printed as JSON; the error's text is
    /// that of the program.
    pub fn publish(&self, arguments: &[&str]) -> Result<serde_json::Value> {
        let mut command = Command::new(&self.program);
        command.args(["generate", "--json", "--history"]).arg(&self.history).args(arguments).arg(&self.root);
        let output = process::attempt(&mut command)?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            bail!("{}", text.lines().next().unwrap_or_default().trim_start_matches("error: "));
        }
        serde_json::from_slice(&output.stdout).context("generate --json printed something else")
    }

    /// Runs `verify` with the history: how many clients would select a delta
    /// that is known not to serve them.
    pub fn verify(&self) -> Result<u64> {
        let mut command = Command::new(&self.program);
        command.args(["verify", "--json", "--history"]).arg(&self.history).arg(&self.root);
        let output = process::attempt(&mut command)?;
        let verified: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        // Metadata that the set lacks, such as databases, is no fault of a delta.
        let problems = verified["problems"].as_array().context("verify --json has no problems")?;
        if let Some(problem) =
            problems.iter().find(|p| p.as_str().is_none_or(|p| p.contains(".delta") || p.contains("journal")))
        {
            bail!("{problem}");
        }
        let types = verified["types"].as_array().context("verify --json has no types")?;
        Ok(types.iter().filter_map(|t| t["unserved"].as_u64()).sum())
    }

    /// repomd.xml as it is published now, for `generation`, whose later clients have it.
    pub fn published(&self, generation: &Generation) -> Result<Repomd> {
        let bytes = fs::read(self.root.join("repodata/repomd.xml"))?;
        fs::write(self.kept_repomd(generation), &bytes)?;
        Ok(Repomd::parse(&bytes)?)
    }

    /// Plays the client of a past generation for one metadata type. Nothing
    /// where either side does not have it.
    pub fn client(&self, published: &Repomd, past: &Generation, data_type: &str) -> Result<Option<Download>> {
        let (Some(old), Some(new)) = (past.model.record(data_type), published.record(data_type)) else {
            return Ok(None);
        };
        let file = self.root.join(location(new)?.as_str());
        let full = fs::metadata(&file).with_context(|| format!("`{}`", file.display()))?.len();
        let held = CopyVersion {
            timestamp: old.timestamp.as_ref().map(repomd::Timestamp::seconds),
            open_checksum: old.open_checksum.as_ref(),
        };
        let selection = delta_client::select::select(new, &held);
        // A delta that is listed and larger than the full file is not taken, but
        // must do what it says all the same.
        let listed = new.usable_deltas().find(|d| held.timestamp.is_some_and(|t| d.timestamp.seconds() <= t));
        let (delta, taken) = match (selection, listed) {
            (Selection::Current, _) => (None, 0),
            (Selection::Delta(delta), _) => (Some(delta), delta.size),
            (Selection::Full { .. }, Some(delta)) if delta.size >= full => (Some(delta), full),
            (Selection::Full { .. }, _) => (None, full),
        };
        if let Some(delta) = delta {
            let file_name = location(old)?.file_name();
            let mut wanted = Target::default();
            wanted.open_checksum = Some(match &new.open_checksum {
                Some(open) => Digest::parse(open.kind(), open.hex())?,
                None => opened(&file)?,
            });
            wanted.open_size = new.open_size;
            let made = self.work.join("made.xml");
            let applied = delta_client::patch::apply_files(
                data_type,
                &past.repodata.join(file_name),
                &self.root.join(delta.location.as_str()),
                &made,
                &wanted,
            )?;
            ensure!(fs::metadata(&made)?.len() == applied.output_bytes, "`{}` is cut short", made.display());
            fs::remove_file(&made)?;
        }
        Ok(Some(Download { full, taken, delta: delta.is_some() }))
    }

    /// Plays the client of a past generation that goes by the journal, for these types. Nothing where
    /// there is no journal.
    pub fn journal(
        &self,
        published: &Repomd,
        past: &Generation,
        types: &[&str],
    ) -> Result<Option<JournalClient>> {
        let Some(journal) = PublishedJournal::find(&self.root, published)? else { return Ok(None) };
        let old = self.journal_of(past)?;
        let mut client = JournalClient::default();
        let mut bases = Vec::new();
        for data_type in types {
            let (Some(record), Some(new)) = (past.model.record(data_type), published.record(data_type))
            else {
                continue;
            };
            let Some(number) = journal.number(data_type) else { continue };
            let old_file = past.repodata.join(location(record)?.file_name());
            let from = opened(&old_file)?;
            let base = (number, GenerationId::from_sha256(&from.as_bytes().try_into()?));
            if journal.is_target(number, base.1) {
                continue;
            }
            let Some(alone) = journal.reads(&[base], old.as_ref()) else { continue };
            client.alone.insert((*data_type).to_owned(), alone.bytes);
            // A twin goes by the same part.
            if !bases.contains(&base) {
                bases.push(base);
            }
            let mut target = Target::default();
            target.open_checksum = Some(opened(&self.root.join(location(new)?.as_str()))?);
            target.old_sha256 = Some(from);
            let rebuilt = self.work.join("rebuilt.xml");
            delta_client::patch::apply_files(data_type, &old_file, &journal.file, &rebuilt, &target)?;
            fs::remove_file(&rebuilt)?;
        }
        client.together = journal.reads(&bases, old.as_ref()).unwrap_or_default();
        Ok(Some(client))
    }

    /// The journal that was named when a generation was published.
    fn journal_of(&self, past: &Generation) -> Result<Option<Journal>> {
        match fs::read(self.kept_repomd(past)) {
            Ok(bytes) => Ok(Repomd::parse(&bytes)?.journal),
            Err(_) => Ok(None),
        }
    }

    fn kept_repomd(&self, generation: &Generation) -> PathBuf {
        self.work.join(format!("{}-repomd.xml", generation.name))
    }
}

/// Where the file of a record is, below the repository.
pub fn location(record: &Record) -> Result<&Location> {
    record.local_location().map_err(|problem| anyhow!("type `{}`: {problem}", record.kind))
}
