//! The editor: removes and inserts elements of ours, and changes no other byte.
//!
//! It works on byte spans that the reader recorded and never writes a
//! document anew. Whatever it makes is read again before it is given out, and
//! compared with what was asked for. Which deltas to list, and in which
//! order, is the caller's choice.

mod check;
mod element;
mod error;
mod insert;
mod remove;

use std::collections::BTreeMap;

pub use error::EditError;

use crate::model::{Delta, Journal, Record, Repomd};
use crate::read::{self, Document};
pub(crate) use element::{Element, Style};
use insert::Insertions;

/// Removes every `<delta-base>`, `<delta>` and `<delta-journal>` from every record, each with the
/// white space right before it. A document without any comes back as it is.
///
/// Errors where the document cannot be read, and where it would not be
/// well-formed or say something else without them.
pub fn strip(document: &[u8]) -> Result<Vec<u8>, EditError> {
    let parsed = read::document(document).map_err(EditError::Read)?;
    Ok(without_ours(document, parsed)?.0)
}

/// What is to be listed in one record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Additions {
    /// The journal, which comes before the deltas.
    pub journal: Option<Journal>,
    /// The deltas of format 1, in this order. Where there are any, the record gets
    /// a `<delta-base>` with a copy of its own checksum and location, which comes first of
    /// all.
    pub deltas: Vec<Delta>,
}

impl From<Vec<Delta>> for Additions {
    fn from(deltas: Vec<Delta>) -> Self {
        Self { journal: None, deltas }
    }
}

impl Additions {
    /// The elements to insert into the record of this type of `model`.
    fn elements(&self, model: &Repomd, kind: &str) -> Vec<Element> {
        let own = model.record(kind).and_then(Record::base_copy).filter(|_| !self.deltas.is_empty());
        let base = own.as_ref().map(Element::from);
        let journal = self.journal.iter().map(Element::from);
        base.into_iter().chain(journal).chain(self.deltas.iter().map(Element::from)).collect()
    }
}

/// Replaces all `<delta-base>`, `<delta>` and `<delta-journal>` elements by these, which
/// are listed by record type and come first in their records, in the given order. Every
/// record loses those that it has, also one that `additions` does not name: what is to stay
/// must be given again.
///
/// They come right after the start tag of the `<data>`, because some clients
/// take the last `<checksum>` and `<location>` in it for the record's own,
/// however deep they are. Others take the first ones; so a `<delta-base>` with a
/// copy of the record's own comes before deltas. White space, line ends and the namespace prefix
/// follow the document. `strip` of the result is `strip(document)`.
///
/// Errors where the document cannot be read, where it has no record of a type
/// that deltas are listed for, or where that record is self-closing or not
/// one to be left alone ([`Record::servable`]), and where the result
/// would be over [`MAX_SIZE`](crate::MAX_SIZE). For [`Additions`] that list nothing the
/// record need not be there.
///
/// [`Record::servable`]: crate::Record::servable
pub fn with_deltas(document: &[u8], additions: &BTreeMap<String, Additions>) -> Result<Vec<u8>, EditError> {
    let given = read::document(document).map_err(EditError::Read)?;
    let insertions: Insertions<'_> = additions
        .iter()
        .map(|(kind, additions)| (kind.as_str(), additions.elements(&given.model, kind)))
        .filter(|(_, elements)| !elements.is_empty())
        .collect();
    insert::check(&given, &insertions)?;
    let (bare, parsed) = without_ours(document, given)?;
    let edited = insert::elements(&bare, &parsed, &insertions)?;
    let read_back = check::same_but_for(&parsed.model, &edited, additions)?;
    check::same_bytes(&bare, &remove::elements(&edited, &read_back.places))?;
    Ok(edited)
}

/// The document without any element of ours, and what it then says.
fn without_ours(document: &[u8], parsed: Document) -> Result<(Vec<u8>, Document), EditError> {
    let bare = remove::elements(document, &parsed.places);
    if bare.len() == document.len() {
        return Ok((bare, parsed));
    }
    let read_back = check::same_but_for(&parsed.model, &bare, &BTreeMap::new())?;
    Ok((bare, read_back))
}
