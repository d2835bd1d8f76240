//! What was done: for people as a table, for programs as JSON whose fields are
//! documented in `docs/reference-json.md`.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use delta_client::report::{BesideOutcome, PathTaken, TypeUpdated, Updated, bytes_whole};
use managers::Repository;
use managers::cache::Reluctance;
use serde::Serialize;

use super::super::reckoning;
use super::downloaded::Downloaded;
use super::verdict;
use crate::exit::Status;
use crate::hints::Caller;
use crate::table::{Table, or_dash};
use crate::{failure, messages, number};

/// How it ended for one repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// The cache is current; in a dry run: would be.
    Refreshed,
    /// It was.
    Current,
    /// It is left to the package manager.
    Left,
    /// Something went wrong; the cache is as it was.
    Failed,
    /// Another process is at work on it.
    Busy,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Refreshed => "refreshed",
            Self::Current => "current",
            Self::Left => "left",
            Self::Failed => "failed",
            Self::Busy => "busy",
        }
    }
}

/// What came of one repository.
#[derive(Debug)]
pub(super) struct Conclusion {
    pub(super) outcome: Outcome,
    /// As part of a sentence.
    reason: String,
    /// For programs; nothing where there is nothing to tell apart.
    code: Option<&'static str>,
    /// Of what was done, and would be.
    updated: Option<Updated>,
}

impl Conclusion {
    /// Nothing was downloaded.
    pub(super) fn new(outcome: Outcome, reason: impl Into<String>) -> Self {
        Self { outcome, reason: reason.into(), code: None, updated: None }
    }

    /// A source was asked for the current state.
    ///
    /// # Errors
    /// [`Left`] where that makes nothing better.
    pub(super) fn after(outcome: BesideOutcome, updated: Option<Updated>) -> anyhow::Result<Self> {
        let conclusion = match outcome {
            BesideOutcome::Staged => Self::new(Outcome::Refreshed, how(updated.as_ref())),
            BesideOutcome::Current => Self::new(Outcome::Current, "its cache has the current repomd.xml"),
            _ => {
                let left = Left::new("nothing_to_save", nothing_to_save(updated.as_ref()));
                return Err(Left { updated, ..left }.into());
            }
        };
        Ok(Self { updated, ..conclusion })
    }

    /// Adds to the reason.
    pub(super) fn add(&mut self, more: impl Display) {
        self.reason = format!("{}, {more}", self.reason);
    }
}

/// The repository is left to its package manager, of which nobody need be warned.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub(super) struct Left {
    code: &'static str,
    reason: String,
    updated: Option<Updated>,
}

impl Left {
    pub(super) fn new(code: &'static str, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), updated: None }
    }

    /// The same error; one that is this comes after an update.
    pub(super) fn with_updated(mut error: anyhow::Error, updated: Option<Updated>) -> anyhow::Error {
        if let Some(left) = error.downcast_mut::<Self>() {
            left.updated = updated;
        }
        error
    }
}

impl From<Reluctance> for Left {
    fn from(reluctance: Reluctance) -> Self {
        let code = match reluctance {
            Reluctance::Zchunk => "zchunk",
            _ => "odd_records",
        };
        Self::new(code, reluctance.to_string())
    }
}

impl From<Left> for Conclusion {
    fn from(Left { code, reason, updated }: Left) -> Self {
        Self { outcome: Outcome::Left, reason, code: Some(code), updated }
    }
}

/// How a new state came about, or would.
fn how(updated: Option<&Updated>) -> &'static str {
    let paths = || updated.iter().flat_map(|updated| &updated.types).map(|one| one.path);
    let is_full = |path| path == PathTaken::Full;
    let is_by_delta = |path| path != PathTaken::Full && path != PathTaken::Current;
    match (paths().any(is_by_delta), paths().any(is_full)) {
        (true, false) => "deltas serve its cache",
        (true, true) => "deltas serve a part of its cache, and full files the rest",
        (false, true) => "no delta could be used, and full files were downloaded",
        (false, false) => "no file but repomd.xml is new",
    }
}

/// Why no delta helps, type by type.
fn nothing_to_save(updated: Option<&Updated>) -> String {
    let types = updated.iter().flat_map(|updated| &updated.types);
    let full = types.filter(|one| one.path == PathTaken::Full);
    let reasons: Vec<String> = full.map(|one| format!("{}: {}", one.data_type, one.reason)).collect();
    if reasons.is_empty() { "its cache has nothing to begin with".to_owned() } else { reasons.join("; ") }
}

/// What was tried, and what it cost.
pub(super) struct Attempt {
    pub(super) conclusion: anyhow::Result<Conclusion>,
    /// What was told meanwhile.
    pub(super) warnings: Vec<String>,
    pub(super) downloaded: Downloaded,
    pub(super) milliseconds: u64,
}

/// One repository in the result.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    manager: String,
    repository: String,
    cache: PathBuf,
    pub(super) outcome: Outcome,
    reason: String,
    /// What kind of message told the reason.
    #[serde(skip)]
    told: Option<&'static str>,
    reason_code: Option<&'static str>,
    signed_by: Option<String>,
    revision: Option<String>,
    types: Vec<TypeUpdated>,
    pub(super) bytes_downloaded: u64,
    bytes_full: u64,
    milliseconds: u64,
}

/// The result.
#[derive(Debug, Default, Serialize)]
pub(super) struct Refreshed {
    pub(super) dry_run: bool,
    pub(super) repositories: Vec<Entry>,
    pub(super) bytes_downloaded: u64,
    pub(super) milliseconds: u64,
    pub(super) warnings: Vec<String>,
}

impl Refreshed {
    pub(super) fn add(&mut self, entry: Entry) {
        self.bytes_downloaded += entry.bytes_downloaded;
        self.repositories.push(entry);
    }

    /// The caches whose servers did not answer in time.
    pub(super) fn unanswered(&self) -> impl Iterator<Item = &Path> {
        let is_unanswered = |entry: &&Entry| entry.reason_code.is_some_and(verdict::is_unanswered);
        self.repositories.iter().filter(is_unanswered).map(|entry| &*entry.cache)
    }
}

/// What messages call a repository.
pub(super) fn name(repository: &Repository) -> String {
    format!("{} `{}`", repository.manager, repository.id.escape_debug())
}

impl Entry {
    /// Bytes of what is new, whole: what a download without deltas takes.
    pub(super) fn bytes_whole(&self) -> u64 {
        bytes_whole(&self.types, self.bytes_downloaded)
    }

    /// What came of a repository, with the status that goes with it. An error
    /// is told, and with `quiet` one that is nobody's fault here only if it is suspicious.
    pub(super) fn new(repository: &Repository, attempt: Attempt, quiet: bool) -> (Self, Status) {
        let Attempt { conclusion, downloaded, milliseconds, .. } = attempt;
        let (conclusion, status, told) = match conclusion {
            Ok(conclusion) => (conclusion, Status::Success, None),
            Err(error) => conclude(repository, error, quiet),
        };
        let updated = conclusion.updated;
        let of_repomd = |get: fn(&Updated) -> Option<String>| updated.as_ref().and_then(get);
        let entry = Self {
            manager: repository.manager.to_string(),
            repository: repository.id.clone(),
            cache: repository.cache.clone(),
            outcome: conclusion.outcome,
            reason: conclusion.reason,
            told,
            reason_code: conclusion.code,
            signed_by: of_repomd(|updated| updated.signed_by.clone()),
            revision: of_repomd(|updated| updated.revision.clone()),
            bytes_downloaded: match &updated {
                // What was not done is what would be.
                Some(updated) if updated.dry_run => downloaded.lists() + updated.bytes_downloaded,
                _ => downloaded.lists() + downloaded.files(),
            },
            bytes_full: updated.as_ref().map_or(0, |one| one.bytes_full),
            types: updated.map(|updated| updated.types).unwrap_or_default(),
            milliseconds,
        };
        (entry, status)
    }
}

/// What an error means, which is told where somebody has to know of it: then by what kind of message.
fn conclude(
    repository: &Repository,
    error: anyhow::Error,
    quiet: bool,
) -> (Conclusion, Status, Option<&'static str>) {
    let error = match error.downcast::<Left>() {
        Ok(left) => return (left.into(), Status::Success, None),
        Err(error) => error,
    };
    let reason = messages::texts(&error).join(": ");
    if let Some(code) = verdict::left(&error) {
        let is_told = !quiet || verdict::is_suspicious(code);
        if is_told {
            messages::warning(format_args!("{}: {reason}", name(repository)));
        }
        return (Left::new(code, reason).into(), Status::Success, is_told.then_some("warning"));
    }
    messages::failure_of(&name(repository), &error, Caller::Refresh);
    let status = failure::status(&error);
    let outcome = if status == Status::Temporary { Outcome::Busy } else { Outcome::Failed };
    (Conclusion::new(outcome, reason), status, Some("error"))
}

pub(super) fn table(done: &Refreshed) -> Table {
    let mut table = Table::new(&["MANAGER", "REPOSITORY", "OUTCOME", ">DOWNLOADED", ">INSTEAD OF", "REASON"]);
    for entry in &done.repositories {
        table.row([
            entry.manager.clone(),
            entry.repository.escape_debug().to_string(),
            entry.outcome.as_str().to_owned(),
            number::bytes(entry.bytes_downloaded),
            or_dash(
                Some(entry.bytes_whole()).filter(|whole| entry.bytes_downloaded < *whole).map(number::bytes),
            ),
            entry.told.map_or_else(|| entry.reason.clone(), |message| format!("see the {message}")),
        ]);
    }
    table
}

/// What rebuilding takes beside downloading.
pub(super) fn reckoning(done: &Refreshed) -> String {
    reckoning::table(done.repositories.iter().map(|entry| (Some(&*entry.repository), &*entry.types)))
}
