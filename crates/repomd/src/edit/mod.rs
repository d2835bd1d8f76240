//! The editor: removes and inserts elements of ours and the instruction that names the
//! journal, and changes no other byte.
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

use crate::journal::Journal;
use crate::model::{Delta, Record, Repomd};
use crate::read::{self, Document};
pub(crate) use element::{Element, Style};
use insert::Insertions;

/// Removes every `<delta-base>` and `<delta>` from every record, and every `<?delta-journal?>`
/// directly below the root, each with the white space right before it. A document without any
/// comes back as it is.
///
/// Errors where the document cannot be read, and where it would not be
/// well-formed or say something else without them.
pub fn strip(document: &[u8]) -> Result<Vec<u8>, EditError> {
    let parsed = read::document(document).map_err(EditError::Read)?;
    Ok(without_ours(document, parsed)?.0)
}

/// What is to be listed in a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Additions {
    /// The journal.
    pub journal: Option<Journal>,
    /// By record type the deltas of format 1, in this order. Where there are any, the record
    /// gets a `<delta-base>` with a copy of its own checksum and location, which comes first of
    /// all.
    pub deltas: BTreeMap<String, Vec<Delta>>,
}

impl From<BTreeMap<String, Vec<Delta>>> for Additions {
    fn from(deltas: BTreeMap<String, Vec<Delta>>) -> Self {
        Self { journal: None, deltas }
    }
}

impl Additions {
    /// The elements to insert into records of `model`.
    fn insertions(&self, model: &Repomd) -> Insertions<'_> {
        let elements = |kind: &str, deltas: &[Delta]| {
            let own = model.record(kind).and_then(Record::base_copy);
            own.iter().map(Element::from).chain(deltas.iter().map(Element::from)).collect()
        };
        let lists = self.deltas.iter().filter(|(_, deltas)| !deltas.is_empty());
        lists.map(|(kind, deltas)| (kind.as_str(), elements(kind, deltas))).collect()
    }
}

/// Replaces all that [`strip`] removes by these additions. Every record loses the deltas that
/// it has, also one that `additions` does not name, and the document its journal: what is to
/// stay must be given again.
///
/// The journal is named by an instruction after `<revision>`, or else right after the start tag
/// of the root. The elements come first in their records, in the given order: right after the
/// start tag of the `<data>`, because some clients take the last `<checksum>` and `<location>`
/// in it for the record's own, however deep they are. Others take the first ones; so a
/// `<delta-base>` with a copy of the record's own comes before deltas. White space, line ends and
/// the namespace prefix follow the document. `strip` of the result is `strip(document)`.
///
/// Errors where the document cannot be read, where it has no record of a type
/// that deltas are listed for, or where that record is self-closing or not
/// one to be left alone ([`Record::servable`]), where the root is self-closing and there is a
/// journal, where that has names or numbers that would not be read again, and where the result
/// would be over [`MAX_SIZE`](crate::MAX_SIZE). For a list of no deltas the record need not be
/// there.
///
/// [`Record::servable`]: crate::Record::servable
pub fn with_deltas(document: &[u8], additions: &Additions) -> Result<Vec<u8>, EditError> {
    let given = read::document(document).map_err(EditError::Read)?;
    let insertions = additions.insertions(&given.model);
    insert::check(&given, &insertions)?;
    let (bare, parsed) = without_ours(document, given)?;
    let edited = insert::all(&bare, &parsed, &insertions, additions.journal.as_ref())?;
    let read_back = check::same_but_for(&parsed.model, &edited, additions)?;
    check::same_bytes(&bare, &remove::all(&edited, &read_back))?;
    Ok(edited)
}

/// The document without anything of ours, and what it then says.
fn without_ours(document: &[u8], parsed: Document) -> Result<(Vec<u8>, Document), EditError> {
    let bare = remove::all(document, &parsed);
    if bare.len() == document.len() {
        return Ok((bare, parsed));
    }
    let read_back = check::same_but_for(&parsed.model, &bare, &Additions::default())?;
    Ok((bare, read_back))
}
