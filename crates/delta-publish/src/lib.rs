//! Server side: from a repository and its history to delta files and an edited
//! repomd.xml.
//!
//! [`generate`] is the main job, run after createrepo_c and before signing. It
//! records the current metadata in the history, makes the deltas that bring past
//! generations up to date (`docs/formats/format-1.md`), and the journal that brings each of
//! them up to date with less (`docs/formats/format-2.md`), proves them, writes them beside
//! the metadata, lists them in repomd.xml, and collects delta files of
//! its own that nobody can need any more. At every instant the repository on
//! disk is complete: repomd.xml names only what is there.
//!
//! ```
//! use std::path::Path;
//!
//! use delta_publish::{Options, generate};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let repo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/demo-history/gen-0000");
//! # let place = tempfile::tempdir()?;
//! # let history = place.path().join("history");
//! let options = Options::default().with_keep_states(5).with_dry_run(true);
//! let generated = generate(&repo, &history, &options)?;
//! assert!(!generated.changed);
//! # Ok(())
//! # }
//! ```
//!
//! What is deliberately not here: fetching, the client's side, the clock, and
//! messages for people.

mod affinity;
mod diff;
mod encode;
pub mod error;
mod estimate;
mod expectation;
mod forget;
mod generate;
mod import;
pub mod inspect;
mod intake;
mod jobs;
mod journal;
pub mod ledger;
mod meter;
mod naming;
pub mod options;
mod ours;
mod parallel;
mod records;
pub mod report;
mod repository;
mod scratch;
mod served;
mod signing;
mod strip;
mod swap;
pub mod types;
mod verify;

pub use diff::diff_files;
pub use error::Error;
pub use forget::{Forget, forget};
pub use generate::generate;
pub use import::import;
pub use options::Options;
pub use strip::strip;
pub use verify::verify;
