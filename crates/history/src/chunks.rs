//! The chunks of a track: how they get in, and how they are read back. What they mean
//! is not looked at here.
//!
//! Here is also the reader of all that are stored, one after another, with one frame in
//! memory at a time.

use std::collections::BTreeSet;

pub use delta_core::chunk::{ChunkTable, Symbol};
use durable::Dir;

use crate::pack::{self, Frame};
use crate::{Error, Track};

pub use crate::pack::ChunkReader;
pub use crate::recorder::{Recorder, Taken};

/// Reads every chunk of a track once; see [`Track::stored_chunks`].
pub struct StoredChunks<'t> {
    dir: &'t Dir,
    table: &'t ChunkTable,
    /// Those that were not read yet.
    frames: Vec<&'t Frame>,
    /// The next symbol of the open frame, and the first behind it.
    next: Symbol,
    end: Symbol,
    open: Vec<u8>,
    /// Where the next chunk begins in the open frame.
    offset: usize,
}

impl Track {
    /// The distinct chunks that are stored on disk, in the order of their symbols, each
    /// once, also those that no generation needs any more. Chunks that were recorded
    /// since the last commit are not among them.
    #[must_use]
    pub fn stored_chunks(&self) -> StoredChunks<'_> {
        let unpublished: BTreeSet<&str> = self.sealed.iter().map(|(name, _)| name.as_str()).collect();
        let is_stored = |f: &&Frame| !unpublished.contains(pack::name(f.pack).as_str());
        let frames = self.frames.iter().rev().filter(is_stored).collect();
        let (next, end, open, offset) = (0, 0, Vec::new(), 0);
        StoredChunks { dir: &self.dir, table: &self.table, frames, next, end, open, offset }
    }
}

impl StoredChunks<'_> {
    /// The next chunk and its symbol; nothing after the last. After an error it goes on
    /// behind the frame that could not be read.
    ///
    /// # Errors
    /// [`Error::Damaged`] when a frame is not what was written, or not there.
    pub fn next_chunk(&mut self) -> Result<Option<(Symbol, &[u8])>, Error> {
        while self.next == self.end {
            let Some(frame) = self.frames.pop() else { return Ok(None) };
            let bytes = pack::read_frame(self.dir, frame)?;
            self.open = pack::open_frame(self.dir, frame, &bytes)?;
            (self.next, self.end, self.offset) = (frame.first, frame.first + frame.symbols, 0);
        }
        let symbol = self.next;
        let len = usize::try_from(self.table.chunk_len(symbol)).unwrap_or(usize::MAX);
        let chunk = self.open.get(self.offset..).and_then(|rest| rest.get(..len)).unwrap_or_default();
        self.next += 1;
        self.offset = self.offset.saturating_add(len);
        Ok(Some((symbol, chunk)))
    }
}
