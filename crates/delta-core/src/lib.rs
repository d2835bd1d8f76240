//! Deltas of RPM repository metadata in both formats: chunking, matching, encoding
//! and applying, over bytes alone. Here is format 1; format 2 is in [`journal`].
//!
//! An *open* (uncompressed) metadata file is cut into chunks at fixed markers
//! ([`Rule`], [`Chunker`]); a chunk is named by the SHA-1 of its bytes
//! ([`ChunkId`]). A delta is a token stream ([`token`]) that turns one or
//! several old versions of the file into the new one: references to chunks of
//! the old file, in order, and literal bytes for the rest. [`Plan`] decides
//! which chunks are references, [`Plan::write`] writes the tokens, [`apply`]
//! plays them against an old file, and [`check`] proves on chunk sequences that
//! a written delta serves what it claims to serve.
//!
//! The byte-level description is `docs/format-1.md`; items here name the section
//! that they implement.
//!
//! What is deliberately not here: files and paths, the clock, the network,
//! logging; and compression, but for what is inside a journal. A delta of format 1
//! is compressed with bzip2 before it is published;
//! that is the caller's business, and so is comparing the result with the
//! `<open-checksum>` of the target, without which nothing that [`apply`] wrote
//! may be believed.
//!
//! ```
//! use delta_core::{Limits, Rule, apply, diff};
//!
//! let rule = Rule::for_type("primary").expect("a known type");
//! let old = b"<metadata>\n<package a/>\n<package b/>\n</metadata>";
//! let new = b"<metadata>\n<package a/>\n<package c/>\n</metadata>";
//!
//! let mut delta = Vec::new();
//! diff(rule, &mut [&old[..]], || Ok(&new[..]), &mut delta)?;
//! assert_eq!(delta, b"\n\n+13\n<package c/>\n1\n");
//!
//! let mut rebuilt = Vec::new();
//! apply(rule, &old[..], &delta[..], &mut rebuilt, &Limits::default())?;
//! assert_eq!(rebuilt, new);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod apply;
mod check;
mod chunker;
mod diff;
mod error;
mod id;
pub mod journal;
mod limits;
mod matching;
mod plan;
mod rule;
mod table;
pub mod token;
pub mod varint;

pub use apply::{Applied, apply};
pub use check::check;
pub use chunker::Chunker;
pub use diff::{Diffed, diff};
pub use error::{ApplyError, CheckError, ChunkError, DiffError, PlanError, TableError, WriteError};
pub use id::ChunkId;
pub use limits::Limits;
pub use matching::{Kept, Matcher};
pub use plan::{Plan, PlannedChunk};
pub use rule::Rule;
pub use table::{ChunkTable, Symbol};
