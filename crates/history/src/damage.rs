//! Finding damage, and what it costs: frames of packs that do not check out go,
//! and with them the generations that need them. Nothing is written here, and
//! nothing that cannot be read is taken for damage.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use delta_core::{ChunkTable, Symbol};

use crate::pack::{self, Frame};
use crate::{Error, Track};

/// Something that did not check out, and what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// The index is lost or cannot be read: every generation of the track is lost.
    Index {
        /// Where and why.
        what: String,
        /// Where what is left of the track was set aside, once it was: the files of
        /// this pattern.
        aside: Option<String>,
    },
    /// Frames of packs are lost, and with them generations.
    Packs {
        /// Where and why, for the first of them.
        what: String,
        /// Open SHA-256 of the generations lost.
        generations: Vec<[u8; 32]>,
        /// As above: the index that names them, and packs of which nothing is used
        /// any more.
        aside: Option<String>,
    },
}

impl Damage {
    pub(crate) fn index(what: String) -> Self {
        Self::Index { what, aside: None }
    }

    /// Open SHA-256 of the generations lost, as far as they are known.
    #[must_use]
    pub fn generations(&self) -> &[[u8; 32]] {
        match self {
            Self::Index { .. } => &[],
            Self::Packs { generations, .. } => generations,
        }
    }

    /// Notes where the files were set aside.
    pub(crate) fn was_set_aside(&mut self, pattern: &str) {
        let (Self::Index { aside, .. } | Self::Packs { aside, .. }) = self;
        aside.get_or_insert_with(|| pattern.to_owned());
    }
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Index { aside, .. } | Self::Packs { aside, .. }) = self;
        match self {
            Self::Index { what, .. } => write!(f, "{what}; every generation of it is dropped")?,
            Self::Packs { what, generations, .. } => {
                write!(f, "{what}; generations dropped: {}", generations.len())?;
            }
        }
        match aside {
            Some(pattern) => write!(f, "; what is left of them is kept as `{pattern}`"),
            None => Ok(()),
        }
    }
}

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
