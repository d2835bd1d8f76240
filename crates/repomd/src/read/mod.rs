//! From bytes to the model, and to the places in the document where the
//! editor works.
//!
//! Elements are told apart by name and nesting, so that a `<checksum>` within
//! a `<delta>` is never taken for the record's own. Nothing is repaired.

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
pub(crate) use journal::FORMAT;

use crate::excerpt::excerpt;
use crate::model::Repomd;
use crate::xml::Cursor;
use fields::Fields;

/// The most records, and the most deltas and tags, that one document may have.
const MAX_ITEMS: usize = 10_000;

/// The attribute that moves locations out of the repository.
const BASE: &str = "xml:base";

/// A document: what it says, and where.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) model: Repomd,
    /// One for each record of the model, in the same order.
    pub(crate) places: Vec<Place>,
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

/// Reads a document.
pub(crate) fn document(bytes: &[u8]) -> Result<Document, ReadError> {
    let mut cursor = Cursor::new(bytes)?;
    let root = cursor.root()?;
    let base = root.attribute(BASE);
    let mut fields = Fields::new(&["revision", "repoid", "contenthash"]);
    let mut model = Repomd::default();
    let mut places: Vec<Place> = Vec::new();
    let mut index_of_kind = BTreeMap::new();
    let mut budget = Budget::default();
    while let Some(tag) = cursor.child()? {
        if tag.known && tag.name == "data" {
            budget.spend("records and deltas", tag.start)?;
            let (record, place) = record::read(&mut cursor, &tag, base, &mut budget)?;
            let first = index_of_kind.insert(record.kind.clone(), tag.start);
            if let Some(first) = first {
                return Err(ReadError::DuplicateRecord {
                    offset: tag.start,
                    kind: excerpt(&record.kind),
                    first,
                });
            }
            model.records.push(record);
            places.push(place);
        } else if tag.known && tag.name == "tags" {
            tags::read(&mut cursor, &mut model.tags, &mut budget)?;
        } else if fields.wants(&tag) {
            fields.add(&mut cursor, tag)?;
        } else {
            cursor.skip()?;
        }
    }
    cursor.finish()?;
    fields.check_duplicates()?;
    model.revision = fields.text("revision");
    model.repoid = fields.typed("repoid");
    model.contenthash = fields.typed("contenthash");
    Ok(Document { model, places })
}

/// Counts what is kept of a document, which bounds the memory it takes.
#[derive(Debug, Default)]
struct Budget {
    spent: usize,
}

impl Budget {
    fn spend(&mut self, what: &'static str, offset: usize) -> Result<(), ReadError> {
        self.spent += 1;
        if self.spent > MAX_ITEMS {
            return Err(ReadError::TooMany { offset, what, limit: MAX_ITEMS });
        }
        Ok(())
    }
}
