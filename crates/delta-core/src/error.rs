//! One error type per operation, with byte offsets. No paths: the callers know
//! which file they gave.

use std::io;

use thiserror::Error;

use crate::chunk::ChunkId;

/// Why a file could not be cut into chunks.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ChunkError {
    /// The source failed.
    #[error("cannot read at byte {offset}: {source}")]
    Read {
        /// Bytes read before the failure.
        offset: u64,
        /// What the reader said.
        source: io::Error,
    },
    /// A chunk is longer than [`Limits::max_chunk`](crate::Limits::max_chunk).
    #[error("the chunk at byte {offset} is longer than {max} bytes, the most that a delta can handle")]
    TooLong {
        /// Where the chunk begins.
        offset: u64,
        /// The cap in bytes.
        max: usize,
    },
}

/// Why a chunk could not enter a [`ChunkTable`](crate::chunk::ChunkTable).
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TableError {
    /// Two different chunks have one SHA-1.
    #[error("two chunks of {known} and {found} bytes share the SHA-1 {id}")]
    Collision {
        /// The shared identifier.
        id: ChunkId,
        /// The length in the table.
        known: u32,
        /// The length of the newcomer.
        found: u32,
    },
    /// More chunks, or a longer one, than the table can number.
    #[error("too many chunks, or a chunk of 4 GiB or more")]
    Full,
}

/// Why no plan could be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The kept chunks are not a common subsequence of all the old versions.
    #[error("kept chunk {position} of the new version is not in order in old version {version}")]
    NotCommon {
        /// Position in the new sequence.
        position: usize,
        /// Index of the old version.
        version: usize,
    },
}

/// Why a delta could not be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The source of literal chunks failed.
    #[error("cannot read chunk {position} of the new version: {source}")]
    Chunk {
        /// Position in the new sequence.
        position: usize,
        /// What the source said.
        source: io::Error,
    },
    /// The source of literal chunks gave another number of bytes than planned.
    #[error("chunk {position} of the new version: expected {expected} bytes, found {found}")]
    ChunkLen {
        /// Position in the new sequence.
        position: usize,
        /// Planned length in bytes.
        expected: u64,
        /// What came.
        found: u64,
    },
    /// The output failed.
    #[error("cannot write the delta: {source}")]
    Output {
        /// What the writer said.
        source: io::Error,
    },
}

/// Why a delta could not be applied. Offsets are into the token stream, that is
/// into the *open* delta.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The delta could not be read.
    #[error("cannot read the delta at byte {offset}: {source}")]
    ReadDelta {
        /// Bytes of the open delta read before.
        offset: u64,
        /// What the reader said.
        source: io::Error,
    },
    /// A token is neither a literal's size nor a hexadecimal prefix, or is not ended.
    #[error("malformed token at byte {offset} of the delta: expected {expected}, found `{found}`")]
    Token {
        /// Where the token begins.
        offset: u64,
        /// What the format asks for.
        expected: &'static str,
        /// The first bytes of the token, escaped.
        found: String,
    },
    /// The delta ends inside a literal.
    #[error(
        "the literal at byte {offset} of the delta is cut short: expected {expected} bytes, found {found}"
    )]
    LiteralCutShort {
        /// Where the literal's token begins.
        offset: u64,
        /// Bytes announced.
        expected: u64,
        /// Bytes there.
        found: u64,
    },
    /// No further chunk of the old file has the prefix that the delta asks for.
    #[error(
        "the token at byte {offset} of the delta asks for a chunk `{prefix}…` that the old file does not have from byte {old_offset} on"
    )]
    NoSuchChunk {
        /// Where the token begins.
        offset: u64,
        /// The prefix asked for.
        prefix: String,
        /// Where in the old file the search began.
        old_offset: u64,
    },
    /// The old file could not be cut into chunks.
    #[error("old file: {source}")]
    Old {
        /// Why.
        source: ChunkError,
    },
    /// The result would be larger than [`Limits::max_output`](crate::Limits::max_output).
    #[error("the token at byte {offset} of the delta makes the result larger than the expected {max} bytes")]
    OutputTooLarge {
        /// Where the token begins.
        offset: u64,
        /// The cap in bytes.
        max: u64,
    },
    /// The output failed.
    #[error("cannot write the result at byte {offset}: {source}")]
    Output {
        /// Bytes written before.
        offset: u64,
        /// What the writer said.
        source: io::Error,
    },
}

/// Why a written delta does not do what it claims.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The token stream itself is wrong.
    #[error(transparent)]
    Delta(ApplyError),
    /// A reference selects another chunk than the new version has there.
    #[error(
        "the token at byte {offset} of the delta selects the wrong chunk in old version {version}, for chunk {position} of the new version"
    )]
    WrongReference {
        /// Where the token begins.
        offset: u64,
        /// Index of the old version.
        version: usize,
        /// Position in the new sequence.
        position: usize,
    },
    /// A literal is not made of whole chunks of the new version.
    #[error("the literal at byte {offset} of the delta is not chunk {position} of the new version")]
    WrongLiteral {
        /// Where the token begins.
        offset: u64,
        /// Position in the new sequence.
        position: usize,
    },
    /// The delta makes fewer or more chunks than the new version has.
    #[error("the delta makes {found} chunks, expected {expected}")]
    WrongLength {
        /// Chunks of the new version.
        expected: usize,
        /// Chunks made, or one more than expected where it goes on.
        found: usize,
    },
}

/// Why no delta could be made from streams.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DiffError {
    /// An old version could not be cut into chunks.
    #[error("old version {version}: {source}")]
    Old {
        /// Index of the old version.
        version: usize,
        /// Why.
        source: ChunkError,
    },
    /// The new version could not be cut into chunks.
    #[error("new version: {0}")]
    New(ChunkError),
    /// The new version could not be opened.
    #[error("cannot open the new version: {0}")]
    Open(io::Error),
    /// The new version was another one when it was read again.
    #[error("the new version changed while it was read, at chunk {position}")]
    Changed {
        /// Position in the new sequence.
        position: usize,
    },
    /// The chunks cannot be numbered.
    #[error(transparent)]
    Table(TableError),
    /// The plan was refused.
    #[error(transparent)]
    Plan(PlanError),
    /// The delta could not be written.
    #[error(transparent)]
    Write(WriteError),
}
