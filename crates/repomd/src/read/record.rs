//! One `<data>` element.
//!
//! A location that must not be followed does not spoil the document: it is
//! modelled as such, and the record stays.

use super::fields::{Fields, required};
use super::{BASE, Budget, Place, base as delta_base, delta, journal};
use crate::excerpt::excerpt;
use crate::model::{Record, RecordLocation};
use crate::ours;
use crate::read::ReadError;
use crate::value::Location;
use crate::xml::{Cursor, Tag};

/// The fields of a record.
const FIELDS: &[&str] = &[
    "checksum",
    "open-checksum",
    "header-checksum",
    "location",
    "timestamp",
    "size",
    "open-size",
    "header-size",
    "database_version",
];

/// Most bytes of a record's type; real ones have up to twenty.
const MAX_TYPE: usize = 255;
/// What a type is.
const TYPE: &str = "a record type of at most 255 bytes without control characters";

/// Reads the record whose start tag is `data`; `base` is the `xml:base` that
/// is in force outside it.
pub(super) fn read(
    cursor: &mut Cursor<'_>,
    data: &Tag<'_>,
    base: Option<&str>,
    budget: &mut Budget,
) -> Result<(Record, Place), ReadError> {
    let kind = required(data, "type")?;
    if kind.is_empty() || kind.len() > MAX_TYPE || kind.contains(char::is_control) {
        let found = if kind.is_empty() { "an empty one".to_owned() } else { excerpt(kind) };
        return Err(ReadError::Syntax { offset: data.start, expected: TYPE.to_owned(), found });
    }
    let base = data.attribute(BASE).or(base);
    let mut fields = Fields::new(FIELDS);
    let mut delta_bases = Vec::new();
    let mut journals = Vec::new();
    let mut deltas = Vec::new();
    let mut ours = Vec::new();
    let mut is_first = true;
    while let Some(tag) = cursor.child()? {
        let first = std::mem::take(&mut is_first);
        if tag.known && ours::is_ours(tag.name) {
            budget.spend("records and deltas", tag.start)?;
            match tag.name {
                ours::DELTA => deltas.push(delta::read(cursor, &tag, base)?),
                ours::DELTA_BASE => delta_bases.push(delta_base::read(cursor, &tag, base, first)?),
                _ => {
                    journals.push(journal::read(&tag, base));
                    cursor.skip()?;
                }
            }
            ours.push(tag.start..cursor.position());
        } else if fields.wants(&tag) {
            fields.add(cursor, tag)?;
        } else {
            cursor.skip()?;
        }
    }
    fields.check_duplicates()?;
    let record = Record {
        kind: kind.to_owned(),
        checksum: fields.checksum("checksum")?,
        open_checksum: fields.checksum("open-checksum")?,
        header_checksum: fields.checksum("header-checksum")?,
        location: location(&fields, base)?,
        timestamp: fields.timestamp("timestamp")?,
        size: fields.number("size")?,
        open_size: fields.number("open-size")?,
        header_size: fields.number("header-size")?,
        database_version: fields.number("database_version")?,
        delta_bases,
        journals,
        deltas,
    };
    let place = Place {
        prefix: data.prefix.to_owned(),
        start: data.start,
        content: (!data.empty).then_some(data.end),
        ours,
    };
    Ok((record, place))
}

fn location(fields: &Fields<'_>, base: Option<&str>) -> Result<Option<RecordLocation>, ReadError> {
    let Some(field) = fields.get("location") else {
        return Ok(None);
    };
    let href = required(&field.tag, "href")?;
    if let Some(base) = field.tag.attribute(BASE).or(base) {
        return Ok(Some(RecordLocation::Elsewhere { base: base.to_owned(), href: href.to_owned() }));
    }
    Ok(Some(match Location::new(href) {
        Ok(location) => RecordLocation::Local(location),
        Err(why) => RecordLocation::Unsafe { href: href.to_owned(), why },
    }))
}
