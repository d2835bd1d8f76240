//! Server side: from a repository and its history to delta files and an edited
//! repomd.xml.
//!
//! [`generate`] is the main job, run after createrepo_c and before signing. It
//! records the current metadata in the history, makes the deltas that bring past
//! generations up to date (`docs/format-1.md`), and the journal that brings each of
//! them up to date with less (`docs/format-2.md`), proves them, writes them beside
//! the metadata, lists them in repomd.xml, and collects delta files of
//! its own that nobody can need any more. At every instant the repository on
//! disk is complete: repomd.xml names only what is there. (Where files have simple
//! names, a delta is replaced under the name that it had; for the moment until
//! repomd.xml follows, clients find another checksum and fetch the full file.)
//!
//! What is deliberately not here: fetching, the client's side, the clock, and
//! messages for people.

mod crew;
mod diff;
mod encode;
mod error;
mod estimate;
mod expectation;
mod generate;
mod import;
mod inspect;
mod intake;
mod jobs;
mod journal;
mod ledger;
mod meter;
mod naming;
mod options;
mod outcome;
mod records;
mod repository;
mod signing;
mod strip;
mod swap;
mod verify;

pub use diff::diff_files;
pub use error::Error;
pub use generate::generate;
pub use import::import;
pub use inspect::{inspect_delta, inspect_journal, inspect_repository, is_journal};
pub use jobs::Jobs;
pub use options::{JournalOptions, Options, SignCommand, Signing, Threshold, ThresholdError, Windows};
pub use outcome::{
    AgeExpected, DeltaGenerated, DeltaInspected, DeltaListed, DirectoryImported, Expected, FilesDiffed,
    Generated, Imported, JournalGenerated, JournalInspected, JournalListed, Phase, RecordInspected,
    RepositoryInspected, SignatureFate, Stripped, TypeGenerated, TypeVerified, Verified, WayInspected,
};
pub use signing::{SignError, SignFailure};
pub use strip::strip;
pub use verify::verify;
