//! Format 2, the journal: one file per metadata type that serves every retained
//! generation, of which a client reads one range.
//!
//! A *step* leads from one exact generation to another: an edit script on chunk
//! sequences, and the inserted text, compressed with the text that goes as its
//! dictionary ([`encode_step`]). A *journal* is a head and *runs* of steps
//! ([`write_journal`]). Who holds a generation finds its bytes in the head
//! ([`Head::ways`]), reads and verifies its steps ([`read_steps`]), and applies
//! them ([`apply_steps`]).
//!
//! ```
//! use std::io::Cursor;
//!
//! use delta_core::chunk::{ChunkId, ChunkTable, Chunker, Symbol};
//! use delta_core::journal::{
//!     GenerationId, Head, StepOptions, StepPayload, apply_steps, encode_step, read_steps, write_journal,
//! };
//! use delta_core::{Limits, Rule};
//! use sha2::{Digest, Sha256};
//!
//! let rule = Rule::for_type("primary").expect("a known type");
//! let limits = Limits::default();
//! let old = b"<metadata>\n<package a=\"1\"/>\n<package b=\"1\"/>\n</metadata>";
//! let new = b"<metadata>\n<package a=\"1\"/>\n<package b=\"2\"/>\n</metadata>";
//!
//! // The publisher cuts both generations, and numbers their chunks.
//! let (mut table, mut texts) = (ChunkTable::new(), Vec::<Vec<u8>>::new());
//! let mut sequences: Vec<Vec<Symbol>> = Vec::new();
//! for file in [&old[..], &new[..]] {
//!     let (mut chunks, mut sequence) = (Chunker::new(file, rule, &limits), Vec::new());
//!     while let Some(chunk) = chunks.next_chunk()? {
//!         let symbol = table.intern(ChunkId::hash(chunk), chunk.len())?;
//!         if symbol as usize == texts.len() {
//!             texts.push(chunk.to_vec());
//!         }
//!         sequence.push(symbol);
//!     }
//!     sequences.push(sequence);
//! }
//!
//! // It encodes the step, and writes a journal of one run with that one step.
//! let chunk = |symbol: Symbol, out: &mut Vec<u8>| {
//!     out.extend_from_slice(&texts[symbol as usize]);
//!     Ok(())
//! };
//! let options = StepOptions::default();
//! let step = encode_step(rule, &table, &sequences[0], &sequences[1], chunk, &options)?;
//! let from = GenerationId::from_sha256(&Sha256::digest(old).into());
//! let journal = write_journal(&[vec![StepPayload { from, payload: &step.payload }]])?;
//!
//! // A client that holds the old generation reads the head, verified by the digest
//! // in repomd.xml, and learns from it which bytes it needs.
//! let head = Head::read(&journal.bytes[..journal.head_len])?;
//! let ways = head.ways(from);
//! let way = ways.first().expect("the generation is served");
//! let range = usize::try_from(way.range().start)?..usize::try_from(way.range().end)?;
//! let payloads = read_steps(&head, way, &journal.bytes[range], 1 << 20)?;
//!
//! // It applies them, and must compare the digest of what comes out.
//! let mut rebuilt = Vec::new();
//! apply_steps(rule, || Ok(&old[..]), &payloads, Cursor::new(Vec::new()), &mut rebuilt, &limits)?;
//! assert_eq!(Sha256::digest(&rebuilt), Sha256::digest(new));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The byte-level description is `docs/format-2.md`; items here name the section
//! that they implement.
//!
//! What is deliberately not here: where a journal is published, how its bytes are
//! fetched, and which generations there are.

mod apply;
mod base;
mod compose;
mod cut;
mod encode;
mod error;
mod extent;
mod file;
mod frame;
mod head;
mod payload;
mod places;
mod script;
mod texts;

pub use apply::{StepsApplied, apply_steps};
pub use encode::{Step, StepOptions, encode_step, prove_step};
pub use error::JournalError;
pub use extent::Extent;
pub use file::{Journal, StepPayload, read_steps, write_journal};
pub use head::{GenerationId, Head, MAX_HEAD, Way, is_journal};
