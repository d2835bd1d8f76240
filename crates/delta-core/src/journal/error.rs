//! What can be wrong with a journal, its parts, or what is made from it.

use std::io;

use thiserror::Error;

use crate::chunk::ChunkError;

/// Why a journal could not be made, read or applied.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The head is malformed, of another version, or has flags that are not known.
    #[error("the start of the journal is malformed at byte {offset}: {what}")]
    Head {
        /// Where in the head.
        offset: u64,
        /// What was expected and what was found.
        what: String,
    },
    /// The bytes of the steps could not be read to their end.
    #[error("cannot read the journal at byte {offset}: {source}")]
    Range {
        /// Where in the file.
        offset: u64,
        /// What the source said.
        source: io::Error,
    },
    /// A table or part is not the one that repomd.xml, the head, or the table before it means.
    #[error("the journal is damaged at byte {offset}: what is there has another digest than expected")]
    Digest {
        /// Its number in the run, from 0.
        step: usize,
        /// Where in the file.
        offset: u64,
    },
    /// The table of a step is malformed, or not of this journal.
    #[error("the journal is malformed, table {step}: {what}")]
    Table {
        /// Its number in the run, from 0.
        step: usize,
        /// What was expected and what was found.
        what: String,
    },
    /// A part is malformed, or does not fit the generation that it is for.
    #[error("part {step} of the journal is malformed, of those to be applied: {what}")]
    Step {
        /// Its number in the order of application, from 0.
        step: usize,
        /// What was expected and what was found.
        what: String,
    },
    /// The base could not be read.
    #[error("cannot read the old version at byte {offset}: {source}")]
    Base {
        /// Bytes read before the failure.
        offset: u64,
        /// What the reader said.
        source: io::Error,
    },
    /// The base could not be cut into chunks.
    #[error("cannot split the old version into chunks: {source}")]
    OldChunk {
        /// Why.
        source: ChunkError,
    },
    /// The base has fewer chunks than the steps are for.
    #[error("the old version has only {chunks} chunks; the journal is for another one")]
    ShortBase {
        /// How many there are.
        chunks: u64,
    },
    /// Something is larger than allowed.
    #[error("{what}: expected at most {max} bytes, found {found}")]
    TooLarge {
        /// What.
        what: &'static str,
        /// Its bytes, or how many are known by now.
        found: u64,
        /// The cap.
        max: u64,
    },
    /// The scratch file failed.
    #[error("cannot use the scratch file: {source}")]
    Scratch {
        /// What it said.
        source: io::Error,
    },
    /// The output failed.
    #[error("cannot write at byte {offset}: {source}")]
    Output {
        /// Bytes written before the failure.
        offset: u64,
        /// What the writer said.
        source: io::Error,
    },
    /// A chunk that a step is made from could not be read.
    #[error("cannot read a chunk: {source}")]
    Chunk {
        /// What its source said.
        source: io::Error,
    },
    /// The journal cannot tell this.
    #[error("the journal cannot hold this: {what}")]
    Unfit {
        /// What was expected and what was found.
        what: String,
    },
    /// A step that was made, or kept, leads elsewhere.
    #[error("a part of the journal does not give the content that it should: {what}")]
    Unproven {
        /// What differs.
        what: String,
    },
}
