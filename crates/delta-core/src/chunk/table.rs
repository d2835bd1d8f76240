//! Chunks as small numbers, so that sequences of them are cheap to hold and to
//! compare. The table knows identifiers and lengths, never bytes.

use std::collections::HashMap;

use crate::chunk::{ChunkId, TableError};

/// A chunk's number in a [`ChunkTable`].
pub type Symbol = u32;

/// The distinct chunks of a set of files: identifier and length in bytes.
///
/// Two chunks with the same SHA-1 and different lengths are refused: they would
/// be a collision, and format 1 could not tell them apart.
#[derive(Clone, Debug, Default)]
pub struct ChunkTable {
    ids: Vec<ChunkId>,
    lens: Vec<u32>,
    index: HashMap<ChunkId, Symbol>,
}

impl ChunkTable {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty table with room for `chunks` chunks.
    #[must_use]
    pub fn with_capacity(chunks: usize) -> Self {
        Self {
            ids: Vec::with_capacity(chunks),
            lens: Vec::with_capacity(chunks),
            index: HashMap::with_capacity(chunks),
        }
    }

    /// The number of this chunk, given out afresh where it is new.
    ///
    /// # Errors
    /// [`TableError::Collision`] when the identifier is known with another
    /// length; [`TableError::Full`] beyond 2³² − 1 chunks or a chunk of 4 GiB.
    pub fn intern(&mut self, id: ChunkId, len: usize) -> Result<Symbol, TableError> {
        let len = u32::try_from(len).map_err(|_| TableError::Full)?;
        if let Some(&symbol) = self.index.get(&id) {
            let known = self.lens[symbol as usize];
            return if known == len {
                Ok(symbol)
            } else {
                Err(TableError::Collision { id, known, found: len })
            };
        }
        let symbol =
            Symbol::try_from(self.ids.len()).ok().filter(|s| *s < Symbol::MAX).ok_or(TableError::Full)?;
        self.ids.push(id);
        self.lens.push(len);
        self.index.insert(id, symbol);
        Ok(symbol)
    }

    /// The number of a chunk that is in the table.
    #[must_use]
    pub fn find(&self, id: &ChunkId) -> Option<Symbol> {
        self.index.get(id).copied()
    }

    /// The identifier of `symbol`.
    ///
    /// # Panics
    /// When `symbol` was not given out by this table.
    #[must_use]
    pub fn id(&self, symbol: Symbol) -> &ChunkId {
        &self.ids[symbol as usize]
    }

    /// The length in bytes of `symbol`.
    ///
    /// # Panics
    /// When `symbol` was not given out by this table.
    #[must_use]
    pub fn chunk_len(&self, symbol: Symbol) -> u64 {
        u64::from(self.lens[symbol as usize])
    }

    /// Forgets every chunk with a number of `len` or above.
    pub fn truncate(&mut self, len: usize) {
        for id in self.ids.drain(len.min(self.ids.len())..) {
            self.index.remove(&id);
        }
        self.lens.truncate(len);
    }

    /// The number of distinct chunks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether the table holds no chunk.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The open size in bytes of a file with these chunks.
    #[must_use]
    pub fn total_len(&self, sequence: &[Symbol]) -> u64 {
        sequence.iter().map(|s| self.chunk_len(*s)).sum()
    }
}
