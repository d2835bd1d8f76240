//! Reading an edited document again, so that a wrong one is never given out.

use super::{Additions, EditError};
use crate::excerpt::excerpt;
use crate::model::{DeltaEntry, Fault, Record, Repomd};
use crate::ours::JOURNAL;
use crate::read::{self, Document};

/// Reads the edited document and compares it with the model before the edit:
/// all must be the same but for what is ours, which must be this.
pub(super) fn same_but_for(
    before: &Repomd,
    edited: &[u8],
    additions: &Additions,
) -> Result<Document, EditError> {
    let parsed = read::document(edited).map_err(|why| EditError::Unreadable { why })?;
    let after = &parsed.model;
    let head = |model: &Repomd| {
        let said = Repomd { records: Vec::new(), ..model.clone() }.without_ours();
        let elements = elements(&said.faults);
        (Repomd { faults: Vec::new(), ..said }, elements)
    };
    if head(before) != head(after) || before.records.len() != after.records.len() {
        return Err(differs(0, "what it said before", "something else"));
    }
    if after.journal != additions.journal || parsed.instructions.len() != additions.journal.iter().count() {
        let fault = after.faults.iter().find(|fault| fault.element == JOURNAL);
        return Err(match fault {
            Some(fault) => EditError::Unreadable { why: fault.why.clone() },
            None => differs(0, "the journal as given", "something else"),
        });
    }
    let records = before.records.iter().zip(&after.records);
    for ((old, new), place) in records.zip(&parsed.places) {
        let what = format!("record `{}`", excerpt(&old.kind));
        if own(old) != own(new) {
            let expected = format!("{what} as before");
            return Err(differs(place.start, &expected, "something else"));
        }
        let wanted = additions.deltas.get(&old.kind).cloned().unwrap_or_default();
        let deltas: Vec<_> = wanted.into_iter().map(DeltaEntry::Usable).collect();
        let count = usize::from(!deltas.is_empty()) + deltas.len();
        if new.deltas != deltas || new.check_delta_base().is_err() || place.ours.len() != count {
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
