//! One metadata type's generations: loading, recording, dropping, giving back,
//! and the one rename that makes changes last.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use delta_core::{ChunkTable, Symbol};
use durable::{Dir, Sealed};
use sha2::{Digest, Sha256};

use crate::generation::{Generation, Publication, Retention};
use crate::index::{self, Index};
use crate::pack::{self, ChunkReader, Frame};
use crate::windows::{self, Point};
use crate::{Error, Hex, Recorder, compact, script};

/// The file that says what the track holds; replaced by rename, last.
const INDEX_NAME: &str = "index";
/// Where an index that could not be read is kept for looking at.
const DAMAGED_NAME: &str = "index.damaged";
/// Largest index that is read: that of some 40 million chunks.
const MAX_INDEX: u64 = 1 << 30;

/// Something that did not check out, and what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// The index cannot be read: every generation of the track is lost.
    Index {
        /// Where and why.
        what: String,
    },
    /// Frames of packs are lost, and with them generations.
    Packs {
        /// Where and why, for the first of them.
        what: String,
        /// Open SHA-256 of the generations lost.
        generations: Vec<[u8; 32]>,
    },
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Index { what } => write!(f, "{what}; every generation of it is dropped"),
            Self::Packs { what, generations } => {
                write!(f, "{what}; generations dropped: {}", generations.len())
            }
        }
    }
}

/// The generations of one metadata type.
#[derive(Debug)]
pub struct Track {
    pub(crate) dir: Dir,
    writable: bool,
    pub(crate) next_pack: u64,
    pub(crate) frames: Vec<Frame>,
    pub(crate) table: ChunkTable,
    pub(crate) generations: Vec<Generation>,
    /// Packs that are complete and have not got their names yet.
    pub(crate) sealed: Vec<(String, Sealed)>,
    pub(crate) dirty: bool,
    damage: Vec<Damage>,
    /// The bytes of an index that could not be read.
    damaged_index: Option<Vec<u8>>,
}

impl Track {
    pub(crate) fn load(dir: Dir, writable: bool) -> Result<Self, Error> {
        let bytes = dir.read(INDEX_NAME, MAX_INDEX).map_err(Error::File)?;
        let mut damage = Vec::new();
        let mut damaged_index = None;
        let index = match &bytes {
            None => Index::default(),
            Some(bytes) => match index::read(bytes) {
                Ok(index) => index,
                Err((offset, what)) => {
                    let path = dir.path().join(INDEX_NAME);
                    damage.push(Damage::Index { what: Error::Damaged { path, offset, what }.to_string() });
                    damaged_index = Some(bytes.clone());
                    Index::default()
                }
            },
        };
        let Index { next_pack, frames, table, generations } = index;
        let mut track = Self {
            dir,
            writable,
            next_pack,
            frames,
            table,
            generations,
            sealed: Vec::new(),
            dirty: false,
            damage,
            damaged_index,
        };
        if writable {
            track.collect()?;
        }
        track.drop_short_packs()?;
        Ok(track)
    }

    /// The track's directory, for messages.
    #[must_use]
    pub fn path(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// The generations, newest first.
    #[must_use]
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// The chunk sequences of some generations, by index, in that order.
    ///
    /// # Panics
    /// When there is no such generation.
    #[must_use]
    pub fn sequences(&self, generations: &[usize]) -> Vec<&[Symbol]> {
        generations.iter().map(|at| self.generations[*at].sequence.as_slice()).collect()
    }

    /// The time axis that clients see, older than `current`, in seconds: see
    /// [`windows::points`].
    #[must_use]
    pub fn points(&self, current: u64) -> Vec<Point> {
        windows::points(self.generations.iter().map(|g| g.timestamps.as_slice()), current)
    }

    /// The chunks of all the generations.
    #[must_use]
    pub fn table(&self) -> &ChunkTable {
        &self.table
    }

    /// What was found damaged since the track was loaded.
    #[must_use]
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// Where the generation with this open content is.
    #[must_use]
    pub fn find(&self, open_sha256: &[u8; 32]) -> Option<usize> {
        self.generations.iter().position(|g| g.open_sha256 == *open_sha256)
    }

    /// Where the generation is that was published with this `<open-checksum>`,
    /// `type:hex`.
    #[must_use]
    pub fn find_declared(&self, declared: &str) -> Option<usize> {
        self.generations.iter().position(|g| g.declared.iter().any(|d| d == declared))
    }

    /// Begins to record a generation: give every chunk to the [`Recorder`].
    ///
    /// # Errors
    /// [`Error::ReadOnly`].
    pub fn record(&mut self) -> Result<Recorder<'_>, Error> {
        self.check_writable()?;
        Ok(Recorder::new(self, true))
    }

    /// Like [`record`](Self::record), but keeps no bytes and writes nothing: for
    /// finding out what recording would lead to. [`commit`](Self::commit) is
    /// refused afterwards.
    pub fn record_nothing(&mut self) -> Recorder<'_> {
        self.writable = false;
        Recorder::new(self, false)
    }

    /// Makes the generation at `index` the newest, published anew as
    /// `publication` says; true when that changed anything.
    ///
    /// # Panics
    /// When there is no such generation.
    pub fn republish(&mut self, index: usize, publication: &Publication) -> bool {
        let mut generation = self.generations.remove(index);
        let changed = generation.published_as(publication);
        self.generations.insert(0, generation);
        self.dirty |= changed || index != 0;
        changed || index != 0
    }

    /// Puts the generations in the order of their last timestamps, newest first;
    /// those without one go last. For histories that are filled afterwards.
    pub fn sort_by_timestamp(&mut self) {
        let key = |g: &Generation| std::cmp::Reverse(g.timestamps.last().copied());
        if !self.generations.is_sorted_by_key(key) {
            self.generations.sort_by_key(key);
            self.dirty = true;
        }
    }

    /// Forgets the generation at `index`, as though it had never been.
    ///
    /// # Panics
    /// When there is no such generation.
    pub fn drop_generation(&mut self, index: usize) -> Generation {
        self.dirty = true;
        self.generations.remove(index)
    }

    /// Forgets the generations that `retention` does not keep; true when there
    /// were any. [`commit`](Self::commit) does this too.
    pub fn prune(&mut self, retention: &Retention) -> bool {
        let mut pruned = retention.apply(&mut self.generations);
        // More could not be read back.
        let mut room = script::MAX_SYMBOLS;
        let fits = |g: &Generation| {
            let left = room.checked_sub(g.sequence.len());
            room = left.unwrap_or(0);
            left.is_some()
        };
        let kept = self.generations.iter().map(fits).take_while(|f| *f).count();
        pruned |= kept < self.generations.len();
        self.generations.truncate(kept);
        self.dirty |= pruned;
        pruned
    }

    /// Makes all changes since the last commit last, after applying `retention`
    /// and, where enough is no longer used, rewriting the packs. Nothing is
    /// written where nothing changed.
    ///
    /// # Errors
    /// The state on disk is then either the old or the new one.
    pub fn commit(&mut self, retention: &Retention) -> Result<(), Error> {
        self.prune(retention);
        self.dirty |= self.damaged_index.is_some();
        if !self.dirty {
            return Ok(());
        }
        self.check_writable()?;
        self.publish_packs()?;
        if compact::is_due(&self.frames, &self.table, &self.generations) {
            match compact::run(self) {
                Ok(()) => self.publish_packs()?,
                Err(Error::Damaged { path, offset, what }) => {
                    // The chunks at that place are lost; who needs them goes.
                    self.verify_frames()?;
                    if self.damage.is_empty() {
                        return Err(Error::Damaged { path, offset, what });
                    }
                }
                Err(other) => return Err(other),
            }
        }
        if let Some(bytes) = self.damaged_index.take() {
            self.dir.write(DAMAGED_NAME, &bytes).map_err(Error::File)?;
        }
        let bytes = index::write(self.next_pack, &self.frames, &self.table, &self.generations);
        self.dir.write(INDEX_NAME, &bytes).map_err(Error::File)?;
        self.dirty = false;
        self.collect()
    }

    fn publish_packs(&mut self) -> Result<(), Error> {
        for (_, sealed) in self.sealed.drain(..) {
            sealed.publish().map_err(Error::File)?;
        }
        Ok(())
    }

    /// Removes packs that the index on disk does not name: left by a process
    /// that was interrupted, or no longer used.
    fn collect(&mut self) -> Result<(), Error> {
        if self.damaged_index.is_some() {
            // Keep all until a new index is in place, and out of its way.
            let entries = self.dir.entries().map_err(Error::File)?;
            let used = entries.iter().filter_map(|e| pack::number(&e.name)).max();
            self.next_pack = used.map_or(0, |n| n + 1);
            return Ok(());
        }
        let named: BTreeSet<u64> = self.frames.iter().map(|f| f.pack).collect();
        for entry in self.dir.entries().map_err(Error::File)? {
            if pack::number(&entry.name).is_some_and(|n| !named.contains(&n)) {
                self.dir.remove(&entry.name).map_err(Error::File)?;
            }
        }
        self.dir.remove_leftovers().map_err(Error::File)?;
        Ok(())
    }

    /// About how many bytes a chunk takes compressed, in sixteenths of a byte: its
    /// share of the frame that it is stored in. A chunk that came with a later
    /// generation is stored among the others that came with it, so this tells how
    /// well such changes compress. `None` for chunks that are not stored.
    #[must_use]
    pub fn stored_sixteenths(&self, symbol: Symbol) -> Option<u64> {
        let at = self.frames.partition_point(|f| f.first <= symbol).checked_sub(1)?;
        let frame = &self.frames[at];
        if symbol >= frame.first + frame.symbols {
            return None;
        }
        Some(self.table.chunk_len(symbol) * 16 * u64::from(frame.len) / u64::from(frame.open_len.max(1)))
    }

    /// Reads chunks back by symbol. Only what was committed can be read.
    #[must_use]
    pub fn reader(&self) -> ChunkReader<'_> {
        ChunkReader::new(&self.dir, &self.frames, &self.table)
    }

    /// Writes the open content of the generation at `index` to `out`, and checks
    /// it against its SHA-256.
    ///
    /// # Errors
    /// [`Error::Damaged`] when it is not what was recorded; what was written to
    /// `out` is then worthless.
    ///
    /// # Panics
    /// When there is no such generation.
    pub fn write_generation(&self, index: usize, out: &mut impl Write) -> Result<(), Error> {
        let generation = &self.generations[index];
        let mut reader = self.reader();
        let mut digest = Sha256::new();
        for &symbol in &generation.sequence {
            let chunk = reader.chunk(symbol)?;
            digest.update(chunk);
            out.write_all(chunk).map_err(|reason| Error::Output { reason })?;
        }
        let found: [u8; 32] = digest.finalize().into();
        if found != generation.open_sha256 {
            let what = format!(
                "generation {index}: expected the open SHA-256 {}, found {}",
                Hex(&generation.open_sha256),
                Hex(&found)
            );
            return Err(Error::Damaged { path: self.dir.path().join(INDEX_NAME), offset: 0, what });
        }
        Ok(())
    }

    /// Reads everything and gives back every generation; what does not check
    /// out is dropped, and said in [`damage`](Self::damage). Reads the packs
    /// once for the frames and once for each generation.
    ///
    /// # Errors
    /// When files cannot be read for other reasons than damage.
    pub fn verify(&mut self) -> Result<(), Error> {
        self.verify_frames()?;
        let mut index = 0;
        while index < self.generations.len() {
            match self.write_generation(index, &mut std::io::sink()) {
                Ok(()) => index += 1,
                Err(error @ Error::Damaged { .. }) => {
                    let lost = self.drop_generation(index);
                    self.damage
                        .push(Damage::Packs { what: error.to_string(), generations: vec![lost.open_sha256] });
                }
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// Checks the digest of every frame and the identifier of every chunk in it,
    /// and drops the generations that need a frame that fails.
    ///
    /// # Errors
    /// When files cannot be read for other reasons than damage.
    pub fn verify_frames(&mut self) -> Result<(), Error> {
        let mut lost = BTreeMap::new();
        for (at, frame) in self.frames.iter().enumerate() {
            match pack::read_frame(&self.dir, frame)
                .and_then(|bytes| pack::open_frame(&self.dir, frame, &bytes))
                .and_then(|open| pack::check_chunks(&self.dir, frame, &self.table, &open))
            {
                Ok(()) => {}
                Err(error @ Error::Damaged { .. }) => {
                    lost.insert(at, error.to_string());
                }
                Err(other) => return Err(other),
            }
        }
        self.lose(&lost);
        Ok(())
    }

    /// Drops what needs packs that are missing or shorter than they were.
    fn drop_short_packs(&mut self) -> Result<(), Error> {
        let mut lens = BTreeMap::new();
        let mut lost = BTreeMap::new();
        for (at, frame) in self.frames.iter().enumerate() {
            let name = pack::name(frame.pack);
            let found = match lens.entry(frame.pack) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(unknown) => *unknown.insert(self.dir.len(&name).map_err(Error::File)?),
            };
            let end = frame.offset + u64::from(frame.len);
            if found.is_none_or(|len| len < end) {
                let path = self.dir.path().join(name);
                let found = found.map_or("no file".to_owned(), |len| format!("{len} bytes"));
                let what = format!("expected at least {end} bytes, found {found}");
                lost.insert(at, Error::Damaged { path, offset: frame.offset, what }.to_string());
            }
        }
        self.lose(&lost);
        Ok(())
    }

    /// Removes frames, their chunks, and the generations that need them.
    fn lose(&mut self, lost: &BTreeMap<usize, String>) {
        let Some(what) = lost.values().next().cloned() else { return };
        let mut renumbered = vec![None; self.table.len()];
        let mut table = ChunkTable::with_capacity(self.table.len());
        let mut frames = Vec::new();
        for (at, frame) in self.frames.iter().enumerate() {
            if lost.contains_key(&at) {
                continue;
            }
            let Ok(first) = Symbol::try_from(table.len()) else { continue };
            for symbol in frame.first..frame.first + frame.symbols {
                let len = usize::try_from(self.table.chunk_len(symbol)).unwrap_or(usize::MAX);
                renumbered[symbol as usize] = table.intern(*self.table.id(symbol), len).ok();
            }
            frames.push(Frame { first, ..frame.clone() });
        }
        let mut generations = Vec::new();
        self.generations.retain_mut(|g| {
            let sequence: Option<Vec<Symbol>> = g.sequence.iter().map(|s| renumbered[*s as usize]).collect();
            if let Some(sequence) = sequence {
                g.sequence = sequence;
                return true;
            }
            generations.push(g.open_sha256);
            false
        });
        self.frames = frames;
        self.table = table;
        self.dirty = true;
        self.damage.push(Damage::Packs { what, generations });
    }

    /// Bytes on disk: of the index, and of the packs.
    ///
    /// # Errors
    /// When the directory cannot be listed.
    pub fn disk_bytes(&self) -> Result<(u64, u64), Error> {
        let entries = self.dir.entries().map_err(Error::File)?;
        let sum = |packs: bool| {
            entries.iter().filter(|e| pack::number(&e.name).is_some() == packs).map(|e| e.len).sum::<u64>()
        };
        Ok((sum(false), sum(true)))
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.writable
    }

    fn check_writable(&self) -> Result<(), Error> {
        if self.writable { Ok(()) } else { Err(Error::ReadOnly { path: self.dir.path().to_owned() }) }
    }
}
