//! One `<data>` element.
//!
//! Nothing in it but markup that is not well-formed spoils the document: a
//! location that must not be followed is modelled as such, a malformed field is
//! absent and a fault, and the record stays.

use super::fields::{Fields, required};
use super::{BASE, Budget, Place, RECORDS, base as delta_base, delta};
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

/// The type of the record whose start tag is `data`.
pub(super) fn kind<'t>(data: &'t Tag<'_>) -> Result<&'t str, ReadError> {
    let kind = required(data, "type")?;
    if kind.is_empty() || kind.len() > MAX_TYPE || kind.contains(char::is_control) {
        let found = if kind.is_empty() { "an empty one".to_owned() } else { excerpt(kind) };
        return Err(ReadError::Syntax { offset: data.start, expected: TYPE.to_owned(), found });
    }
    Ok(kind)
}

/// Reads the record of type `kind` whose start tag is `data`; `base` is the
/// `xml:base` that is in force outside it.
pub(super) fn read(
    cursor: &mut Cursor<'_>,
    data: &Tag<'_>,
    kind: &str,
    base: Option<&str>,
    budget: &mut Budget,
) -> Result<(Record, Place), ReadError> {
    let base = data.attribute(BASE).or(base);
    let mut record = Record { kind: kind.to_owned(), ..Record::default() };
    let mut fields = Fields::new(FIELDS);
    let mut ours = Vec::new();
    let mut is_first = true;
    while let Some(tag) = cursor.child()? {
        let first = std::mem::take(&mut is_first);
        if tag.known && ours::is_ours(tag.name) {
            if !budget.allows(cursor, RECORDS, tag.start) {
                cursor.skip()?;
                continue;
            }
            match tag.name {
                ours::DELTA => record.deltas.push(delta::read(cursor, &tag, base)?),
                _ => record.delta_bases.push(delta_base::read(cursor, &tag, base, first)?),
            }
            ours.push(tag.start..cursor.position());
        } else if fields.has_name(&tag) {
            fields.add(cursor, tag)?;
        } else {
            cursor.skip()?;
        }
    }
    set_fields(&mut record, fields, base);
    let place = Place {
        prefix: data.prefix.to_owned(),
        start: data.start,
        content: (!data.empty).then_some(data.end),
        ours,
    };
    Ok((record, place))
}

/// Takes the fields over; one that is malformed or repeated is absent and a fault.
fn set_fields(record: &mut Record, fields: Fields<'_>, base: Option<&str>) {
    let faults = &mut record.faults;
    record.checksum = fields.value_or_fault("checksum", Fields::checksum, faults);
    record.open_checksum = fields.value_or_fault("open-checksum", Fields::checksum, faults);
    record.header_checksum = fields.value_or_fault("header-checksum", Fields::checksum, faults);
    record.location = fields.value_or_fault("location", |fields, _| location(fields, base), faults);
    record.timestamp = fields.value_or_fault("timestamp", Fields::timestamp, faults);
    record.size = fields.value_or_fault("size", Fields::number, faults);
    record.open_size = fields.value_or_fault("open-size", Fields::number, faults);
    record.header_size = fields.value_or_fault("header-size", Fields::number, faults);
    record.database_version = fields.value_or_fault("database_version", Fields::number, faults);
    faults.extend(fields.into_faults());
    faults.sort_by_key(|fault| fault.why.offset());
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
