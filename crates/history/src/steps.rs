//! Steps of the journal that were encoded before, kept so that they are copied and not encoded again
//! (`history.md`, "Steps").
//!
//! Each is a file of its own, named after the two publishes that it leads from and to, and carries a
//! digest. All of them can be made again: one that does not check out is as good as none. What a payload
//! means is not looked at here.

use std::collections::{BTreeMap, BTreeSet};

use delta_core::journal::Ids;
use delta_core::varint::{self, Cursor};
use durable::{Dir, Kind};
use sha2::{Digest, Sha256};

use crate::{Error, Hex, History, version};

/// The directory in that of the history; no metadata type has its name.
pub(crate) const DIRECTORY: &str = "steps";
/// The first line of a step.
const MAGIC: &[u8] = b"createrepo-delta history step 1\n";
/// Bytes of the digest at the end.
const DIGEST: usize = 32;
/// Largest file that is read: more than any step whose text a publish would
/// encode.
const MAX_FILE: u64 = 256 << 20;

/// Most parts of a step.
const MAX_PARTS: u64 = 1 << 10;

/// From which publish to which: digests of what they consist of.
pub type StepKey = ([u8; 32], [u8; 32]);

/// A step that was encoded before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptStep {
    /// The identifiers that its parts share.
    pub ids: Ids,
    /// By metadata type, for types that differ.
    pub parts: BTreeMap<String, KeptPart>,
}

/// What a step has of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPart {
    /// The payload (format 2, "Payloads"); nothing where there can be none.
    pub payload: Option<Vec<u8>>,
    /// Bytes of the chunks that it inserts.
    pub inserted_bytes: u64,
}

/// The steps that a history keeps.
#[derive(Debug)]
pub struct Steps {
    /// Nothing where no step was ever kept and nothing may be written.
    dir: Option<Dir>,
    writable: bool,
    keys: BTreeSet<StepKey>,
}

impl History {
    /// The steps that are kept.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn steps(&self) -> Result<Steps, Error> {
        let writable = self.is_writable();
        let dir = self.dir().child(DIRECTORY).map_err(Error::File)?;
        let mut keys = BTreeSet::new();
        if let Some(dir) = &dir {
            if writable {
                dir.remove_leftovers().map_err(Error::File)?;
            }
            let entries = dir.entries().map_err(Error::File)?;
            keys.extend(entries.iter().filter_map(|entry| key(&entry.name)));
        }
        let dir = match dir {
            None if writable => Some(self.dir().create_child(DIRECTORY).map_err(Error::File)?),
            dir => dir,
        };
        Ok(Steps { dir, writable, keys })
    }
}

impl Steps {
    /// From where to where there are steps, as far as names tell.
    pub fn keys(&self) -> impl Iterator<Item = &StepKey> {
        self.keys.iter()
    }

    /// Whether there is such a step, as far as names tell.
    #[must_use]
    pub fn contains(&self, key: &StepKey) -> bool {
        self.keys.contains(key)
    }

    /// The step from one publish to another; nothing where it is not kept, or
    /// not as it was written.
    ///
    /// # Errors
    /// [`Error::Newer`], or when its file cannot be read for other reasons than damage.
    pub fn get(&self, key: &StepKey) -> Result<Option<KeptStep>, Error> {
        let Some(dir) = self.dir.as_ref().filter(|_| self.contains(key)) else { return Ok(None) };
        match dir.read(&name(key), MAX_FILE) {
            Ok(Some(bytes)) => {
                version::check(dir, &name(key), MAGIC, &bytes)?;
                Ok(read(&bytes, key))
            }
            Ok(None) | Err(durable::Error::TooLarge { .. } | durable::Error::WrongKind { .. }) => Ok(None),
            Err(error) => Err(Error::File(error)),
        }
    }

    /// Keeps a step.
    ///
    /// # Errors
    /// When it cannot be written; [`Error::ReadOnly`] where nothing may be.
    pub fn put(&mut self, key: StepKey, step: &KeptStep) -> Result<(), Error> {
        if let Some(dir) = self.dir.as_ref().filter(|_| self.writable) {
            dir.write(&name(&key), &write(step, &key)).map_err(Error::File)?;
            self.keys.insert(key);
            return Ok(());
        }
        let path = self.dir.as_ref().map(|dir| dir.path().to_owned()).unwrap_or_default();
        Err(Error::ReadOnly { path })
    }

    /// Removes all steps but these; returns how many went.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub fn keep_only(&mut self, wanted: &BTreeSet<StepKey>) -> Result<usize, Error> {
        let Some(dir) = self.dir.as_ref().filter(|_| self.writable) else { return Ok(0) };
        let loose: Vec<StepKey> = self.keys.difference(wanted).copied().collect();
        for key in &loose {
            dir.remove(&name(key)).map_err(Error::File)?;
            self.keys.remove(key);
        }
        Ok(loose.len())
    }
}

/// Refuses steps of a newer version.
///
/// # Errors
/// [`Error::Newer`], or when one cannot be read.
pub(crate) fn check_versions(history: &Dir) -> Result<(), Error> {
    let Some(dir) = history.child(DIRECTORY).map_err(Error::File)? else { return Ok(()) };
    names(&dir)?.iter().try_for_each(|name| version::check_file(&dir, name, MAGIC))
}

/// The names of the steps in their directory.
pub(crate) fn names(dir: &Dir) -> Result<Vec<String>, Error> {
    let entries = dir.entries().map_err(Error::File)?;
    let is_step = |entry: &durable::Entry| entry.kind == Kind::File && key(&entry.name).is_some();
    Ok(entries.into_iter().filter(is_step).map(|entry| entry.name).collect())
}

fn name((from, to): &StepKey) -> String {
    format!("{}-{}", Hex(from), Hex(to))
}

/// The publishes that a file's name tells.
fn key(name: &str) -> Option<StepKey> {
    let (from, to) = name.split_once('-')?;
    let key = (Hex::parse(from)?, Hex::parse(to)?);
    (self::name(&key) == name).then_some(key)
}

fn write(step: &KeptStep, (from, to): &StepKey) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(from);
    out.extend_from_slice(to);
    varint::put_bytes(&mut out, &step.ids.to_bytes());
    varint::put(&mut out, step.parts.len() as u64);
    for (data_type, part) in &step.parts {
        varint::put_bytes(&mut out, data_type.as_bytes());
        varint::put(&mut out, part.inserted_bytes);
        // No payload is empty.
        varint::put_bytes(&mut out, part.payload.as_deref().unwrap_or_default());
    }
    let digest = Sha256::digest(&out);
    out.extend_from_slice(&digest);
    out
}

/// The step in a file; nothing where the file is not as it was written.
fn read(bytes: &[u8], (from, to): &StepKey) -> Option<KeptStep> {
    let end = bytes.len().checked_sub(DIGEST)?;
    if Sha256::digest(&bytes[..end])[..] != bytes[end..] {
        return None;
    }
    let mut cursor = Cursor::new(bytes[..end].strip_prefix(MAGIC)?);
    if (cursor.array::<32>().ok()?, cursor.array::<32>().ok()?) != (*from, *to) {
        return None;
    }
    let ids = Ids::from_bytes(cursor.bytes().ok()?).ok()?;
    let mut parts = BTreeMap::new();
    for _ in 0..cursor.number_upto(MAX_PARTS).ok()? {
        let data_type = std::str::from_utf8(cursor.bytes().ok()?).ok()?.to_owned();
        let inserted_bytes = cursor.number().ok()?;
        let payload = Some(cursor.bytes().ok()?.to_vec()).filter(|payload| !payload.is_empty());
        parts.insert(data_type, KeptPart { payload, inserted_bytes });
    }
    (cursor.remaining() == 0).then_some(KeptStep { ids, parts })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: StepKey = ([7; 32], [200; 32]);

    #[test]
    fn names_tell_their_publishes() {
        assert_eq!(key(&name(&KEY)), Some(KEY));
        for other in ["", "-", "index", &name(&KEY)[1..], &name(&KEY).to_uppercase()] {
            assert_eq!(key(other), None, "{other}");
        }
    }

    #[test]
    fn every_flipped_byte_is_noticed() {
        let id = vec![3; 32];
        let part =
            |payload: Option<&[u8]>| KeptPart { payload: payload.map(Into::into), inserted_bytes: 300 };
        let parts = [("other".to_owned(), part(None)), ("primary".to_owned(), part(Some(b"payload")))];
        let step = KeptStep { ids: Ids::shared(&[vec![id.clone()], vec![id]]), parts: parts.into() };
        let bytes = write(&step, &KEY);
        assert_eq!(read(&bytes, &KEY), Some(step));
        assert_eq!(read(&bytes, &(KEY.1, KEY.0)), None);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(read(&damaged, &KEY), None, "{at}");
            assert_eq!(read(&bytes[..at], &KEY), None, "{at}");
        }
    }
}
