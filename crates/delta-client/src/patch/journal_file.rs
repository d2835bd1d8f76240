//! The steps of a journal that is at hand as a file.
//!
//! Its head is believed as it is: what it leads to, only the digest of the result
//! can tell.

use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use codec::{Algorithm, Digest, Expect};
use delta_core::chunk::ChunkError;
use delta_core::journal::{self, GenerationId, Head, JournalError, MAX_HEAD, read_steps};
use durable::streams::Input;

use super::Target;
use super::old::open_old;
use crate::patch::Error;

/// Most bytes of steps that are taken into memory.
const MAX_STEPS: u64 = 1 << 30;

/// Whether the file is a journal, of whatever version.
pub(super) fn is_journal(file: &Input) -> Result<bool, Error> {
    let found = journal::is_journal(file.reader());
    found.map_err(|reason| Error::OpenFile { path: file.path().to_owned(), reason })
}

/// The payloads of the steps that lead from the old file to the target, newest first.
pub(super) fn steps(old_file: &Input, journal_file: &Input, target: &Target) -> Result<Vec<Vec<u8>>, Error> {
    let (old, journal) = (old_file.path(), journal_file.path());
    let failed = |source: JournalError| precise(source, old, journal, journal);
    let from = generation(old_file, target)?;
    let mut file = journal_file.reader();
    let unreadable = |reason: io::Error| Error::OpenFile { path: journal.to_owned(), reason };
    let mut start = Vec::new();
    file.by_ref().take(MAX_HEAD as u64).read_to_end(&mut start).map_err(unreadable)?;
    let head = Head::of_file(&start).map_err(failed)?;
    let ways = head.ways(GenerationId::from_sha256(&from));
    let way =
        ways.first().ok_or_else(|| Error::NotServed { journal: journal.to_owned(), old: old.to_owned() })?;
    file.seek(SeekFrom::Start(way.range().start)).map_err(unreadable)?;
    read_steps(&head, way, file, MAX_STEPS).map_err(failed)
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
