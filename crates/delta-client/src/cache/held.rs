//! What a cache holds, as far as it can be believed.
//!
//! Only documents are read here. Whether a metadata file is what it should be
//! is found out by whoever reads it.

use durable::{Dir, Kind, TEMP_PREFIX};
use repomd::{MAX_SIZE, Record, Repomd};

use super::state::{State, sha256};
use super::{CacheError, REPOMD, SIGNATURE, STATE, UPSTREAM};

/// The state in place.
#[derive(Debug)]
pub(crate) struct Held {
    /// `repodata/` as it was opened.
    pub(crate) dir: Dir,
    pub(crate) state: State,
    /// What our repomd.xml says; empty where it is damaged.
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
    pub(crate) model: Repomd,
}

/// A metadata file that is held.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeldFile<'a> {
    /// What our repomd.xml says of it.
    pub(crate) record: &'a Record,
    /// Its name in `repodata/`.
    pub(crate) name: &'a str,
}

impl Held {
    /// Reads a state; `None` if the directory is empty. A directory with
    /// anything in it that we did not write is refused.
    pub(super) fn read(dir: Dir) -> Result<Option<Self>, CacheError> {
        let entries = dir.entries()?;
        if entries.is_empty() {
            return Ok(None);
        }
        let not_ours = |path| CacheError::NotOurs { path, expected: "a directory of its own, or none" };
        let upstream_dir = match entries.iter().find(|entry| entry.name == UPSTREAM) {
            Some(entry) if entry.kind == Kind::Dir => dir.child(UPSTREAM)?,
            _ => None,
        };
        let upstream_dir = upstream_dir.ok_or_else(|| not_ours(dir.path().to_owned()))?;
        let state = State::read(&upstream_dir)?.ok_or_else(|| not_ours(dir.path().to_owned()))?;
        for entry in &entries {
            let ours = matches!(&*entry.name, UPSTREAM | REPOMD) || state.files.contains(&entry.name);
            refuse_foreign(&dir, &entry.name, ours)?;
        }
        for entry in upstream_dir.entries()? {
            refuse_foreign(&upstream_dir, &entry.name, matches!(&*entry.name, REPOMD | SIGNATURE | STATE))?;
        }

        let mut damage = Vec::new();
        let mut note = |dir: &Dir, why: &str| {
            damage.push(format!("`{}` is damaged: {why}", dir.path().join(REPOMD).display()));
        };
        let described = match document(&dir, &state.repomd_sha256)? {
            Ok((_, model)) => model,
            Err(why) => {
                note(&dir, &why);
                Repomd::default()
            }
        };
        let upstream = match document(&upstream_dir, &state.upstream_sha256)? {
            Ok((bytes, model)) => {
                let signature = upstream_dir.read(SIGNATURE, MAX_SIZE as u64)?;
                Some(Upstream { bytes, signature, model })
            }
            Err(why) => {
                note(&upstream_dir, &why);
                None
            }
        };
        Ok(Some(Self { dir, state, described, upstream, damage }))
    }

    /// The file of this type, if one is described.
    pub(crate) fn file(&self, data_type: &str) -> Option<HeldFile<'_>> {
        self.files().find(|file| file.record.kind == data_type)
    }

    /// All files that are described.
    pub(crate) fn files(&self) -> impl Iterator<Item = HeldFile<'_>> {
        self.described.records.iter().filter_map(|record| {
            let name = record.local_location().ok()?.in_repodata()?;
            Some(HeldFile { record, name })
        })
    }

    /// Why the file cannot be what is described, judged without reading it.
    pub(crate) fn missing(&self, file: &HeldFile<'_>) -> Option<String> {
        let path = self.dir.path().join(file.name);
        let found = match self.dir.len(file.name) {
            Ok(Some(found)) if Some(found) == file.record.size => return None,
            Ok(Some(found)) => format!("{found} bytes"),
            Ok(None) => "nothing".to_owned(),
            Err(error) => return Some(error.to_string()),
        };
        let expected = file.record.size.map_or("a known size".to_owned(), |size| format!("{size} bytes"));
        Some(format!("`{}` is damaged: expected {expected}, found {found}", path.display()))
    }
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
