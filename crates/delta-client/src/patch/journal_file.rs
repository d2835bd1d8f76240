//! The parts of a journal that is at hand as a file.
//!
//! Its head is believed as it is: what it leads to, only the digest of the result
//! can tell.

use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use codec::{Algorithm, Digest, Expect};
use delta_core::Rule;
use delta_core::chunk::ChunkError;
use delta_core::journal::{self, Fetched, GenerationId, Head, JournalError, MAX_HEAD, Reading};
use durable::streams::Input;

use super::Target;
use super::old::open_old;
use crate::patch::Error;

/// Most bytes that are taken into memory.
const MAX_READ: u64 = 1 << 30;

/// Whether the file is a journal, of whatever version.
pub(super) fn is_journal(file: &Input) -> Result<bool, Error> {
    let found = journal::is_journal(file.reader());
    found.map_err(|reason| Error::OpenFile { path: file.path().to_owned(), reason })
}

/// What leads from the old file to the newest one of a type, and the bytes of it.
pub(super) fn parts(
    data_type: &str,
    old_file: &Input,
    journal_file: &Input,
    target: &Target,
) -> Result<(Reading, Fetched<'static>), Error> {
    let (old, journal) = (old_file.path(), journal_file.path());
    let mut file = journal_file.reader();
    let unreadable = |reason: io::Error| Error::OpenFile { path: journal.to_owned(), reason };
    let mut start = Vec::new();
    file.by_ref().take(MAX_HEAD as u64).read_to_end(&mut start).map_err(unreadable)?;
    let head = Head::of_file(&start).map_err(|source| precise(source, old, journal, journal))?;
    let number = |name: &str| head.types().iter().position(|other| other == name);
    let from = GenerationId::from_sha256(&generation(old_file, target)?);
    let reading = number(data_type)
        .or_else(|| number(Rule::family(data_type)))
        .and_then(|number| head.reading(&[(number, from)], 0))
        .filter(|reading| reading.bytes(0) <= MAX_READ);
    let reading =
        reading.ok_or_else(|| Error::NotServed { journal: journal.to_owned(), old: old.to_owned() })?;
    let mut fetched = Fetched::new();
    for range in reading.ranges(0) {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(range.start)).map_err(unreadable)?;
        file.by_ref().take(range.end - range.start).read_to_end(&mut bytes).map_err(unreadable)?;
        fetched.add(range.start, bytes);
    }
    Ok((reading, fetched))
}

/// SHA-256 of the open content of the old file.
fn generation(old: &Input, target: &Target) -> Result<[u8; 32], Error> {
    let known = target.old_sha256.filter(|digest| digest.algorithm() == Algorithm::Sha256);
    let digest: Option<Digest> = if let Some(digest) = known {
        Some(digest)
    } else {
        let expect = Expect { open_digests: vec![Algorithm::Sha256], ..Expect::default() };
        let reader = open_old(old, expect)?;
        reader.finish().map_err(Error::Open)?.open_digest(Algorithm::Sha256)
    };
    let bytes = digest.and_then(|digest| digest.as_bytes().try_into().ok());
    bytes.ok_or_else(|| Error::OpenFile {
        path: old.path().to_owned(),
        reason: io::Error::other("it has no SHA-256"),
    })
}

/// Gets back the error that travelled through a reader or writer.
pub(super) fn precise(error: JournalError, old: &Path, journal: &Path, new: &Path) -> Error {
    match error {
        JournalError::OldChunk { source: ChunkError::Read { source, .. } }
        | JournalError::Base { source, .. } => Error::Open(codec::Error::from_io(source, old)),
        // A file that is cut short is read to its end, which is no failure of the system.
        JournalError::Range { source, .. } if source.kind() != io::ErrorKind::UnexpectedEof => {
            Error::Open(codec::Error::from_io(source, journal))
        }
        JournalError::Scratch { source } => Error::File(durable::Error::from_io(source, new)),
        source => Error::ApplyJournal { old: old.to_owned(), journal: journal.to_owned(), source },
    }
}
