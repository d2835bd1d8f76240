//! Insertion of elements at the start of records.
//!
//! What the elements are does not matter here, only where they go and how
//! they are laid out.

use std::collections::BTreeMap;

use super::EditError;
use super::element::{Element, Style};
use crate::MAX_SIZE;
use crate::excerpt::excerpt;
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

/// `bare`, which has no elements of ours, with these at the start of records.
pub(super) fn elements(
    bare: &[u8],
    parsed: &Document,
    insertions: &Insertions<'_>,
) -> Result<Vec<u8>, EditError> {
    let mut out = Vec::with_capacity(bare.len());
    let mut done = 0;
    for (record, place) in parsed.model.records.iter().zip(&parsed.places) {
        let list = insertions.get(record.kind.as_str());
        let (Some(list), Some(content)) = (list, place.content) else {
            continue;
        };
        out.extend_from_slice(bare.get(done..content).unwrap_or_default());
        done = content;
        let style = style(bare, place, content);
        for element in list {
            element.write(&mut out, &style);
            check_size(&out)?;
        }
    }
    out.extend_from_slice(bare.get(done..).unwrap_or_default());
    check_size(&out)?;
    Ok(out)
}

fn check_size(edited: &[u8]) -> Result<(), EditError> {
    if edited.len() > MAX_SIZE {
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
