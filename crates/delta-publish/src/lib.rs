#![doc = include_str!("../README.md")]
//!
//! # Two uploads
//!
//! ```
//! use delta_publish::options::Retention;
//! use delta_publish::{Options, generate};
//! # use std::path::Path;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let work = tempfile::tempdir()?;
//! # let (repository, history) = (work.path().join("repository"), work.path().join("history"));
//! # let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/demo-history");
//! # let repodata = repository.join("repodata");
//! # let createrepo = |name: &str| -> std::io::Result<()> {
//! #     if repodata.exists() {
//! #         std::fs::remove_dir_all(&repodata)?;
//! #     }
//! #     std::fs::create_dir_all(&repodata)?;
//! #     for entry in std::fs::read_dir(demo.join(name).join("repodata"))? {
//! #         let entry = entry?;
//! #         std::fs::copy(entry.path(), repodata.join(entry.file_name()))?;
//! #     }
//! #     Ok(())
//! # };
//! let options = Options::default().with_retention(Retention::default().with_generations(100));
//! # createrepo("gen-0000")?;
//! // After the first upload there is nothing to be served by deltas yet.
//! let first = generate(&repository, &history, &options)?;
//! assert!(first.history_created && !first.changed);
//! # createrepo("gen-0001")?;
//! // After the next one clients that hold the metadata of the first one are served.
//! let second = generate(&repository, &history, &options)?;
//! assert!(second.changed && second.reduced.is_empty());
//! let primary = second.types.iter().find(|of_type| of_type.data_type == "primary").ok_or("no primary")?;
//! let delta = primary.deltas.first().ok_or("no delta")?;
//! assert!(delta.size < primary.full_size);
//! // What a client reads of the journal that holds every type.
//! let journal = second.journal.ok_or("no journal")?;
//! assert!(journal.reads[0] < delta.size);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to begin
//!
//! - [`generate`] is the main job. It remembers the current metadata in the history, makes deltas and the
//!   journal, proves them, writes them beside the metadata, lists them in repomd.xml, and removes those that
//!   nobody can need any more. At every instant the repository on disk is complete: repomd.xml names only
//!   what is there.
//! - [`Options`], and in [`options`] what they are made of; [`report::Generated`] says what was done.
//! - [`Error::is_temporary`] tells whether to try again, [`Error::class`] what an error comes to.
//! - [`verify`] plays the clients of all past generations, [`inspect`] looks at repositories, deltas and
//!   journals.
//! - [`import`] takes old copies of a repository into a history, [`forget`] removes generations from it,
//!   [`strip`] withdraws everything.
//! - [`diff_files`] makes one delta of files at hand.

mod affinity;
mod age;
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
pub mod progress;
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
