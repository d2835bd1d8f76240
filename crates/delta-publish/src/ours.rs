//! Files of ours in repodata/: deltas and journals, known by a name that carries the
//! digest of their bytes. Which of them are needed is decided elsewhere, and only
//! [`remove`] changes anything.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use codec::Algorithm;
use delta_core::Rule;
use delta_core::journal::{GenerationId, Head, MAX_HEAD};
use durable::{Dir, Kind};
use repomd::{Checksum, Record, Repomd};

use crate::Error;
use crate::ledger::Written;
use crate::naming::{Naming, OurKind, OurName};
use crate::repository::Repository;

/// A file whose bytes are what its name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OurFile {
    pub(crate) file: Written,
    /// For a journal the generations that it serves, by type and run by run, the youngest first; nothing for
    /// a delta, which does not tell.
    pub(crate) serves: Option<Serves>,
}

/// By type the generations of each run.
pub(crate) type Serves = BTreeMap<String, Vec<Vec<GenerationId>>>;

impl OurFile {
    /// Whether it is a delta of a content with these names.
    pub(crate) fn is_delta_of(&self, naming: &Naming) -> bool {
        self.serves.is_none() && OurName::parse(&self.file.name).is_some_and(|name| naming.has(&name))
    }

    /// The generations of a type that a journal serves, run by run; of a twin those of its family.
    pub(crate) fn serves_of(&self, data_type: &str) -> Option<&[Vec<GenerationId>]> {
        let serves = self.serves.as_ref()?;
        let found = serves.get(data_type).or_else(|| serves.get(Rule::family(data_type)));
        found.map(Vec::as_slice)
    }
}

/// The names of the files that are records' own. However they are called, they are not
/// ours.
fn own_files(repository: &Repository) -> BTreeSet<&str> {
    repository.model.records.iter().filter_map(|record| Repository::file_of(record).ok()).collect()
}

/// The delta files and journals that repomd.xml lists: name, checksum and size.
pub(crate) fn entries(model: &Repomd) -> impl Iterator<Item = (&str, &Checksum, u64)> {
    let deltas =
        model.records.iter().flat_map(Record::usable_deltas).map(|d| (&d.location, &d.checksum, d.size));
    let journals = model.journal.iter().map(|j| (&j.location, &j.checksum, j.size));
    let entries = deltas.chain(journals);
    entries.filter_map(|(location, checksum, size)| Some((location.in_repodata()?, checksum, size)))
}

/// The same, as files with a SHA-256.
pub(crate) fn listed(model: &Repomd) -> Vec<Written> {
    let by_sha256 = entries(model).filter(|(_, checksum, _)| checksum.kind() == "sha256");
    let written = |(name, checksum, size): (&str, &Checksum, u64)| Written {
        name: name.to_owned(),
        sha256: checksum.hex().to_owned(),
        size,
    };
    by_sha256.map(written).collect()
}

/// The files of ours in repodata/ that are not among `known`, sorted by name. A
/// file that has such a name and other bytes is somebody else's, or damaged: it is
/// left out, as is one that cannot be read, of which a warning tells.
pub(crate) fn unknown(
    repository: &Repository,
    known: &BTreeSet<&str>,
    warnings: &mut Vec<String>,
) -> Result<Vec<OurFile>, Error> {
    let dir = &repository.dir;
    let own = own_files(repository);
    let mut found = Vec::new();
    for entry in dir.entries().map_err(Error::File)? {
        let Some(name) = OurName::parse(&entry.name) else { continue };
        let is_other = known.contains(&*entry.name) || own.contains(&*entry.name);
        if entry.kind != Kind::File || is_other {
            continue;
        }
        let file = Written { name: entry.name.clone(), sha256: name.sha256.to_owned(), size: entry.len };
        match look_at(dir, file, name.kind) {
            Ok(ours) => found.extend(ours),
            Err(error) => warnings.push(format!("{error}; the file stays")),
        }
    }
    found.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(found)
}

/// A file, if its bytes are what its name says.
fn look_at(dir: &Dir, file: Written, kind: OurKind) -> Result<Option<OurFile>, Error> {
    if !is_in_place(dir, &file)? {
        return Ok(None);
    }
    let serves = match kind {
        OurKind::Delta => None,
        OurKind::Journal => Some(served_by(dir, &file)?),
    };
    Ok(Some(OurFile { file, serves }))
}

/// The generations that a journal serves; none where its head cannot be read.
fn served_by(dir: &Dir, file: &Written) -> Result<Serves, Error> {
    let Some(open) = dir.open_file(&file.name).map_err(Error::File)? else { return Ok(Serves::new()) };
    let mut start = Vec::new();
    let read = open.take(MAX_HEAD as u64).read_to_end(&mut start);
    read.map_err(|e| Error::File(durable::Error::from_io(e, &dir.path().join(&file.name))))?;
    let Ok(head) = Head::of_file(&start) else { return Ok(Serves::new()) };
    let mut serves = Serves::new();
    for chain in head.chains() {
        serves.entry(head.types()[chain.data_type].clone()).or_default().push(chain.from);
    }
    Ok(serves)
}

/// Whether a file is there with the bytes that were written.
pub(crate) fn is_in_place(dir: &Dir, file: &Written) -> Result<bool, Error> {
    match dir.len(&file.name) {
        Ok(Some(len)) if len == file.size => {}
        Ok(_) | Err(durable::Error::WrongKind { .. }) => return Ok(false),
        Err(error) => return Err(Error::File(error)),
    }
    let Some(open) = dir.open_file(&file.name).map_err(Error::File)? else { return Ok(false) };
    let found = Algorithm::Sha256.digest_of(open);
    let found = found.map_err(|e| Error::File(durable::Error::from_io(e, &dir.path().join(&file.name))))?;
    Ok(found.to_hex() == file.sha256)
}

/// The bytes of a file, if it is there as it was written; it is read once.
pub(crate) fn read_in_place(dir: &Dir, file: &Written) -> Result<Option<Vec<u8>>, Error> {
    match dir.read(&file.name, file.size) {
        Ok(bytes) => Ok(bytes.filter(|bytes| Algorithm::Sha256.digest(bytes).to_hex() == file.sha256)),
        Err(durable::Error::WrongKind { .. } | durable::Error::TooLarge { .. }) => Ok(None),
        Err(error) => Err(Error::File(error)),
    }
}

/// Those of `files` that may be deleted: of our names, and with the bytes that were
/// written. One that cannot be looked at is left out, and a warning says so.
pub(crate) fn removable(
    repository: &Repository,
    files: Vec<Written>,
    warnings: &mut Vec<String>,
) -> Vec<Written> {
    let dir = &repository.dir;
    let own = own_files(repository);
    let mut removable = Vec::new();
    for file in files {
        if OurName::parse(&file.name).is_none() || own.contains(&*file.name) {
            continue;
        }
        match is_in_place(dir, &file) {
            Ok(true) => removable.push(file),
            Ok(false) => {}
            Err(error) => warnings.push(format!("{error}; the file stays")),
        }
    }
    removable
}

/// Deletes `files` while repomd.xml has the bytes `published`, and returns the names of
/// those that are gone. One that cannot be deleted stays in `left`, and one warning says
/// why; so do those that are left when somebody replaces repomd.xml.
pub(crate) fn remove(
    repository: &Repository,
    published: &[u8],
    files: Vec<Written>,
    left: &mut Vec<Written>,
    warnings: &mut Vec<String>,
) -> Vec<String> {
    let dir = &repository.dir;
    let mut removed = Vec::new();
    let mut refusals = Vec::new();
    for file in files {
        if repository.check_unchanged(published).is_err() {
            left.push(file);
            continue;
        }
        match dir.remove(&file.name) {
            Ok(_) => removed.push(file.name),
            Err(error) => {
                refusals.push(error);
                left.push(file);
            }
        }
    }
    match &refusals[..] {
        [] => {}
        [error] => warnings.push(format!("{error}; it is tried again by the next run")),
        [error, others @ ..] => warnings.push(format!(
            "{error}; {} more could not be deleted either; they are tried again by the next run",
            others.len()
        )),
    }
    if !removed.is_empty()
        && let Err(error) = dir.sync()
    {
        warnings.push(error.to_string());
    }
    removed
}
