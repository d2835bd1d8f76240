//! Our notes on a state: `repodata/upstream/state.json`.
//!
//! It says what we wrote, so that nothing else is ever taken for it or thrown
//! away, and what a conditional request needs. What the files are is said by
//! repomd.xml, not here.

use std::collections::BTreeSet;

use codec::Algorithm;
use durable::Dir;
use serde::{Deserialize, Serialize};

use super::{CacheError, STATE};
use crate::Validators;

/// Marks the file, and its version.
const FORMAT: &str = "createrepo-delta cache 1";
/// A state of some 10,000 records has less.
const MAX_SIZE: u64 = 8 << 20;

/// What we remember of a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    format: String,
    /// The source that gave the upstream repomd.xml, as messages name it.
    pub(crate) source: String,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    /// SHA-256 of the repomd.xml that readers see.
    pub(crate) repomd_sha256: String,
    /// SHA-256 of the publisher's.
    pub(crate) upstream_sha256: String,
    /// Every metadata file in repodata/, of this generation and the one before.
    pub(crate) files: BTreeSet<String>,
}

impl State {
    /// The state of two documents, without files.
    pub(crate) fn new(source: String, validators: &Validators, repomd: &[u8], upstream: &[u8]) -> Self {
        Self {
            format: FORMAT.to_owned(),
            source,
            etag: validators.etag.clone(),
            last_modified: validators.last_modified.clone(),
            repomd_sha256: sha256(repomd),
            upstream_sha256: sha256(upstream),
            files: BTreeSet::new(),
        }
    }

    /// Reads the notes; `None` where there are none.
    pub(crate) fn read(upstream: &Dir) -> Result<Option<Self>, CacheError> {
        let Some(bytes) = upstream.read(STATE, MAX_SIZE)? else {
            return Ok(None);
        };
        let wrong = |found: String| CacheError::State {
            path: upstream.path().join(STATE),
            expected: "the notes of this version of createrepo-delta",
            found,
        };
        let state: Self = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        if state.format != FORMAT {
            return Err(wrong(format!("format `{}`", state.format.escape_debug())));
        }
        Ok(Some(state))
    }

    /// Replaces the notes.
    pub(crate) fn write(&self, upstream: &Dir) -> Result<(), CacheError> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        Ok(upstream.write(STATE, &bytes)?)
    }

    pub(crate) fn validators(&self) -> Validators {
        Validators::new(self.etag.clone(), self.last_modified.clone())
    }
}

/// The SHA-256 of a document, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Algorithm::Sha256.digest(bytes).to_hex()
}
