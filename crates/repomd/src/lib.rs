#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! - [`Repomd::parse`] reads a document, and refuses what is not a whole, well-formed repomd.xml. What is
//!   malformed in it is told ([`model::Fault`]) and taken for absent. [`Repomd::to_xml`] makes a new document.
//! - [`Record`]: one metadata file; [`Record::servable`] tells whether its file may be fetched,
//!   [`Record::usable_deltas`] lists its [deltas](Delta). [`Repomd::journal`] is the [`Journal`].
//! - [`with_deltas`] adds deltas and a journal ([`edit::Additions`]) and [`strip`] removes them:
//!   `strip(with_deltas(document, …))` is `strip(document)`, byte for byte.
//! - [`Checksum`], [`Location`] and [`Timestamp`] are checked when they are made: a location never leads
//!   out of the repository.
//! - [`files`] has the names of the files, [`xml`] reads other small documents.

pub mod edit;
mod excerpt;
pub mod files;
pub mod journal;
pub mod model;
mod ours;
mod read;
pub mod value;
pub mod write;
pub mod xml;

pub use edit::{strip, with_deltas};
pub use journal::Journal;
pub use model::{Delta, Record, Repomd};
pub use read::ReadError;
pub use value::{Checksum, Location, Timestamp};

/// The largest document that is read or written, in bytes (16 MiB).
///
/// Real ones have a few kilobytes; the limit bounds what a hostile server can
/// make a reader keep in memory.
pub const MAX_SIZE: usize = 16 << 20;

/// The namespace of repomd.xml.
pub const NAMESPACE: &str = "http://linux.duke.edu/metadata/repo";
