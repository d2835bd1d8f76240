//! What was done: plain data for the caller to show or to print as JSON, whose
//! field names are those of the fields, but `type` for `data_type`.

use std::path::PathBuf;

use repomd::{Record, Repomd};
use serde::Serialize;

use crate::transport::Validators;

/// What [`update`](crate::update()) did, or in a dry run would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Updated {
    /// Whether there is a new state (in a dry run: would be).
    pub changed: bool,
    /// Whether nothing was changed because that was asked for.
    pub dry_run: bool,
    /// The source that gave repomd.xml, without credentials.
    pub source: String,
    /// Its `<revision>`.
    pub revision: Option<String>,
    /// How repomd.xml was found.
    pub repomd: RepomdFound,
    /// Fingerprint of the key that signed it; nothing without a keyring.
    pub signed_by: Option<String>,
    /// Whether the copy is exact: repomd.xml and every file that is held are
    /// the publisher's, byte for byte and under their names. In a dry run:
    /// whether it would be.
    pub exact: bool,
    /// What was downloaded for no single type, each file once: repomd.xml, its signature and key, what types
    /// share of the journal, and delta files for others.
    pub shared: Vec<SharedDownload>,
    /// One entry for each type held, in the order of repomd.xml.
    pub types: Vec<TypeUpdated>,
    /// Types that the publisher's repomd.xml has, and that are not held.
    pub absent: Vec<String>,
    /// Delta files that are held for others.
    pub deltas: u64,
    /// Types held before and no longer.
    pub dropped: Vec<String>,
    /// Bytes downloaded in all: those of `shared`, and those of `types`; in a dry run those that would be.
    pub bytes_downloaded: u64,
    /// Bytes of the full files of all types.
    pub bytes_full: u64,
    /// Time that all took.
    pub milliseconds: u64,
    /// What did not go as it should.
    pub warnings: Vec<String>,
}

/// A repomd.xml that is believed, from [`obtain_repomd`](crate::obtain_repomd).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ObtainedRepomd {
    /// The document.
    pub bytes: Vec<u8>,
    /// Its signature; nothing where there is none.
    pub signature: Option<Vec<u8>>,
    /// The key beside it; nothing where there is none.
    pub key: Option<Vec<u8>>,
    /// What it says.
    pub model: Repomd,
    /// How it was found.
    pub found: RepomdFound,
    /// The source that gave it, without credentials.
    pub source: String,
    /// What tells that source from others: [`Transport::identity`](crate::transport::Transport::identity).
    pub identity: String,
    /// The number of that source among those given, from 0.
    pub number: usize,
    /// What the next request to that source may name, as far as it is believed.
    pub validators: Validators,
    /// When the source gave the file with these, in seconds since 1970; nothing where it is not asked by them.
    pub since: Option<u64>,
    /// Fingerprint of the key that signed it; nothing without a keyring.
    pub signed_by: Option<String>,
    /// Bytes downloaded, signature and key included.
    pub bytes_downloaded: u64,
    /// What did not go as it should.
    pub warnings: Vec<String>,
    /// Whether the signature and the key were asked for, and answered.
    pub(crate) companions: bool,
}

/// How repomd.xml was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RepomdFound {
    /// The server said that it is the one held.
    NotModified,
    /// It was downloaded and is the one held, byte for byte.
    Same,
    /// It is another one.
    New,
}

/// What was downloaded for no single type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SharedDownload {
    /// Its name in `repodata/`; `journal`, or `deltas` for all of them.
    pub file: String,
    /// Bytes downloaded.
    pub bytes_downloaded: u64,
}

/// What a download without deltas takes, in bytes: all that is new, whole; `bytes_downloaded` is what was downloaded
/// in all.
#[must_use]
pub fn bytes_whole(types: &[TypeUpdated], bytes_downloaded: u64) -> u64 {
    let of_types: u64 = types.iter().map(|one| one.bytes_downloaded).sum();
    let new = types.iter().filter(|one| one.path != PathTaken::Current);
    let whole: u64 = new.map(|one| one.bytes_full.unwrap_or(one.bytes_downloaded)).sum();
    bytes_downloaded.saturating_sub(of_types) + whole
}

/// How one type was brought up to date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TypeUpdated {
    /// The metadata type.
    #[serde(rename = "type")]
    pub data_type: String,
    /// The path taken in the end.
    pub path: PathTaken,
    /// Why this path, as part of a sentence.
    pub reason: String,
    /// Whether a warning told the reason.
    #[serde(skip)]
    pub told: bool,
    /// Bytes downloaded for it, those of failed attempts included.
    pub bytes_downloaded: u64,
    /// Bytes that the full file has, where repomd.xml says it.
    pub bytes_full: Option<u64>,
    /// Time that it took.
    pub milliseconds: u64,
    /// The file in `repodata/`; nothing in a dry run where it is not there yet.
    pub file: Option<String>,
    /// Whether the file is the publisher's, byte for byte.
    pub exact: bool,
    /// Why not, as part of a sentence.
    pub inexact: Option<String>,
    /// The recipe by which it was compressed here.
    pub recipe: Option<String>,
    /// What rebuilding the publisher's file was estimated to take; nothing where that is no way.
    pub rebuilding: Option<Rebuilding>,
}

/// What rebuilding a file takes, as far as it is foreseen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Rebuilding {
    /// Name of the recipe.
    pub recipe: String,
    /// Processor time.
    pub milliseconds: u64,
    /// The speed that this is from: open bytes in a second of processor time.
    pub bytes_per_second: u64,
    /// Whether it was measured on this machine.
    pub measured: bool,
    /// Bytes downloaded on this way, as far as repomd.xml tells.
    pub bytes: u64,
}

/// The path from the copy held to the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PathTaken {
    /// The copy was current.
    Current,
    /// The copy had the content, and was compressed as the publisher does.
    Rebuilt,
    /// Steps of the journal were applied to it.
    Journal,
    /// A delta was applied to it.
    Delta,
    /// The full file was downloaded.
    Full,
}

/// What [`update_beside`](crate::update_beside) did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdatedBeside {
    /// How it ended.
    pub outcome: BesideOutcome,
    /// What was done, or where nothing was done, what would have been; nothing
    /// where no source was asked.
    pub report: Option<Updated>,
}

/// How [`update_beside`](crate::update_beside) ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BesideOutcome {
    /// The old directory holds the current state.
    Current,
    /// The old directory has nothing to begin with, or no delta serves it, and most of it
    /// changed: whoever keeps it may as well download full files. At most repomd.xml and
    /// what belongs to it were downloaded.
    NothingToSave,
    /// The staging directory holds the current state: in a dry run, would hold.
    Staged,
}

/// A file that is what its record says.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ObtainedFile {
    /// Where it is: the old file, if that is current; otherwise in the directory that was
    /// given, under a name that begins with its checksum.
    pub path: PathBuf,
    /// What is known of it as it is stored, for [`OldFile::with_record`](crate::options::OldFile::with_record).
    pub record: Record,
    /// How it was obtained.
    pub report: TypeUpdated,
    /// What did not go as it should.
    pub warnings: Vec<String>,
}

/// What [`check`](crate::check()) found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Checked {
    /// What is wrong; empty when the cache is whole.
    pub problems: Vec<String>,
    /// The source that gave repomd.xml, without credentials.
    pub source: String,
    /// Its `<revision>`.
    pub revision: Option<String>,
    /// Fingerprint of the key that signed it; nothing without a keyring.
    pub signed_by: Option<String>,
    /// Whether it is an exact copy of what the publisher has.
    pub exact: bool,
    /// One entry for each type held.
    pub types: Vec<TypeChecked>,
    /// Types that the publisher's repomd.xml has, and that are not held.
    pub absent: Vec<String>,
    /// Delta files that are held for others.
    pub deltas: u64,
    /// Time that it took.
    pub milliseconds: u64,
}

/// What is held of one type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TypeChecked {
    /// The metadata type.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Whether its file is what it should be.
    pub whole: bool,
    /// The file in `repodata/`.
    pub file: String,
    /// Its size in bytes, as it should be.
    pub size: Option<u64>,
    /// The timestamp under which its content was published, in seconds.
    pub timestamp: Option<u64>,
}
