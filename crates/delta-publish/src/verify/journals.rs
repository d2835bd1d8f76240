//! Checking the listed journal: as a file against what repomd.xml says, and with the history part by part.

use std::collections::BTreeMap;

use codec::Algorithm;
use delta_core::Rule;
use delta_core::journal::{self as journal_file, Fetched, Head, Newest};
use history::{History, Track};
use repomd::journal::{Journal, JournalType as ListedType, NewestSteps};

use super::{Contents, lacks_current, read_listed};
use crate::journal::{self, JournalType};
use crate::report::Verified;
use crate::repository::Repository;
use crate::{Error, records};

/// Verifies the journal, and plays every part of it between generations of the history. Gives by type of
/// record from how many generations it leads to the current file. `contents` are the open SHA-256s of the
/// records' files.
pub(super) fn verify(
    repository: &Repository,
    history: Option<&History>,
    contents: &Contents<'_>,
    verified: &mut Verified,
) -> Result<BTreeMap<String, usize>, Error> {
    let faults = repository.model.faults.iter().filter(|fault| fault.element == "delta-journal");
    verified.problems.extend(faults.map(|fault| format!("the journal cannot be used: {}", fault.why)));
    let Some(listed) = &repository.model.journal else { return Ok(BTreeMap::new()) };
    let Some((head, journal)) = file(repository, listed, contents, &mut verified.problems)? else {
        return Ok(BTreeMap::new());
    };
    let Some(history) = history else { return Ok(BTreeMap::new()) };
    let mut tracks = Vec::new();
    for of in &listed.types {
        let Some((kind, Some(open_sha256))) = record(of, contents) else { continue };
        let Some(rule) = Rule::for_type(kind) else { continue };
        let has = |track: &Track| track.find(open_sha256).is_some();
        let track = records::track_with(history, kind, has)?.map(|(_, track)| track);
        match track.and_then(|track| Some((track.find(open_sha256)?, track))) {
            Some((current, track)) => tracks.push((&*of.name, rule, track, current)),
            None => lacks_current(kind, verified),
        }
    }
    let types: Vec<(JournalType<'_>, usize)> = tracks
        .iter()
        .map(|(name, rule, track, current)| (JournalType { name, rule: *rule, track }, *current))
        .collect();
    let proven = journal::verify(&head, &journal, &types);
    let problem = |problem| format!("`{}`: {problem}", listed.location);
    verified.problems.extend(proven.problems.into_iter().map(problem));
    verified.history_problems.extend(proven.damage);
    let served = |(kind, content): (&&str, &Option<[u8; 32]>)| {
        let of = of_record(listed, kind, content.as_ref()?)?;
        Some(((*kind).to_owned(), proven.served.get(&of.name)?.len()))
    };
    Ok(contents.iter().filter_map(served).collect())
}

/// The record that a type of the journal is for, with its content: that of its name, or one of its family.
fn record<'c>(of: &ListedType, contents: &'c Contents<'_>) -> Option<(&'c str, Option<&'c [u8; 32]>)> {
    let is_led_to = |content: &Option<[u8; 32]>| content.is_some_and(|content| content.starts_with(&of.id));
    let own = contents.get_key_value(&*of.name);
    let of_family = || {
        let members = || contents.iter().filter(|(kind, _)| Rule::family(kind) == of.name);
        members().find(|(_, content)| is_led_to(content)).or_else(|| members().next())
    };
    own.or_else(of_family).map(|(kind, content)| (*kind, content.as_ref()))
}

/// The type of the journal by which a record of this content goes.
fn of_record<'j>(listed: &'j Journal, kind: &str, content: &[u8; 32]) -> Option<&'j ListedType> {
    let named = |name: &str| listed.types.iter().find(|of| of.name == name && content.starts_with(&of.id));
    named(kind).or_else(|| named(Rule::family(kind)))
}

/// The journal as a file, with its head, where it is what repomd.xml says.
fn file(
    repository: &Repository,
    listed: &Journal,
    contents: &Contents<'_>,
    problems: &mut Vec<String>,
) -> Result<Option<(Head, Fetched<'static>)>, Error> {
    let bytes = match read_listed(repository, &listed.location, &listed.checksum, listed.size) {
        Ok(bytes) => bytes,
        Err(error @ Error::Delta { .. }) => {
            problems.push(error.to_string());
            return Ok(None);
        }
        Err(other) => return Err(other),
    };
    let mut wrong = |what: &str| problems.push(format!("`{}`: {what}", listed.location));
    let found = match journal_file::Journal::of_file(bytes) {
        Ok(found) => found,
        Err(error) => {
            wrong(&format!("it is damaged: {error}"));
            return Ok(None);
        }
    };
    let head_bytes = &found.bytes[..found.head_len];
    let digest = Algorithm::Sha256.digest(head_bytes);
    if head_bytes.len() as u64 != listed.head_size || !digest.as_bytes().starts_with(&listed.head_digest) {
        wrong("its start is not what repomd.xml says");
        return Ok(None);
    }
    let Ok(head) = Head::read(head_bytes) else { return Ok(None) };
    if head.file_len() != listed.size {
        wrong(&format!("expected {} bytes by what its start says, found {}", head.file_len(), listed.size));
        return Ok(None);
    }
    if !head.types().iter().eq(listed.types.iter().map(|of| &of.name)) || head.sequence() != listed.sequence {
        wrong("it is of other types, or of another publish, than repomd.xml says");
    }
    if listed.newest.as_ref().is_some_and(|newest| !is_true(newest, found.newest.as_ref())) {
        wrong("its newest parts are not what repomd.xml says");
    }
    for of in &listed.types {
        if let Some((_, Some(content))) = record(of, contents)
            && !content.starts_with(&of.id)
        {
            wrong(&format!("it leads to another `{}` than the one published", of.name));
        }
    }
    let mut fetched = Fetched::new();
    fetched.add(0, found.bytes);
    Ok(Some((head, fetched)))
}

/// Whether what is told of the newest steps is so; not all of them need be told.
fn is_true(told: &NewestSteps, found: Option<&Newest>) -> bool {
    found.is_some_and(|found| {
        (told.table, &told.parts, told.digest) == (found.table, &found.parts, found.digest)
            && found.further.starts_with(&told.further)
    })
}
