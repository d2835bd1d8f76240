//! Making changes last: packs, then the index, by one rename; and seeing to the
//! files that the new index does not name. Those that an index may have named
//! which is lost or cannot be read are set aside; those that are known to be
//! superseded are removed.

use std::collections::BTreeSet;

use delta_core::chunk::ChunkTable;
use durable::{Entry, Kind};

use crate::aside::{self, Aside};
use crate::generation::Retention;
use crate::index::{self, INDEX_NAME};
use crate::track::OnDisk;
use crate::{Error, Track, compact, pack};

impl Track {
    /// Makes all changes since the last commit last, after applying `retention`
    /// and, where enough is no longer used, rewriting the packs. Nothing is
    /// written where nothing changed.
    ///
    /// What damage has cost is set aside and not removed, which
    /// [`damage`](Self::damage) tells afterwards.
    ///
    /// # Errors
    /// The state on disk is then either the old or the new one.
    pub fn commit(&mut self, retention: &Retention) -> Result<(), Error> {
        self.prune(retention);
        if !self.dirty && self.on_disk != OnDisk::Lost {
            return Ok(());
        }
        self.check_writable()?;
        let named = self.named_packs();
        let mut aside = None;
        match self.on_disk {
            OnDisk::Index => {}
            // Packs without an index are damage, so there is one before the first pack.
            OnDisk::Nothing => self.write_first_index()?,
            OnDisk::Lost => aside = Some(self.set_packs_aside(|pack| !named.contains(&pack))?),
        }
        self.publish_packs()?;
        self.compact()?;
        if aside.is_none() && self.damage.len() > self.damage_committed {
            let lost: BTreeSet<u64> = self.damaged_packs.difference(&self.named_packs()).copied().collect();
            aside = Some(self.set_packs_aside(|pack| lost.contains(&pack))?);
        }
        if let Some(aside) = aside {
            self.keep_index(aside)?;
        }
        let bytes = index::write(self.next_pack, &self.frames, &self.table, &self.generations);
        self.dir.write(INDEX_NAME, &bytes).map_err(Error::File)?;
        self.on_disk = OnDisk::Index;
        self.damage_committed = self.damage.len();
        self.damaged_packs.clear();
        self.dirty = false;
        self.collect()
    }

    fn write_first_index(&mut self) -> Result<(), Error> {
        let bytes = index::write(0, &[], &ChunkTable::new(), &[]);
        self.dir.write(INDEX_NAME, &bytes).map_err(Error::File)?;
        self.on_disk = OnDisk::Index;
        Ok(())
    }

    fn publish_packs(&mut self) -> Result<(), Error> {
        for (_, sealed) in self.sealed.drain(..) {
            sealed.publish().map_err(Error::File)?;
        }
        Ok(())
    }

    /// Rewrites the packs where that pays.
    fn compact(&mut self) -> Result<(), Error> {
        if !compact::is_due(&self.frames, &self.table, &self.generations) {
            return Ok(());
        }
        match compact::run(self) {
            Ok(()) => self.publish_packs(),
            Err(Error::Damaged { path, offset, what }) => {
                // The chunks at that place are lost; who needs them goes.
                self.verify_frames()?;
                if self.damage.is_empty() {
                    return Err(Error::Damaged { path, offset, what });
                }
                Ok(())
            }
            Err(other) => Err(other),
        }
    }

    fn named_packs(&self) -> BTreeSet<u64> {
        self.frames.iter().map(|f| f.pack).collect()
    }

    /// Sets the packs of these numbers aside, and says where the index is to go.
    fn set_packs_aside(&mut self, which: impl Fn(u64) -> bool) -> Result<Aside, Error> {
        let entries = self.dir.entries().map_err(Error::File)?;
        let is_lost = |e: &&Entry| e.kind == Kind::File && pack::number(&e.name).is_some_and(&which);
        let packs: Vec<&str> = entries.iter().filter(is_lost).map(|e| e.name.as_str()).collect();
        let mut names = packs.clone();
        names.push(INDEX_NAME);
        let mut aside = Aside::choose(&entries, &names);
        for name in packs {
            aside.move_file(&self.dir, name)?;
        }
        Ok(aside)
    }

    /// Keeps the index that is about to be replaced, makes what was set aside last, and
    /// notes where it is.
    fn keep_index(&mut self, mut aside: Aside) -> Result<(), Error> {
        aside.keep_file(&self.dir, INDEX_NAME)?;
        if aside.is_empty() {
            return Ok(());
        }
        self.dir.sync().map_err(Error::File)?;
        let pattern = self.dir.path().join(aside.pattern()).display().to_string();
        self.damage.iter_mut().for_each(|damage| damage.was_set_aside(&pattern));
        Ok(())
    }

    /// Removes packs that the index on disk does not name: left by a process
    /// that was interrupted, or no longer used. Where that index is lost all
    /// packs stay, and new ones get numbers that no pack ever had.
    pub(crate) fn collect(&mut self) -> Result<(), Error> {
        let entries = self.dir.entries().map_err(Error::File)?;
        if self.on_disk == OnDisk::Lost {
            let used = entries.iter().filter_map(|e| aside::pack_number(&e.name)).max();
            self.next_pack = used.map_or(0, |n| n + 1);
            return Ok(());
        }
        let named = self.named_packs();
        for entry in &entries {
            if pack::number(&entry.name).is_some_and(|n| !named.contains(&n)) {
                self.dir.remove(&entry.name).map_err(Error::File)?;
            }
        }
        self.dir.remove_leftovers().map_err(Error::File)?;
        Ok(())
    }
}
