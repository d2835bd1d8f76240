//! Checking a listed journal: as a file against its element, and with the history
//! step by step.

use codec::Algorithm;
use delta_core::Rule;
use delta_core::journal::Head;
use history::{History, Track};
use repomd::Record;
use repomd::model::JournalEntry;

use super::read_listed;
use crate::report::Verified;
use crate::repository::Repository;
use crate::{Error, journal, records};

/// Verifies the journal of a record as a file; gives its head and its bytes where
/// it is good.
pub(super) fn verify(
    repository: &Repository,
    record: &Record,
    problems: &mut Vec<String>,
) -> Result<Option<(Head, Vec<u8>)>, Error> {
    for entry in &record.journals {
        if let JournalEntry::Unusable(why) = entry {
            problems.push(format!("type `{}`: a journal cannot be used: {why}", record.kind));
        }
    }
    let Some(listed) = record.journal() else { return Ok(None) };
    let bytes = match read_listed(repository, &listed.location, &listed.checksum, listed.size) {
        Ok(bytes) => bytes,
        Err(error @ Error::Delta { .. }) => {
            problems.push(error.to_string());
            return Ok(None);
        }
        Err(other) => return Err(other),
    };
    let head = usize::try_from(listed.head_size).ok().and_then(|len| bytes.get(..len));
    let right = head.filter(|head| Algorithm::Sha256.digest(head).to_hex() == listed.head_checksum.hex());
    let head = right.ok_or_else(|| "its head is not what repomd.xml says".to_owned());
    let head = head.and_then(|head| Head::read(head).map_err(|error| error.to_string()));
    match head {
        Ok(head) if head.file_len() == listed.size => Ok(Some((head, bytes))),
        Ok(head) => {
            let (expected, found) = (head.file_len(), listed.size);
            problems.push(format!("`{}`: its head tells {expected} bytes, found {found}", listed.location));
            Ok(None)
        }
        Err(what) => {
            problems.push(format!("`{}`: {what}", listed.location));
            Ok(None)
        }
    }
}

/// Plays every step of the journal between generations of the history; returns
/// from how many of them it leads to the current file.
pub(super) fn prove(
    history: &History,
    record: &Record,
    open_sha256: &[u8; 32],
    head: &Head,
    bytes: &[u8],
    verified: &mut Verified,
) -> Result<usize, Error> {
    let Some(rule) = Rule::for_type(&record.kind) else { return Ok(0) };
    let has = |track: &Track| track.find(open_sha256).is_some();
    let Some((_, track)) = records::track_with(history, &record.kind, has)? else { return Ok(0) };
    let Some(current) = track.find(open_sha256) else { return Ok(0) };
    let proven = journal::verify(&record.kind, rule, &track, current, head, bytes);
    verified.problems.extend(proven.problems);
    verified.history_problems.extend(proven.damage);
    Ok(proven.served)
}
