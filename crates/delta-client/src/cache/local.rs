//! What a directory holds, as far as it can be believed.
//!
//! Only documents are read here. Whether a metadata file is what it should be
//! is found out by whoever reads it.

use std::fs::File;
use std::path::PathBuf;

use durable::{Dir, Kind};
use repomd::files::{KEY, REPODATA, REPOMD, SIGNATURE, TEMP_PREFIX};
use repomd::{MAX_SIZE, Record, Repomd};

use super::UPSTREAM;
use super::notes::{Notes, State, sha256};
use crate::error::CacheError;

/// The state in place.
#[derive(Debug)]
pub(crate) struct LocalCopy {
    /// `repodata/` as it was opened.
    pub(crate) dir: Dir,
    pub(crate) state: State,
    /// What repomd.xml says of the files that are held; empty where it is
    /// damaged.
    pub(crate) described: Repomd,
    /// The publisher's; nothing where it is damaged.
    pub(crate) upstream: Option<Upstream>,
    /// What is damaged, one sentence each.
    pub(crate) damage: Vec<String>,
}

/// The publisher's documents, as they were verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upstream {
    pub(crate) bytes: Vec<u8>,
    pub(crate) signature: Option<Vec<u8>>,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) model: Repomd,
}

/// A metadata file that is held.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LocalFile<'a> {
    /// What repomd.xml says of it.
    pub(crate) record: &'a Record,
    /// Its name in `repodata/`.
    pub(crate) name: &'a str,
    /// Whether its content is another one than repomd.xml says: then it is no base
    /// for anything.
    pub(crate) is_odd: bool,
}

impl LocalCopy {
    /// Reads the state of a cache; `None` if there is none. A directory with
    /// anything in it that we did not write is refused.
    pub(super) fn read(cache: &Dir, notes: Option<&Notes>) -> Result<Option<Self>, CacheError> {
        let Some(dir) = cache.child(REPODATA)? else {
            return Ok(None);
        };
        let entries = dir.entries()?;
        if entries.is_empty() {
            return Ok(None);
        }
        let not_ours = |path| CacheError::NotOurs { path, expected: "a directory of its own, or none" };
        let notes = notes.filter(|notes| !notes.states.is_empty());
        let notes = notes.ok_or_else(|| not_ours(dir.path().to_owned()))?;
        let mut upstream_dir = None;
        for entry in &entries {
            if entry.name == UPSTREAM && entry.kind == Kind::Dir {
                upstream_dir = dir.child(UPSTREAM)?;
            } else {
                refuse_foreign(&dir, &entry.name, is_document(&entry.name) || notes.know(&entry.name))?;
            }
        }
        for entry in upstream_dir.iter().map(Dir::entries).collect::<Result<Vec<_>, _>>()?.concat() {
            refuse_foreign(upstream_dir.as_ref().unwrap_or(&dir), &entry.name, is_document(&entry.name))?;
        }
        let state = in_place(&dir, notes)?;
        let mut damage = Vec::new();
        let mut note = |dir: &Dir, why: &str| {
            damage.push(format!("`{}` is damaged: {why}", dir.path().join(REPOMD).display()));
        };
        let mut described = Repomd::default();
        let mut upstream = None;
        match document(&dir, &state.repomd_sha256)? {
            Ok((bytes, model)) if state.exact => {
                described.records.clone_from(&model.records);
                described.records.retain(|record| state.types.contains(&record.kind));
                upstream = Some(Upstream::beside(&dir, bytes, model)?);
            }
            Ok((_, model)) => described = model,
            Err(why) => note(&dir, &why),
        }
        if !state.exact {
            let upstream_dir = upstream_dir.unwrap_or_else(|| dir.clone());
            match document(&upstream_dir, &state.upstream_sha256)? {
                Ok((bytes, model)) => upstream = Some(Upstream::beside(&upstream_dir, bytes, model)?),
                Err(why) => note(&upstream_dir, &why),
            }
        }
        Ok(Some(Self { dir, state, described, upstream, damage }))
    }

    /// Reads a `repodata/` that somebody else keeps: its repomd.xml, and those
    /// of the files that it names which are there. `None` where there is no
    /// repomd.xml that can be read.
    pub(crate) fn foreign(dir: Dir) -> Result<Option<Self>, CacheError> {
        let Some((bytes, model)) = parsed_repomd(&dir)? else {
            return Ok(None);
        };
        let mut described = Repomd::default();
        described.records.clone_from(&model.records);
        let state = State { exact: true, ..State::default() };
        let upstream = Some(Upstream::beside(&dir, bytes, model)?);
        let mut held = Self { dir, state, described, upstream, damage: Vec::new() };
        let whole = |file: &LocalFile<'_>| held.missing(file).is_none();
        let there: Vec<_> = held.files().filter(whole).map(|file| file.record.clone()).collect();
        held.described.records = there;
        Ok(Some(held))
    }

    /// The file of this type, if one is described.
    pub(crate) fn file(&self, data_type: &str) -> Option<LocalFile<'_>> {
        self.files().find(|file| file.record.kind == data_type)
    }

    /// All files that are described.
    pub(crate) fn files(&self) -> impl Iterator<Item = LocalFile<'_>> {
        self.described.records.iter().filter_map(|record| {
            let name = record.local_location().ok()?.in_repodata()?;
            Some(LocalFile { record, name, is_odd: self.state.odd.contains(&record.kind) })
        })
    }

    /// Why the file cannot be what is described, judged without reading it.
    pub(crate) fn missing(&self, file: &LocalFile<'_>) -> Option<String> {
        let path = self.dir.path().join(file.name);
        let found = match self.dir.len(file.name) {
            Ok(Some(found)) if file.record.size.is_none_or(|size| size == found) => return None,
            Ok(Some(found)) => format!("{found} bytes"),
            Ok(None) => "nothing".to_owned(),
            Err(error) => return Some(error.to_string()),
        };
        let expected = file.record.size.map_or("a file".to_owned(), |size| format!("{size} bytes"));
        Some(format!("`{}` is damaged: expected {expected}, found {found}", path.display()))
    }

    /// Opens a file, with the path that messages call it; the error is a sentence.
    pub(crate) fn open(&self, file: &LocalFile<'_>) -> Result<(File, PathBuf), String> {
        let path = self.dir.path().join(file.name);
        let opened = self.dir.open_file(file.name).map_err(|error| error.to_string())?;
        let opened = opened.ok_or_else(|| format!("`{}` is not there", path.display()))?;
        Ok((opened, path))
    }

    /// Whether the file is the publisher's, byte for byte, as far as documents
    /// tell: as it was downloaded, or rebuilt.
    pub(crate) fn is_publishers(&self, file: &LocalFile<'_>) -> bool {
        let theirs = self.upstream.as_ref().and_then(|upstream| upstream.model.record(&file.record.kind));
        theirs.is_some_and(|theirs| theirs.checksum.is_some() && theirs.checksum == file.record.checksum)
    }
}

impl Upstream {
    /// With what lies beside it.
    fn beside(dir: &Dir, bytes: Vec<u8>, model: Repomd) -> Result<Self, CacheError> {
        let signature = dir.read(SIGNATURE, MAX_SIZE as u64)?;
        let key = dir.read(KEY, MAX_SIZE as u64)?;
        Ok(Self { bytes, signature, key, model })
    }
}

/// The bytes of a repomd.xml, and what they say; `None` where it is none.
pub(super) fn parsed_repomd(dir: &Dir) -> Result<Option<(Vec<u8>, Repomd)>, CacheError> {
    let bytes = read_repomd(dir)?;
    Ok(bytes.and_then(|bytes| Repomd::parse(&bytes).ok().map(|model| (bytes, model))))
}

fn read_repomd(dir: &Dir) -> Result<Option<Vec<u8>>, CacheError> {
    match dir.read(REPOMD, MAX_SIZE as u64) {
        Err(durable::Error::TooLarge { .. }) => Ok(None),
        read => Ok(read?),
    }
}

/// Which of the noted states is the one in place. Where none has this
/// repomd.xml it is damaged, and the newest is as good as any.
fn in_place(dir: &Dir, notes: &Notes) -> Result<State, CacheError> {
    let found = read_repomd(dir)?.map(|bytes| sha256(&bytes));
    let candidates: Vec<&State> =
        notes.states.iter().filter(|state| Some(&state.repomd_sha256) == found.as_ref()).collect();
    // Two states of one repomd.xml differ in their files.
    let mut whole = None;
    for state in &candidates {
        let mut there = state.files.iter().map(|name| dir.len(name).is_ok_and(|len| len.is_some()));
        if there.all(|one| one) {
            whole.get_or_insert(*state);
        }
    }
    let state = whole.or(candidates.first().copied()).or(notes.states.first());
    Ok(state.cloned().unwrap_or_default())
}

fn is_document(name: &str) -> bool {
    matches!(name, REPOMD | SIGNATURE | KEY)
}

fn refuse_foreign(dir: &Dir, name: &str, ours: bool) -> Result<(), CacheError> {
    if ours || name.starts_with(TEMP_PREFIX) {
        return Ok(());
    }
    let path = dir.path().join(name);
    Err(CacheError::NotOurs { path, expected: "nothing else beside the files of the cache" })
}

/// A repomd.xml with this digest, or why it is not that.
fn document(dir: &Dir, digest: &str) -> Result<Result<(Vec<u8>, Repomd), String>, CacheError> {
    let bytes = match dir.read(REPOMD, MAX_SIZE as u64) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(Err("it is not there".to_owned())),
        Err(error @ durable::Error::TooLarge { .. }) => return Ok(Err(error.to_string())),
        Err(error) => return Err(error.into()),
    };
    let found = sha256(&bytes);
    if found != digest {
        return Ok(Err(format!("expected sha256:{digest}, found sha256:{found}")));
    }
    Ok(match Repomd::parse(&bytes) {
        Ok(model) => Ok((bytes, model)),
        Err(why) => Err(why.to_string()),
    })
}
