//! Client side: from an old copy of a metadata file and a published delta to
//! the current file.
//!
//! ```
//! use delta_client::options::Options;
//! use delta_client::progress::Silent;
//! use delta_client::transport::DirectoryTransport;
//! use delta_client::update;
//! # use std::path::Path;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/demo-history/gen-0000");
//! # let place = tempfile::tempdir()?;
//! # let cache = place.path().join("cache");
//! // `http::HttpTransport` is for web servers; anything else implements `Transport`.
//! let source = DirectoryTransport::open(&root)?;
//! let updated = update(&[&source], &cache, &Options::default(), &Silent)?;
//! assert!(updated.changed);
//! # Ok(())
//! # }
//! ```
//!
//! [`update()`] brings a directory up to date with a repository over any
//! [`Transport`](transport::Transport), and [`check()`] says whether what it keeps is whole
//! (`docs/clients.md`). [`update_beside`] does the same for a directory that somebody
//! else keeps, beside it. Programs with caches of their own, which read repomd.xml
//! themselves, call [`obtain_file`] for one record. The steps for callers who do the rest
//! themselves: [`select`](select::select) is the rule by which a client picks the delta that serves its
//! copy (`docs/formats/format-1.md`, section 8); [`patch`] applies a delta or a journal to an old
//! file, whatever its compression, and puts the result in place only when it is what was
//! expected.
//!
//! What is deliberately not here: the history that the deltas were made from,
//! and publishing.

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

pub use repomd;
pub use update::{check, obtain_file, update, update_beside};
