//! One `<delta-base>` element: a copy of the record's own checksum and location, for
//! readers that take the first `<checksum>` and `<location>` in a record.
//!
//! What is missing or malformed in it spoils only it. Whether it is the copy that
//! it should be is not decided here.

use super::BASE;
use super::delta::location;
use super::fields::Fields;
use crate::model::{BaseCopy, DeltaBase};
use crate::ours::DELTA_BASE;
use crate::read::ReadError;
use crate::xml::{Cursor, Tag};

/// Reads the element whose start tag is `tag`; `base` is the `xml:base` that is
/// in force outside it, and `is_first` whether no element of the record comes
/// before it.
pub(super) fn read(
    cursor: &mut Cursor<'_>,
    tag: &Tag<'_>,
    base: Option<&str>,
    is_first: bool,
) -> Result<DeltaBase, ReadError> {
    let fields = Fields::read(cursor, &["checksum", "location"])?;
    let base = tag.attribute(BASE).or(base);
    Ok(DeltaBase { copy: check(&fields, tag.start, base), is_first })
}

fn check(fields: &Fields<'_>, offset: usize, base: Option<&str>) -> Result<BaseCopy, ReadError> {
    fields.check_duplicates()?;
    let missing = || ReadError::MissingElement { offset, parent: DELTA_BASE, element: "location" };
    let checksum = fields.checksum("checksum")?;
    Ok(BaseCopy { checksum, location: location(fields, base)?.ok_or_else(missing)? })
}
