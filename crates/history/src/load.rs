//! Loading a track: its index, or what shows that there was one.

use std::collections::BTreeSet;
use std::sync::Arc;

use durable::{Dir, Lock};

use crate::index::{self, INDEX_NAME, Index};
use crate::track::OnDisk;
use crate::{Damage, Error, Track, aside, pack, version};

impl Track {
    pub(crate) fn load(dir: Dir, lock: Option<Arc<Lock>>) -> Result<Self, Error> {
        version::check_file(&dir, INDEX_NAME, index::MAGIC)?;
        let (index, on_disk, damage) = match read_index(&dir)? {
            Found::Index(index) => (index, OnDisk::Index, vec![]),
            Found::Nothing => (Index::default(), OnDisk::Nothing, vec![]),
            Found::Lost(what) => (Index::default(), OnDisk::Lost, vec![Damage::index(what)]),
        };
        let Index { next_pack, frames, table, generations } = index;
        let mut track = Self {
            dir,
            lock,
            next_pack,
            frames,
            table,
            generations,
            sealed: Vec::new(),
            dirty: false,
            pruned: Vec::new(),
            on_disk,
            damage,
            damage_committed: 0,
            damaged_packs: BTreeSet::new(),
        };
        if track.is_writable() {
            track.collect()?;
        }
        track.drop_short_packs()?;
        Ok(track)
    }
}

/// What there is of an index.
enum Found {
    Index(Index),
    /// Neither an index nor a sign that there ever was one.
    Nothing,
    /// Why it cannot be read.
    Lost(String),
}

fn read_index(dir: &Dir) -> Result<Found, Error> {
    let mut bytes = dir.read(INDEX_NAME, index::MAX_SIZE);
    if matches!(bytes, Ok(None)) {
        let Some(sign) = sign_of_an_index(dir)? else { return Ok(Found::Nothing) };
        // It may have been the first commit of another process that made the sign.
        bytes = dir.read(INDEX_NAME, index::MAX_SIZE);
        if matches!(bytes, Ok(None)) {
            let path = dir.path().join(INDEX_NAME);
            return Ok(Found::Lost(format!("`{}` is missing, though `{sign}` is there", path.display())));
        }
    }
    match bytes {
        Ok(bytes) => Ok(index::read(&bytes.unwrap_or_default()).map_or_else(
            |(offset, what)| {
                let path = dir.path().join(INDEX_NAME);
                Found::Lost(Error::Damaged { path, offset, what }.to_string())
            },
            Found::Index,
        )),
        Err(error @ durable::Error::TooLarge { .. }) => Ok(Found::Lost(error.to_string())),
        Err(error) => Err(Error::File(error)),
    }
}

/// The name of something that is only there where there was an index.
fn sign_of_an_index(dir: &Dir) -> Result<Option<String>, Error> {
    let entries = dir.entries().map_err(Error::File)?;
    let mut names = entries.into_iter().map(|entry| entry.name);
    Ok(names.find(|name| pack::number(name).is_some() || aside::is_aside(name)))
}
