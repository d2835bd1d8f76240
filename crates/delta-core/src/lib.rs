//! Deltas of RPM repository metadata in both formats: chunking, matching, encoding
//! and applying, over bytes alone. Here is format 1; format 2 is in [`journal`].
//!
//! An *open* (uncompressed) metadata file is cut into chunks at fixed markers
//! ([`Rule`], [`Chunker`](chunk::Chunker)); a chunk is named by the SHA-1 of its bytes
//! ([`ChunkId`](chunk::ChunkId)). A delta is a token stream ([`token`]) that turns one or
//! several old versions of the file into the new one: references to chunks of
//! the old file, in order, and literal bytes for the rest. [`diff`] makes one of
//! files at hand, and [`apply`] plays it against an old file. Who keeps chunks and not
//! files has the parts of [`diff`] in [`plan`]: which chunks are references, writing
//! the tokens, and the proof on chunk sequences that a written delta serves what it
//! claims to serve.
//!
//! The byte-level description is `docs/formats/format-1.md`; items here name the section
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
pub mod chunk;
mod diff;
mod error;
pub mod journal;
mod limits;
pub mod plan;
mod rule;
pub mod token;
pub mod varint;

pub use apply::{Applied, apply};
pub use diff::{Diffed, diff};
pub use error::{ApplyError, DiffError};
pub use limits::Limits;
pub use rule::Rule;
