//! Insertion of elements at the start of records, and of the instruction that names the
//! journal.
//!
//! What they say does not matter here, only where they go and how they are laid out.

use std::collections::BTreeMap;

use super::EditError;
use super::element::{Element, Style, gap};
use crate::MAX_SIZE;
use crate::excerpt::excerpt;
use crate::journal::Journal;
use crate::read::{Document, Place};

/// Elements to insert, by record type.
pub(super) type Insertions<'a> = BTreeMap<&'a str, Vec<Element>>;

/// Checks that each record is there and can take elements.
pub(super) fn check(parsed: &Document, insertions: &Insertions<'_>) -> Result<(), EditError> {
    let missing = |kind: &&&str| parsed.model.record(kind).is_none();
    if let Some(kind) = insertions.keys().find(missing) {
        return Err(no_record(kind, parsed));
    }
    for (record, place) in parsed.model.records.iter().zip(&parsed.places) {
        if !insertions.contains_key(record.kind.as_str()) {
            continue;
        }
        let why = match record.servable() {
            Err(problem) => problem.to_string(),
            Ok(_) if place.content.is_none() => "it is self-closing".to_owned(),
            Ok(_) => continue,
        };
        return Err(EditError::Unfit { offset: place.start, kind: excerpt(&record.kind), why });
    }
    Ok(())
}

/// `bare`, which has nothing of ours, with these elements at the start of records and this journal.
pub(super) fn all(
    bare: &[u8],
    parsed: &Document,
    insertions: &Insertions<'_>,
    journal: Option<&Journal>,
) -> Result<Vec<u8>, EditError> {
    let mut pieces = Vec::new();
    if let Some(journal) = journal {
        let front = parsed.front.ok_or(EditError::NoContent)?;
        let mut piece = gap(bare.get(front..).unwrap_or_default()).to_vec();
        piece.extend_from_slice(journal.instruction().as_bytes());
        pieces.push((front, piece));
    }
    for (record, place) in parsed.model.records.iter().zip(&parsed.places) {
        let list = insertions.get(record.kind.as_str());
        let (Some(list), Some(content)) = (list, place.content) else {
            continue;
        };
        let mut piece = Vec::new();
        let style = style(bare, place, content);
        for element in list {
            element.write(&mut piece, &style);
            check_size(piece.len())?;
        }
        pieces.push((content, piece));
    }
    check_size(pieces.iter().fold(bare.len(), |size, (_, piece)| size + piece.len()))?;
    Ok(spliced(bare, pieces))
}

/// `bare` with each piece at its place.
fn spliced(bare: &[u8], mut pieces: Vec<(usize, Vec<u8>)>) -> Vec<u8> {
    pieces.sort_by_key(|(at, _)| *at);
    let mut out = Vec::with_capacity(bare.len());
    let mut copied = 0;
    for (at, piece) in pieces {
        out.extend_from_slice(bare.get(copied..at).unwrap_or_default());
        out.extend(piece);
        copied = at;
    }
    out.extend_from_slice(bare.get(copied..).unwrap_or_default());
    out
}

fn check_size(edited: usize) -> Result<(), EditError> {
    if edited > MAX_SIZE {
        return Err(EditError::TooLarge { offset: MAX_SIZE });
    }
    Ok(())
}

/// How elements are laid out in the record at `place`.
fn style<'a>(bare: &'a [u8], place: &'a Place, content: usize) -> Style<'a> {
    let rest = bare.get(content..).unwrap_or_default();
    let before = bare.get(..place.start).unwrap_or_default();
    Style::new(&place.prefix, rest, before)
}

fn no_record(kind: &str, parsed: &Document) -> EditError {
    let records = parsed.model.records.iter().take(20);
    let kinds: Vec<_> = records.map(|record| format!("`{}`", excerpt(&record.kind))).collect();
    EditError::NoRecord {
        kind: excerpt(kind),
        found: if kinds.is_empty() { "no record".to_owned() } else { kinds.join(", ") },
    }
}
