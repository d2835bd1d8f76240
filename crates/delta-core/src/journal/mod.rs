//! Format 2, the journal: one file per repository that serves every retained publish, of which a client
//! reads a few ranges.
//!
//! A *step* leads from one exact publish to another. It has a *part* for each metadata type that changed
//! ([`PartEncoder`]): an edit script on chunk sequences, and the inserted text, compressed with the text that
//! goes as its dictionary. Identifiers that several types insert are sent once ([`Ids`]). A *journal* is a
//! head and *runs* of steps ([`write_journal`]). Whoever holds the publish before the newest finds in
//! repomd.xml which bytes lead on ([`Newest::reading`]), everybody else in the head ([`Head::reading`]). The
//! bytes that were fetched are verified ([`Reading::parts`]) and applied, type by type ([`apply_parts`]).
//!
//! ```
//! use std::io::Cursor;
//! use std::sync::Arc;
//!
//! use delta_core::chunk::{ChunkId, ChunkTable, Chunker, Symbol};
//! use delta_core::journal::{
//!     Fetched, GenerationId, Head, Ids, JournalPart, JournalStep, PartEncoder, PartOptions, apply_parts,
//!     write_journal,
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
//! // It encodes the part of each type, here of one, and writes a journal of one run with one step.
//! let chunk = |symbol: Symbol, out: &mut Vec<u8>| {
//!     out.extend_from_slice(&texts[symbol as usize]);
//!     Ok(())
//! };
//! let encoder = PartEncoder::new(rule, &table, &sequences[0], &sequences[1], PartOptions::default());
//! let ids = Arc::new(Ids::shared(&[encoder.ids(chunk)?]));
//! let encoded = encoder.encode(&ids, chunk)?;
//! let from = GenerationId::from_sha256(&Sha256::digest(old).into());
//! let parts = vec![JournalPart::Part { from, payload: &encoded.payload }];
//! let journal = write_journal(&["primary"], 8, &[vec![JournalStep { sequence: 7, ids, parts }]])?;
//!
//! // A client that holds the old generation reads the head, verified by the digest in repomd.xml, and
//! // learns from it which bytes it needs. It verifies them, too.
//! let head = Head::read(&journal.bytes[..journal.head_len])?;
//! let reading = head.reading(&[(0, from)], 16 << 10).expect("the generation is served");
//! let mut fetched = Fetched::new();
//! for range in reading.ranges(16 << 10) {
//!     let (start, end) = (usize::try_from(range.start)?, usize::try_from(range.end)?);
//!     fetched.add(range.start, journal.bytes[start..end].to_vec());
//! }
//! let parts = reading.parts(&fetched)?;
//!
//! // It applies the parts, and must compare the digest of what comes out.
//! let mut rebuilt = Vec::new();
//! apply_parts(rule, || Ok(&old[..]), &parts[0], Cursor::new(Vec::new()), &mut rebuilt, &limits)?;
//! assert_eq!(Sha256::digest(&rebuilt), Sha256::digest(new));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The format is described byte by byte in the document `format-2.md` of createrepo-delta; items here name
//! the section that they implement.
//!
//! What is deliberately not here: where a journal is published, how its bytes are fetched, and which
//! publishes there are.

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
mod ids;
mod payload;
mod places;
mod reading;
mod script;
mod table;
mod texts;

pub use apply::{StepsApplied, apply_parts};
pub use encode::{EncodedPart, PartEncoder, PartOptions, prove_part};
pub use error::JournalError;
pub use extent::Extent;
pub use file::{Journal, JournalPart, JournalStep, write_journal};
pub use head::{GenerationId, Head, MAX_HEAD, is_journal};
pub use ids::Ids;
pub use reading::{Chain, Fetched, GAP, Newest, Part, Reading, ServedPublish};
