//! Taking a new generation in, chunk by chunk as its file is read: known chunks
//! become numbers, new ones go to a pack.

use delta_core::chunk::{ChunkId, Symbol};

use crate::generation::{Generation, Publication};
use crate::pack::{self, PackWriter};
use crate::{Error, Track};

/// Records one generation; see [`Track::record`]. Dropped unfinished, it leaves
/// the track as it was.
pub struct Recorder<'t> {
    track: &'t mut Track,
    symbols_before: usize,
    pack: Option<PackWriter>,
    sequence: Vec<Symbol>,
    /// Bytes of the chunks so far.
    bytes: u64,
    finished: bool,
}

impl Track {
    /// Begins to record a generation: give every chunk to the [`Recorder`].
    ///
    /// # Errors
    /// [`Error::ReadOnly`].
    pub fn record(&mut self) -> Result<Recorder<'_>, Error> {
        self.check_writable()?;
        let symbols_before = self.table.len();
        let capacity = self.generations.first().map_or(0, |g| g.sequence.len() + 64);
        let sequence = Vec::with_capacity(capacity);
        Ok(Recorder { track: self, symbols_before, pack: None, sequence, bytes: 0, finished: false })
    }
}

impl Recorder<'_> {
    /// Takes the next chunk.
    ///
    /// # Errors
    /// When it cannot be numbered or written.
    pub fn chunk(&mut self, chunk: &[u8]) -> Result<(), Error> {
        let id = ChunkId::hash(chunk);
        let known = self.track.table.len();
        let symbol = self
            .track
            .table
            .intern(id, chunk.len())
            .map_err(|source| Error::Table { path: self.track.dir.path().to_owned(), source })?;
        if symbol as usize == known {
            self.writer(symbol)?.push(chunk)?;
        }
        self.sequence.push(symbol);
        self.bytes += chunk.len() as u64;
        Ok(())
    }

    fn writer(&mut self, first: Symbol) -> Result<&mut PackWriter, Error> {
        let pack = match self.pack.take() {
            Some(pack) => pack,
            None => PackWriter::create(&self.track.dir, self.track.next_pack, first)?,
        };
        Ok(self.pack.insert(pack))
    }

    /// Makes what was recorded the newest generation of the track, in memory;
    /// [`Track::commit`] makes it last. The caller has verified by now that the
    /// chunks are those of the file that `publication` describes.
    ///
    /// Content that is in the track already becomes the newest again and keeps
    /// the timestamps that it had.
    ///
    /// # Errors
    /// When the pack cannot be written, or the sizes do not agree.
    pub fn finish(mut self, publication: &Publication) -> Result<(), Error> {
        let path = || self.track.dir.path().to_owned();
        if self.bytes != publication.open_size {
            let (expected, found) = (publication.open_size, self.bytes);
            return Err(Error::OpenSize { path: path(), expected, found });
        }
        if let Some(writer) = self.pack.take() {
            let (sealed, frames) = writer.finish()?;
            let number = self.track.next_pack;
            self.track.next_pack += 1;
            self.track.frames.extend(frames);
            self.track.sealed.push((pack::name(number), sealed));
        }
        self.finished = true;
        let mut generation = Generation {
            open_sha256: publication.open_sha256,
            open_size: publication.open_size,
            size: publication.size,
            timestamps: Vec::new(),
            declared: Vec::new(),
            sequence: std::mem::take(&mut self.sequence),
        };
        if let Some(at) = self.track.find(&publication.open_sha256) {
            if self.track.generations[at].sequence == generation.sequence {
                self.track.republish(at, publication);
                return Ok(());
            }
            let before = self.track.generations.remove(at);
            generation.timestamps = before.timestamps;
            generation.declared = before.declared;
        }
        generation.published_as(publication);
        self.track.generations.insert(0, generation);
        self.track.dirty = true;
        Ok(())
    }
}

impl Drop for Recorder<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.track.table.truncate(self.symbols_before);
        }
    }
}
