//! Reading an edited document again, so that a wrong one is never given out.

use std::collections::BTreeMap;

use super::{Additions, EditError};
use crate::excerpt::excerpt;
use crate::model::{DeltaEntry, Fault, JournalEntry, Record, Repomd};
use crate::read::{self, Document};

/// Reads the edited document and compares it with the model before the edit:
/// all must be the same but for what is ours, which must be this.
pub(super) fn same_but_for(
    before: &Repomd,
    edited: &[u8],
    additions: &BTreeMap<String, Additions>,
) -> Result<Document, EditError> {
    let parsed = read::document(edited).map_err(|why| EditError::Unreadable { why })?;
    let after = &parsed.model;
    let head = |model: &Repomd| {
        let said = Repomd { records: Vec::new(), faults: Vec::new(), ..model.clone() };
        (said, elements(&model.faults))
    };
    if head(before) != head(after) || before.records.len() != after.records.len() {
        return Err(differs(0, "what it said before", "something else"));
    }
    let records = before.records.iter().zip(&after.records);
    for ((old, new), place) in records.zip(&parsed.places) {
        let what = format!("record `{}`", excerpt(&old.kind));
        if own(old) != own(new) {
            let expected = format!("{what} as before");
            return Err(differs(place.start, &expected, "something else"));
        }
        let wanted = additions.get(&old.kind).cloned().unwrap_or_default();
        let journals: Vec<_> = wanted.journal.into_iter().map(JournalEntry::Usable).collect();
        let deltas: Vec<_> = wanted.deltas.into_iter().map(DeltaEntry::Usable).collect();
        let bases = usize::from(!deltas.is_empty());
        let count = bases + journals.len() + deltas.len();
        let listed = new.journals == journals && new.deltas == deltas;
        if !listed || new.check_delta_base().is_err() || place.ours.len() != count {
            let expected = format!("{what} with {count} elements as given");
            return Err(differs(place.start, &expected, "others"));
        }
    }
    Ok(parsed)
}

/// What a record says of its own.
fn own(record: &Record) -> (Record, Vec<&'static str>) {
    (Record { faults: Vec::new(), ..record.without_ours() }, elements(&record.faults))
}

/// Which elements are malformed. Where, an edit changes.
fn elements(faults: &[Fault]) -> Vec<&'static str> {
    faults.iter().map(|fault| fault.element).collect()
}

/// Compares the document before an edit with what is left of the edited one
/// once the elements of ours are removed again.
pub(super) fn same_bytes(before: &[u8], after: &[u8]) -> Result<(), EditError> {
    if before == after {
        return Ok(());
    }
    let same = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    Err(differs(same, "the same bytes without its deltas", "others"))
}

fn differs(offset: usize, expected: &str, found: &str) -> EditError {
    EditError::Differs { offset, expected: expected.to_owned(), found: found.to_owned() }
}
