#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! - [`Rule::for_type`]: how files of a metadata type are cut into chunks; [`chunk::Chunker`] cuts, and
//!   [`chunk::ChunkId`] names a chunk by the SHA-1 of its bytes.
//! - [`diff`] makes a delta of files, [`apply`] applies one, [`token`] reads what it says: references to chunks
//!   of the old file, in order, and literal bytes for the rest. [`Limits`] caps both.
//! - [`plan`] has the parts of [`diff`], for those who keep chunks and not files: which chunks are
//!   references, writing the tokens, and the proof on chunk sequences that a written delta serves what it
//!   is to serve.
//! - [`journal`] writes and reads journals; its page has an example.

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
