//! Our notes on a cache: `.createrepo-delta.json`, beside `repodata/`.
//!
//! They say what we wrote, so that nothing else is ever taken for it or thrown
//! away, what a conditional request needs, and what is known of recipes. What
//! the files are is said by repomd.xml, not here. They are no part of the state
//! that readers see: they name the state that is in place and the one that will
//! be, so that they are true before and after the exchange.

use std::collections::BTreeSet;

use codec::Algorithm;
use durable::Dir;
use serde::{Deserialize, Serialize};

use super::NOTES;
use crate::error::CacheError;
use crate::options::{KnownRecipes, Speeds};
use crate::transport::Validators;

/// Marks the file, and its version.
const FORMAT: &str = "createrepo-delta cache 1";
/// States of some 10,000 records have less.
const MAX_SIZE: u64 = 16 << 20;
/// So many seconds a source is asked whether repomd.xml changed; then for the file, whatever the source says: one
/// that says "not modified" of everything hides nothing for longer.
const TRUSTED: u64 = 24 * 60 * 60;

/// All that we remember.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notes {
    format: String,
    /// The states that may be in place, the newest first.
    pub(crate) states: Vec<State>,
    #[serde(default)]
    recipes: KnownRecipes,
    #[serde(default)]
    speeds: Speeds,
}

/// What is common to the notes of all versions.
#[derive(Deserialize)]
struct Marked {
    format: String,
}

/// What there is of notes.
pub(crate) enum NotesRead {
    None,
    Whole(Box<Notes>),
    /// What is wrong with them, in a sentence.
    Damaged(String),
}

/// Where a repomd.xml came from, so that the source can be asked whether there is another one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RepomdOrigin {
    /// The source that gave it, as messages name it.
    pub(crate) source: String,
    /// [`Transport::identity`](crate::transport::Transport::identity) of it.
    #[serde(default)]
    pub(crate) identity: String,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    /// When the source gave the file with these, in seconds since 1970; nothing where it is not asked by them.
    #[serde(default)]
    pub(crate) since: Option<u64>,
    /// The latest date that the source gave for it, believed or not.
    #[serde(default)]
    pub(crate) dated: Option<u64>,
}

/// What we remember of a state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// Of the upstream repomd.xml.
    #[serde(flatten)]
    pub(crate) origin: RepomdOrigin,
    /// Whether it is an exact copy of what the publisher has.
    pub(crate) exact: bool,
    /// Whether the signature and the key were asked for with repomd.xml.
    #[serde(default, rename = "papers")]
    pub(crate) companions: bool,
    /// Whether every record and delta was asked for.
    pub(crate) complete: bool,
    /// SHA-256 of the repomd.xml that readers see.
    pub(crate) repomd_sha256: String,
    /// SHA-256 of the publisher's; the same in an exact copy.
    pub(crate) upstream_sha256: String,
    /// The metadata types that are held.
    pub(crate) types: BTreeSet<String>,
    /// Those of them whose files are the publisher's, and have another content than
    /// its repomd.xml says.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) odd: BTreeSet<String>,
    /// The delta files that are held for others.
    pub(crate) deltas: BTreeSet<String>,
    /// Every file in repodata/ but documents: of this state and the one before.
    pub(crate) files: BTreeSet<String>,
}

impl Notes {
    /// Notes on these states.
    pub(crate) fn new(states: Vec<State>, recipes: KnownRecipes) -> Self {
        Self { format: FORMAT.to_owned(), states, speeds: recipes.speeds.clone(), recipes }
    }

    /// What is known of recipes and speeds.
    pub(crate) fn known(self) -> KnownRecipes {
        let mut known = self.recipes;
        known.speeds = self.speeds;
        known
    }

    /// Reads the notes of a cache.
    ///
    /// # Errors
    /// Another version's are an error; damage is none.
    pub(crate) fn read(cache: &Dir) -> Result<NotesRead, CacheError> {
        let Some(bytes) = cache.read(NOTES, MAX_SIZE)? else {
            return Ok(NotesRead::None);
        };
        let path = cache.path().join(NOTES);
        let damaged = |error: serde_json::Error| format!("`{}` is damaged: {error}", path.display());
        let format = match serde_json::from_slice(&bytes) {
            Ok(Marked { format }) => format,
            Err(error) => return Ok(NotesRead::Damaged(damaged(error))),
        };
        if format != FORMAT {
            let found = format.escape_debug().to_string();
            return Err(CacheError::OtherVersion { path, expected: FORMAT, found });
        }
        Ok(match serde_json::from_slice(&bytes) {
            Ok(notes) => NotesRead::Whole(Box::new(notes)),
            Err(error) => NotesRead::Damaged(damaged(error)),
        })
    }

    /// Replaces the notes by these, unless they could not be read again.
    pub(crate) fn write(&self, cache: &Dir) -> Result<(), CacheError> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        if bytes.len() as u64 > MAX_SIZE {
            return Err(CacheError::State {
                path: cache.path().join(NOTES),
                expected: "notes of at most 16 MiB on what is to be put in place",
                found: format!("{} bytes", bytes.len()),
            });
        }
        Ok(cache.write(NOTES, &bytes)?)
    }

    /// Whether this file was written by us.
    pub(crate) fn know(&self, name: &str) -> bool {
        self.states.iter().any(|state| state.files.contains(name))
    }
}

impl RepomdOrigin {
    /// How the source identifies it.
    pub(crate) fn validators(&self) -> Validators {
        Validators::new(self.etag.clone(), self.last_modified.clone())
    }

    /// Whether a request at the time `now` may name the validators. That takes an entity tag and a date: a tag alone
    /// may be made of a date that never changes, and by a date alone a server calls every older file unchanged.
    pub(crate) fn may_be_asked(&self, now: Option<u64>) -> bool {
        let age = now.zip(self.since).and_then(|(now, since)| now.checked_sub(since));
        self.validators().is_complete() && age.is_some_and(|age| age < TRUSTED)
    }
}

/// The SHA-256 of a document, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Algorithm::Sha256.digest(bytes).to_hex()
}
