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
/// The longest name of a recipe, in bytes.
const MAX_RECIPE: usize = 64;
/// Hexadecimal digits of a SHA-256.
const DIGITS: usize = 64;

/// Reads the attributes of `tag`; `base` is the `xml:base` that is in force
/// outside it.
pub(super) fn read(tag: &Tag<'_>, base: Option<&str>) -> JournalEntry {
    match judge(tag, tag.attribute(BASE).or(base)) {
        Ok(journal) => JournalEntry::Usable(journal),
        Err(why) => JournalEntry::Unusable(why),
    }
}

fn judge(tag: &Tag<'_>, base: Option<&str>) -> Result<Journal, ReadError> {
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
        recipe: tag.attribute("recipe").filter(|name| is_recipe(name)).map(str::to_owned),
    })
}

fn sha256(tag: &Tag<'_>, attribute: &'static str) -> Result<Checksum, ReadError> {
    let hex = required(tag, attribute)?;
    let checksum = Checksum::new("sha256", hex).map_err(|why| invalid(tag, why))?;
    if checksum.hex().len() != DIGITS {
        return Err(invalid(tag, ValueError::ChecksumHex { found: excerpt(hex) }));
    }
    Ok(checksum)
}

/// Whether a text may be the name of a recipe; others are as good as none.
fn is_recipe(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    !name.is_empty() && name.len() <= MAX_RECIPE && name.bytes().all(allowed)
}
