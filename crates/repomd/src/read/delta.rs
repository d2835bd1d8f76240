//! One `<delta>` element of format 1.
//!
//! What is missing or malformed in it makes it unusable and nothing else;
//! only markup that is not well-formed spoils the document.

use super::BASE;
use super::fields::{Fields, invalid, required};
use crate::excerpt::excerpt;
use crate::model::{Delta, DeltaEntry};
use crate::ours::DELTA;
use crate::read::ReadError;
use crate::value::Location;
use crate::xml::{Cursor, Tag};

/// Reads the delta whose start tag is `tag`; `base` is the `xml:base` that is
/// in force outside it.
pub(super) fn read(
    cursor: &mut Cursor<'_>,
    tag: &Tag<'_>,
    base: Option<&str>,
) -> Result<DeltaEntry, ReadError> {
    let fields = Fields::read(cursor, &["checksum", "location", "timestamp", "size"])?;
    let base = tag.attribute(BASE).or(base);
    Ok(match check(&fields, tag.start, base) {
        Ok(delta) => DeltaEntry::Usable(delta),
        Err(why) => DeltaEntry::Unusable(why),
    })
}

fn check(fields: &Fields<'_>, offset: usize, base: Option<&str>) -> Result<Delta, ReadError> {
    let missing = |element| ReadError::MissingElement { offset, parent: DELTA, element };
    fields.check_duplicates()?;
    Ok(Delta {
        checksum: fields.checksum("checksum")?.ok_or_else(|| missing("checksum"))?,
        location: location(fields, base)?.ok_or_else(|| missing("location"))?,
        timestamp: fields.timestamp("timestamp")?.ok_or_else(|| missing("timestamp"))?,
        size: fields.number("size")?.ok_or_else(|| missing("size"))?,
    })
}

/// The location of an element of ours, which must be within the repository.
pub(super) fn location(fields: &Fields<'_>, base: Option<&str>) -> Result<Option<Location>, ReadError> {
    let Some(field) = fields.get("location") else {
        return Ok(None);
    };
    let href = required(&field.tag, "href")?;
    if let Some(base) = field.tag.attribute(BASE).or(base) {
        return Err(ReadError::Elsewhere { offset: field.tag.start, base: excerpt(base) });
    }
    Location::new(href).map(Some).map_err(|why| invalid(&field.tag, why.into()))
}
