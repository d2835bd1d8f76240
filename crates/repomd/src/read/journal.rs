//! One `<delta-journal>` element: all it says is in its attributes.
//!
//! What is missing or malformed in it, or of another format, makes it unusable
//! and nothing else.

use super::BASE;
use super::fields::{invalid, required};
use crate::excerpt::excerpt;
use crate::model::{Journal, JournalEntry};
use crate::read::ReadError;
use crate::value::{Checksum, Location, ValueError, parse_number};
use crate::xml::Tag;

/// The format that this module knows.
pub(crate) const FORMAT: &str = "2";
/// Hexadecimal digits of a SHA-256.
const DIGITS: usize = 64;

/// Reads the attributes of `tag`; `base` is the `xml:base` that is in force
/// outside it.
pub(super) fn read(tag: &Tag<'_>, base: Option<&str>) -> JournalEntry {
    match check(tag, tag.attribute(BASE).or(base)) {
        Ok(journal) => JournalEntry::Usable(journal),
        Err(why) => JournalEntry::Unusable(why),
    }
}

fn check(tag: &Tag<'_>, base: Option<&str>) -> Result<Journal, ReadError> {
    let format = required(tag, "format")?;
    if format != FORMAT {
        return Err(ReadError::Format { offset: tag.start, expected: FORMAT, found: excerpt(format) });
    }
    if let Some(base) = base {
        return Err(ReadError::Elsewhere { offset: tag.start, base: excerpt(base) });
    }
    let wrong = |why: ValueError| invalid(tag, why);
    let size = parse_number(required(tag, "size")?).map_err(wrong)?;
    let head_size = parse_number(required(tag, "head-size")?).map_err(wrong)?;
    Ok(Journal {
        location: Location::new(required(tag, "href")?).map_err(|why| wrong(why.into()))?,
        size,
        checksum: sha256(tag, "sha256")?,
        head_size,
        head_checksum: sha256(tag, "head-sha256")?,
        open_checksum: sha256(tag, "open-sha256")?,
        recipe: optional(tag, "recipe"),
        chunks: optional(tag, "chunks"),
    })
}

/// A number that cannot be understood is as good as none.
fn optional(tag: &Tag<'_>, attribute: &str) -> Option<u8> {
    tag.attribute(attribute).and_then(|number| u8::try_from(parse_number(number).ok()?).ok())
}

fn sha256(tag: &Tag<'_>, attribute: &'static str) -> Result<Checksum, ReadError> {
    let hex = required(tag, attribute)?;
    let checksum = Checksum::new("sha256", hex).map_err(|why| invalid(tag, why))?;
    if checksum.hex().len() != DIGITS {
        return Err(invalid(tag, ValueError::ChecksumHex { found: excerpt(hex) }));
    }
    Ok(checksum)
}
