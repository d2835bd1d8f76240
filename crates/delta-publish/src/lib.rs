//! Server side: from a repository and its history to delta files and an edited
//! repomd.xml.
//!
//! [`generate`] is the main job, run after createrepo_c and before signing. It
//! records the current metadata in the history, makes the deltas that bring past
//! generations up to date (`docs/format-1.md`), and the journal that brings each of
//! them up to date with less (`docs/format-2.md`), proves them, writes them beside
//! the metadata, lists them in repomd.xml, and collects delta files of
//! its own that nobody can need any more. At every instant the repository on
//! disk is complete: repomd.xml names only what is there.
//!
//! What is deliberately not here: fetching, the client's side, the clock, and
//! messages for people.

mod affinity;
mod diff;
mod encode;
mod error;
mod estimate;
mod expectation;
mod forget;
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
mod ours;
mod outcome;
mod parallel;
mod past;
mod records;
mod repository;
mod scratch;
mod served;
mod signing;
mod strip;
mod swap;
mod verify;

pub use diff::diff_files;
pub use error::{Error, ErrorClass};
pub use forget::{Forget, forget};
pub use generate::{generate, refused_types};
pub use import::import;
pub use inspect::{inspect_delta, inspect_journal, inspect_repository, is_journal};
pub use jobs::Jobs;
pub use options::{
    ImportOptions, JournalOptions, Options, SignCommand, Signing, StripOptions, Threshold, ThresholdError,
    Windows,
};
pub use outcome::{
    AgeExpected, DeltaGenerated, DeltaInspected, DeltaListed, DirectoryImported, Expected, FilesDiffed,
    Forgotten, ForgottenOfType, Generated, Imported, JournalGenerated, JournalInspected, JournalListed,
    Phase, RecordInspected, Reduction, ReductionKind, RepositoryInspected, SignatureFate, Stripped,
    TypeGenerated, TypeVerified, Verified, WayInspected, Withdrawn,
};
pub use past::{check_ledger, repair_ledger};
pub use signing::{SignError, SignFailure};
pub use strip::strip;
pub use verify::{verify, verify_on};

/// The metadata types that get deltas without being named, in the order of the table
/// of `docs/format-1.md`, section 1; not their twins.
pub fn known_types() -> impl Iterator<Item = &'static str> {
    delta_core::Rule::types()
}
