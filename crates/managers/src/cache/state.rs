//! What a cache holds.

use std::collections::BTreeSet;
use std::path::Path;

use durable::Dir;
use repomd::files::{REPODATA, REPOMD, SIGNATURE};
use repomd::{MAX_SIZE, Record, Repomd};

use super::CacheError;

/// The state that is in a cache.
#[derive(Debug)]
#[non_exhaustive]
pub struct CachedState {
    /// Its repomd.xml, byte for byte.
    pub repomd: Vec<u8>,
    /// What that says.
    pub model: Repomd,
    /// The types whose files are there, in the size that repomd.xml says.
    pub present: BTreeSet<String>,
    /// Whether there is a signature.
    pub signed: bool,
    pub(super) dir: Dir,
}

impl CachedState {
    /// Looks into the directory that holds `repodata/`; `None` when there is no
    /// repomd.xml in it. Nothing is changed, and no lock is needed for looking.
    pub fn read(cache: &Path) -> Result<Option<Self>, CacheError> {
        match Dir::open(cache) {
            Ok(dir) => Self::read_dir(&dir),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn read_dir(cache: &Dir) -> Result<Option<Self>, CacheError> {
        let Some(dir) = cache.child(REPODATA)? else {
            return Ok(None);
        };
        let Some(repomd) = dir.read(REPOMD, MAX_SIZE as u64)? else {
            return Ok(None);
        };
        let model = parse(&dir, &repomd)?;
        let mut present = BTreeSet::new();
        for record in &model.records {
            if let Some(name) = file_name(record)
                && record.size.is_some()
                && dir.len(name).ok().flatten() == record.size
            {
                present.insert(record.kind.clone());
            }
        }
        let signed = dir.len(SIGNATURE)?.is_some();
        Ok(Some(Self { repomd, model, present, signed, dir }))
    }

    /// The names in `repodata/` of the files that are there.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.model.records.iter().filter(|record| self.present.contains(&record.kind)).filter_map(file_name)
    }
}

/// The name in `repodata/` of a record's file; `None` where it is elsewhere, or the
/// record is malformed.
pub(super) fn file_name(record: &Record) -> Option<&str> {
    record.servable().ok()?.in_repodata()
}

pub(super) fn parse(dir: &Dir, bytes: &[u8]) -> Result<Repomd, CacheError> {
    let path = || dir.path().join(REPOMD);
    Repomd::parse(bytes).map_err(|error| CacheError::Repomd { path: path(), why: error.to_string() })
}
