//! zchunk files: an index, and chunks that are compressed one by one.
//!
//! Unlike other files they are not made of the open content alone. Where chunks begin
//! is the publisher's choice, and so is the dictionary. The file that the publisher
//! had before tells all but the chunks that changed, and it has the bytes of those
//! that did not. So a [`ZchunkRebuilder`] takes the old file, where chunks begin, and the
//! new open content. The header has no freedom: it follows from the
//! chunks and from four properties that the old file shows.
//!
//! What the chunks have in common is an encoder of the closed list
//! ([`Recipe`](super::Recipe)). Nothing that a file says chooses another.

mod automatic;
mod compare;
mod cuts;
mod encoder;
mod old;
mod packages;
mod primary;
mod read;
mod rebuild;
mod rule;

pub use compare::{ZchunkShare, zchunk_shares};
pub(super) use compare::{agrees, find};
pub use cuts::{chunk_count, chunk_rule, chunk_rule_by_primary, dictionary_checksum};
pub use old::ZchunkFile;
pub use packages::{PrimaryError, PrimaryReader};
pub use primary::{FOLLOWERS, MAX_PACKAGES, PrimaryChunks};
pub use read::ZchunkHeader;
pub use rebuild::{ZchunkCuts, ZchunkRebuilder, ZchunkRebuilt};
pub use rule::ChunkRule;

/// Most open bytes of a chunk that is compressed: what zchunk's writers cut at. One is in
/// memory at a time, with its compressed bytes.
pub(super) const MAX_CHUNK: usize = 10 << 20;
/// Most open bytes of a dictionary with which chunks are compressed. Those in use have
/// some 100 KiB.
pub(super) const MAX_DICTIONARY: usize = 1 << 20;
/// Most chunks of a file that is rebuilt: as of one that is read.
pub(super) const MAX_CHUNKS: usize = crate::zchunk::MAX_CHUNKS;
