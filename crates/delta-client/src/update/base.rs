//! The copy held, of which a new file is made: opened, and compared with what its record
//! says while it is read.

use codec::recipe::zchunk::{ZchunkCuts, ZchunkFile};
use codec::{Expect, OpenReader};
use durable::Dir;
use repomd::Record;

use super::attempt::AttemptError;
use super::context::Context;
use super::plan::Plan;
use crate::cache::LocalFile;
use crate::digest::digest_or_none;
use crate::patch::{OldBytes, ZchunkBase, scratch};

/// The copy held, which must be as expected.
pub(super) fn open_base(
    context: &Context<'_>,
    base: &LocalFile<'_>,
    expect: Expect,
) -> Result<OpenReader, AttemptError> {
    let held = context.local.ok_or_else(|| AttemptError::unusable("nothing is held"))?;
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

/// What a zchunk file is rebuilt of besides its open content: the file that is held, which is
/// read and verified, the rule by which chunks begin, and room for them.
pub(super) fn zchunk_base(
    context: &Context<'_>,
    plan: &Plan<'_>,
    base: &LocalFile<'_>,
    place: (&Dir, &str),
) -> Result<ZchunkBase, AttemptError> {
    let no_rule = || AttemptError::unusable("no rule is known for its chunks");
    let rule = plan.chunk_rule().ok_or_else(no_rule)?;
    let cuts = if rule.needs_primary() {
        ZchunkCuts::ByPrimary(rule, context.primary().map_err(AttemptError::unusable)?)
    } else {
        ZchunkCuts::Rule(rule)
    };
    let held = context.local.ok_or_else(|| AttemptError::unusable("nothing is held"))?;
    let (opened, path) = held.open(base).map_err(AttemptError::damaged_base)?;
    let bytes: Box<dyn OldBytes> = Box::new(opened);
    let expect = expected(base.record, context.options.max_open_size);
    let file = ZchunkFile::read(bytes, &path, expect).map_err(AttemptError::damaged_base)?;
    Ok(ZchunkBase { file, cuts, scratch: scratch(place, "chunks")? })
}
