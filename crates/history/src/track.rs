//! One metadata type's generations, in memory: what they are, dropping them and giving
//! them back. They are loaded in [`load`](crate::load), recorded in
//! [`recorder`](crate::recorder), made last in [`commit`](crate::commit) and verified in
//! [`verify`](crate::verify).

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use delta_core::chunk::{ChunkTable, Symbol};
use durable::{Dir, Lock, Sealed};
use sha2::{Digest, Sha256};

use crate::aside::{self, SetAside};
use crate::generation::{Generation, Publication, Retention};
use crate::index::INDEX_NAME;
use crate::pack::{self, Frame};
use crate::windows::{self, Point};
use crate::{Damage, Error, Hex, script};

/// What the directory says of its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnDisk {
    /// It is there and can be read.
    Index,
    /// The track is new: there never was one.
    Nothing,
    /// It cannot be read, or it is missing though there was one.
    Lost,
}

/// The generations of one metadata type.
///
/// One that may be changed keeps its history locked, whatever becomes of the
/// [`History`](crate::History).
#[derive(Debug)]
pub struct Track {
    pub(crate) dir: Dir,
    /// That of its history; nothing where nothing may be changed.
    pub(crate) lock: Option<Arc<Lock>>,
    pub(crate) next_pack: u64,
    pub(crate) frames: Vec<Frame>,
    pub(crate) table: ChunkTable,
    pub(crate) generations: Vec<Generation>,
    /// Packs that are complete and have not got their names yet.
    pub(crate) sealed: Vec<(String, Sealed)>,
    pub(crate) dirty: bool,
    /// Open SHA-256 of the generations that retention dropped.
    pub(crate) pruned: Vec<[u8; 32]>,
    pub(crate) damage: Vec<Damage>,
    /// How many of them are of the time before the last commit.
    pub(crate) damage_committed: usize,
    /// Packs that lost frames since the last commit.
    pub(crate) damaged_packs: BTreeSet<u64>,
    pub(crate) on_disk: OnDisk,
}

impl Track {
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

    /// Open SHA-256 of the generations that retention dropped since the track was
    /// loaded, by [`prune`](Self::prune) or [`commit`](Self::commit). One that was
    /// recorded again since is there all the same.
    #[must_use]
    pub fn pruned(&self) -> &[[u8; 32]] {
        &self.pruned
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
        let before: Vec<[u8; 32]> = self.generations.iter().map(|g| g.open_sha256).collect();
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
        if pruned {
            let left: BTreeSet<_> = self.generations.iter().map(|g| g.open_sha256).collect();
            self.pruned.extend(before.into_iter().filter(|sha256| !left.contains(sha256)));
        }
        self.dirty |= pruned;
        pruned
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

    /// Bytes on disk: of the index, and of the packs.
    ///
    /// # Errors
    /// When the directory cannot be listed.
    pub fn disk_bytes(&self) -> Result<(u64, u64), Error> {
        let entries = self.dir.entries().map_err(Error::File)?;
        let sum = |is: fn(&str) -> bool| entries.iter().filter(|e| is(&e.name)).map(|e| e.len).sum::<u64>();
        Ok((sum(|name| name == INDEX_NAME), sum(|name| pack::number(name).is_some())))
    }

    /// The files that were set aside after damage, sorted by name. The track does
    /// without them.
    ///
    /// # Errors
    /// When the directory cannot be listed.
    pub fn set_aside(&self) -> Result<Vec<SetAside>, Error> {
        let entries = self.dir.entries().map_err(Error::File)?;
        let aside = entries.into_iter().filter(|e| aside::is_aside(&e.name));
        Ok(aside.map(|e| SetAside { name: e.name, len: e.len }).collect())
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.lock.is_some()
    }

    pub(crate) fn check_writable(&self) -> Result<(), Error> {
        if self.is_writable() { Ok(()) } else { Err(Error::ReadOnly { path: self.dir.path().to_owned() }) }
    }
}
