//! From bytes to the model, and to the places in the document where the
//! editor works.
//!
//! Elements are told apart by name and nesting, so that a `<checksum>` within
//! a `<delta>` is never taken for the record's own. Nothing is repaired: a field
//! that is malformed is absent, and a fault tells so.

mod base;
mod delta;
mod error;
mod fields;
mod journal;
mod record;
mod tags;

use std::collections::BTreeMap;
use std::ops::Range;

pub use error::ReadError;

use crate::MAX_SIZE;
use crate::excerpt::excerpt;
use crate::model::{Fault, Record, Repomd};
use crate::ours::JOURNAL;
use crate::xml::{Cursor, read_converted};
use fields::Fields;

/// The most records, deltas and tags of one document that are kept.
const MAX_ITEMS: usize = 10_000;

/// The attribute that moves locations out of the repository.
const BASE: &str = "xml:base";

/// A document: what it says, and where.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) model: Repomd,
    /// One for each record of the model, in the same order.
    pub(crate) places: Vec<Place>,
    /// The instructions of ours directly below the root, in order.
    pub(crate) instructions: Vec<Range<usize>>,
    /// Where such an instruction is to be: after `<revision>`, or else at the start of the root's
    /// content; nothing where the root is self-closing.
    pub(crate) front: Option<usize>,
}

/// Where a `<data>` is, in byte offsets.
#[derive(Debug)]
pub(crate) struct Place {
    /// Its prefix with the colon, or nothing.
    pub(crate) prefix: String,
    /// Where its start tag starts.
    pub(crate) start: usize,
    /// Where its content starts; nothing where it is self-closing.
    pub(crate) content: Option<usize>,
    /// The elements of ours that are its direct children, in order.
    pub(crate) ours: Vec<Range<usize>>,
}

impl Repomd {
    /// Reads a document.
    ///
    /// Refused are documents over [`MAX_SIZE`], what is not
    /// well-formed UTF-8 XML 1.0 or has a document type, and other root elements
    /// than `repomd`. [`ReadError::is_unsupported`] tells those of them that
    /// package managers read.
    ///
    /// Not refused are malformed fields, types given twice and a malformed
    /// `<?delta-journal?>` ([`Fault`]), records that lead elsewhere
    /// ([`RecordLocation`](crate::model::RecordLocation)) and malformed deltas
    /// ([`DeltaEntry::Unusable`](crate::model::DeltaEntry::Unusable)): they are told as such.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReadError> {
        Ok(document(bytes)?.model)
    }
}

/// Reads a document.
pub(crate) fn document(bytes: &[u8]) -> Result<Document, ReadError> {
    if bytes.len() > MAX_SIZE {
        return Err(ReadError::TooLarge { offset: MAX_SIZE, size: bytes.len() });
    }
    match read_converted(bytes, utf_8) {
        Some(error) => Err(error),
        None => utf_8(bytes),
    }
}

fn utf_8(bytes: &[u8]) -> Result<Document, ReadError> {
    let mut cursor = Cursor::repomd(bytes)?;
    let root = cursor.root()?;
    let base = root.attribute(BASE);
    let mut fields = Fields::new(&["revision", "repoid", "contenthash"]);
    let mut model = Repomd::default();
    let mut places: Vec<Place> = Vec::new();
    let mut budget = Budget::default();
    let mut revision_end = None;
    while let Some(tag) = cursor.child()? {
        if tag.known && tag.name == "data" {
            if !budget.allows(&mut cursor, RECORDS, tag.start) {
                cursor.skip()?;
                continue;
            }
            match record::kind(&tag) {
                Ok(kind) => {
                    let (record, place) = record::read(&mut cursor, &tag, kind, base, &mut budget)?;
                    model.records.push(record);
                    places.push(place);
                }
                // Nobody can ask for it, and nothing of ours is in it.
                Err(why) => {
                    model.faults.push(Fault { element: "data", why });
                    cursor.skip()?;
                }
            }
        } else if tag.known && tag.name == "tags" {
            tags::read(&mut cursor, &mut model.tags, &mut budget)?;
        } else if fields.has_name(&tag) {
            let is_revision = tag.name == "revision";
            fields.add(&mut cursor, tag)?;
            if is_revision {
                revision_end.get_or_insert(cursor.position());
            }
        } else {
            cursor.skip()?;
        }
    }
    cursor.finish()?;
    model.revision = fields.text("revision");
    model.repoid = fields.typed("repoid");
    model.contenthash = fields.typed("contenthash");
    model.faults.extend(fields.into_faults());
    model.journal = journal::read(cursor.instructions()).unwrap_or_else(|why| {
        model.faults.push(Fault { element: JOURNAL, why });
        None
    });
    model.faults.sort_by_key(|fault| fault.why.offset());
    note_repeated(&mut model.records, &places);
    let instructions = cursor.instructions().iter().map(|found| found.span.clone()).collect();
    let front = revision_end.or((!root.empty).then_some(root.end));
    Ok(Document { model, places, instructions, front })
}

/// Types that are given several times are a fault of each of their records.
fn note_repeated(records: &mut [Record], places: &[Place]) {
    let mut of_kind: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (number, record) in records.iter().enumerate() {
        of_kind.entry(record.kind.clone()).or_default().push(number);
    }
    let start = |number: usize| places.get(number).map_or(0, |place| place.start);
    for (kind, numbers) in of_kind {
        let &[first, second, ..] = &numbers[..] else { continue };
        for &number in &numbers {
            let (offset, kind) = (start(number.max(second)), excerpt(&kind));
            let why = ReadError::DuplicateRecord { offset, kind, first: start(first) };
            if let Some(record) = records.get_mut(number) {
                record.faults.push(Fault { element: "data", why });
            }
        }
    }
}

/// What a budget counts in records.
const RECORDS: &str = "records and deltas";

/// Counts what is kept of a document, which bounds the memory it takes.
#[derive(Debug, Default)]
struct Budget {
    spent: usize,
}

impl Budget {
    /// Whether one more of `what` may be kept; where not, the document is one that
    /// is not supported.
    fn allows(&mut self, cursor: &mut Cursor<'_>, what: &str, offset: usize) -> bool {
        if self.spent == MAX_ITEMS {
            let expected = format!("at most {MAX_ITEMS} {what}");
            cursor.unsupported().note(offset, expected, "one more".to_owned());
            return false;
        }
        self.spent += 1;
        true
    }
}
