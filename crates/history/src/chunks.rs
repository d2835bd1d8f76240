//! The chunks of a track: how they get in, and how they are read back. What they mean
//! is not looked at here.

use std::collections::VecDeque;
use std::fs::File;

pub use delta_core::chunk::{ChunkTable, Symbol};
use durable::Dir;

use crate::pack::{self, Frame};
use crate::{Error, Track};

pub use crate::recorder::Recorder;

/// Bytes of open frames that a reader keeps, besides the one in use. What changed
/// in the last few dozen generations is spread over as many packs.
const CACHED_BYTES: usize = 64 << 20;

/// Reads chunks back by symbol. Cheapest in ascending order.
pub struct ChunkReader<'t> {
    dir: &'t Dir,
    frames: &'t [Frame],
    table: &'t ChunkTable,
    /// The pack read last.
    pack: Option<(u64, File)>,
    /// The frames used last, in that order.
    cached: VecDeque<Cached>,
}

struct Cached {
    frame: usize,
    open: Vec<u8>,
    /// End of each chunk of the frame.
    ends: Vec<usize>,
}

impl Track {
    /// Reads chunks back by symbol. Only what was committed can be read.
    #[must_use]
    pub fn reader(&self) -> ChunkReader<'_> {
        let Self { dir, frames, table, .. } = self;
        ChunkReader { dir, frames, table, pack: None, cached: VecDeque::new() }
    }
}

impl ChunkReader<'_> {
    /// The bytes of a chunk. They are what was written, as far as the frame's
    /// digest tells.
    ///
    /// # Errors
    /// [`Error::Damaged`] when they are not, or not there.
    ///
    /// # Panics
    /// When `symbol` is not one of the track's table.
    pub fn chunk(&mut self, symbol: Symbol) -> Result<&[u8], Error> {
        let frame = self.frames.partition_point(|f| f.first <= symbol) - 1;
        match self.cached.iter().position(|c| c.frame == frame) {
            Some(0) => {}
            Some(at) => {
                let used = self.cached.remove(at);
                self.cached.extend(used);
                self.cached.rotate_right(1);
            }
            None => self.load(frame)?,
        }
        let cached = &self.cached[0];
        let nth = (symbol - self.frames[frame].first) as usize;
        let from = if nth == 0 { 0 } else { cached.ends[nth - 1] };
        Ok(&cached.open[from..cached.ends[nth]])
    }

    /// Loads a frame into the first place of the cache.
    fn load(&mut self, index: usize) -> Result<(), Error> {
        let frame = &self.frames[index];
        if self.pack.as_ref().is_none_or(|(number, _)| *number != frame.pack) {
            let file = self.dir.open_file(&pack::name(frame.pack)).map_err(Error::File)?;
            self.pack = file.map(|file| (frame.pack, file));
        }
        let bytes = pack::read_frame_from(self.pack.as_ref().map(|(_, file)| file), self.dir, frame)?;
        let open = pack::open_frame(self.dir, frame, &bytes)?;
        let mut end = 0;
        let symbols = frame.first..frame.first + frame.symbols;
        let ends = symbols
            .map(|s| {
                end += usize::try_from(self.table.chunk_len(s)).unwrap_or(usize::MAX);
                end
            })
            .collect();
        let mut bytes = open.len();
        let room = |c: &&Cached| {
            bytes += c.open.len();
            bytes <= CACHED_BYTES
        };
        let kept = self.cached.iter().take_while(room).count();
        self.cached.truncate(kept);
        self.cached.push_front(Cached { frame: index, open, ends });
        Ok(())
    }
}
