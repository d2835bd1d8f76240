//! Finding damage: frames of packs that do not check out go, and with them the
//! generations that need them. Nothing is written here, and nothing that cannot be read
//! is taken for damage.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use delta_core::chunk::{ChunkTable, Symbol};

use crate::pack::{self, Frame};
use crate::{Damage, Error, Track};

impl Track {
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
                    let generations = vec![lost.open_sha256];
                    self.damage.push(Damage::Packs { what: error.to_string(), generations, aside: None });
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
    pub(crate) fn drop_short_packs(&mut self) -> Result<(), Error> {
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
                self.damaged_packs.insert(frame.pack);
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
        self.damage.push(Damage::Packs { what, generations, aside: None });
    }
}
