//! A delta straight from streams: chunk everything, match, plan, write. For
//! callers that keep no history; those that do use the parts.

use std::io::{self, Read, Write};

use crate::chunk::{ChunkId, ChunkTable, Chunker, Symbol};
use crate::plan::{Matcher, Plan};
use crate::{DiffError, Limits, Rule};

/// What a delta made by [`diff`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diffed {
    /// Chunks of the new version.
    pub chunks: u64,
    /// Chunks of them that are references.
    pub references: u64,
    /// Bytes of literals.
    pub literal_bytes: u64,
}

/// Writes to `out` the open delta that turns any of `olds` into the new version.
///
/// `olds` are open files, best newest first (see [`Matcher::fold`]). The new
/// version is read twice, so it is given as a function that opens it. Memory is
/// proportional to the number of chunks (about 60 bytes each), not to their size.
///
/// # Errors
/// See [`DiffError`]; what has been written by then is no delta.
pub fn diff<R: Read, O: Read>(
    rule: Rule,
    olds: &mut [O],
    mut open_new: impl FnMut() -> io::Result<R>,
    out: &mut impl Write,
) -> Result<Diffed, DiffError> {
    let limits = Limits::default();
    let mut table = ChunkTable::new();
    let mut old_sequences = Vec::with_capacity(olds.len());
    for (version, old) in olds.iter_mut().enumerate() {
        let sequence = sequence(rule, old, &limits, &mut table)
            .map_err(|e| e.into_diff(|source| DiffError::Old { version, source }))?;
        old_sequences.push(sequence);
    }
    let new = sequence(rule, open_new().map_err(DiffError::Open)?, &limits, &mut table)
        .map_err(|e| e.into_diff(DiffError::New))?;

    let olds: Vec<&[Symbol]> = old_sequences.iter().map(Vec::as_slice).collect();
    let kept = Matcher::new().fold_all(&table, &new, &olds);
    let plan = Plan::new(&table, &new, &kept, &olds).map_err(DiffError::Plan)?;

    let mut again = Chunker::new(open_new().map_err(DiffError::Open)?, rule, &limits);
    let mut next = 0;
    let written = plan.write(&table, &new, out, |position, symbol, out| {
        loop {
            let chunk = again.next_chunk().map_err(io::Error::other)?;
            let chunk = chunk.ok_or(io::ErrorKind::UnexpectedEof)?;
            next += 1;
            if next > position {
                if ChunkId::hash(chunk) != *table.id(symbol) {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                return out.write_all(chunk);
            }
        }
    });
    written.map_err(|e| match e {
        crate::plan::WriteError::Chunk { position, source }
            if matches!(source.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData) =>
        {
            DiffError::Changed { position }
        }
        other => DiffError::Write(other),
    })?;
    Ok(Diffed {
        chunks: new.len() as u64,
        references: kept.len() as u64,
        literal_bytes: plan.literal_bytes(&table, &new),
    })
}

enum SequenceError {
    Chunk(crate::chunk::ChunkError),
    Table(crate::chunk::TableError),
}

impl SequenceError {
    fn into_diff(self, chunk: impl FnOnce(crate::chunk::ChunkError) -> DiffError) -> DiffError {
        match self {
            Self::Chunk(e) => chunk(e),
            Self::Table(e) => DiffError::Table(e),
        }
    }
}

fn sequence(
    rule: Rule,
    source: impl Read,
    limits: &Limits,
    table: &mut ChunkTable,
) -> Result<Vec<Symbol>, SequenceError> {
    let mut chunks = Chunker::new(source, rule, limits);
    let mut sequence = Vec::new();
    while let Some(chunk) = chunks.next_chunk().map_err(SequenceError::Chunk)? {
        sequence.push(table.intern(ChunkId::hash(chunk), chunk.len()).map_err(SequenceError::Table)?);
    }
    Ok(sequence)
}
