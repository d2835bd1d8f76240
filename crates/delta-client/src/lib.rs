#![doc = include_str!("../README.md")]
//!
//! # A copy of a directory
//!
//! ```
//! use delta_client::progress::Silent;
//! use delta_client::transport::DirectoryTransport;
//! use delta_client::{Options, check, update};
//! # use std::path::Path;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/demo-history/gen-0000");
//! # let place = tempfile::tempdir()?;
//! # let copy = place.path().join("copy");
//! let source = DirectoryTransport::open(&repository)?;
//! let options = Options::default().with_types(vec!["primary".to_owned()]);
//! let updated = update(&[&source], &copy, &options, &Silent)?;
//! assert!(updated.changed);
//! assert!(check(&copy, &options, &Silent)?.problems.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # Where to begin
//!
//! - [`update()`] brings a directory up to date with a repository, [`check()`] says whether it is whole.
//!   Further sources are mirrors, which are asked where the first fails.
//! - [`obtain_repomd`] and [`obtain_file`] are for programs with storage of their own: the one obtains
//!   repomd.xml, the other brings one metadata file that it names up to date. [`update_beside`] makes the new
//!   state of a directory that somebody else keeps, beside it.
//! - [`Options`] for all of these; [`report`] is what they return, [`UpdateError`] why they fail.
//! - [`Transport`](transport::Transport): where files come from, and what a transport of your own has to do.
//! - [`Progress`](progress::Progress) hears how far an update is.
//! - [`select()`](select::select) is the rule by which a client picks the delta that serves its copy, and
//!   [`patch`] applies a delta or a journal to an old file and verifies the result, for callers who do the
//!   rest themselves.

#[macro_use]
mod with;

mod cache;
mod cpu;
mod date;
mod digest;
pub mod error;
mod fetch;
mod hashed;
pub mod options;
pub mod patch;
mod pipe;
pub mod progress;
mod ranged;
mod recipes;
pub mod report;
mod retry;
pub mod select;
mod speeds;
pub mod transport;
mod trust;
mod update;

pub use error::UpdateError;
pub use options::Options;
pub use repomd;
pub use update::{check, obtain_file, obtain_repomd, update, update_beside};
