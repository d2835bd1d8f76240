//! The copy held, of which a new file is made: opened, and compared with what its record
//! says while it is read.

use codec::{Expect, OpenReader};
use repomd::Record;

use super::attempt::AttemptError;
use super::context::Context;
use crate::cache::LocalFile;
use crate::digest::digest_or_none;

/// The copy held, which must be as expected.
pub(super) fn open_base(
    context: &Context<'_>,
    base: &LocalFile<'_>,
    expect: Expect,
) -> Result<OpenReader, AttemptError> {
    let held = context.held.ok_or_else(|| AttemptError::unusable("nothing is held"))?;
    let (file, path) = held.open(base).map_err(AttemptError::damaged_base)?;
    OpenReader::new(file, path, expect).map_err(AttemptError::damaged_base)
}

/// What a file must be according to its record.
pub(super) fn expected(record: &Record, max_open_size: u64) -> Expect {
    Expect {
        checksum: digest_or_none(record.checksum.as_ref()),
        size: record.size,
        open_checksum: digest_or_none(record.open_checksum.as_ref()),
        open_size: record.open_size,
        max_open_size,
        ..Expect::default()
    }
}
