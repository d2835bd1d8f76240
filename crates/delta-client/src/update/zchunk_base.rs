//! What a zchunk file is rebuilt of besides its open content: the file that is held, the
//! rule by which chunks begin, and room for them.

use codec::recipe::{ZchunkCuts, ZchunkFile};
use durable::Dir;

use super::attempt::AttemptError;
use super::base::expected;
use super::context::Context;
use super::exact::chunk_rule;
use super::plan::Plan;
use crate::cache::LocalFile;
use crate::patch::{OldBytes, ZchunkBase};

/// Reads and verifies the file held.
pub(super) fn zchunk_base(
    context: &Context<'_>,
    plan: &Plan<'_>,
    base: &LocalFile<'_>,
    (dir, temporary): (&Dir, &str),
) -> Result<ZchunkBase, AttemptError> {
    let no_rule = || AttemptError::unusable("no rule is known for its chunks");
    let rule = chunk_rule(plan.record).ok_or_else(no_rule)?;
    let cuts = if rule.needs_primary() {
        ZchunkCuts::ByPrimary(rule, context.primary().map_err(AttemptError::unusable)?)
    } else {
        ZchunkCuts::Rule(rule)
    };
    let held = context.held.ok_or_else(|| AttemptError::unusable("nothing is held"))?;
    let (opened, path) = held.open(base).map_err(AttemptError::damaged_base)?;
    let bytes: Box<dyn OldBytes> = Box::new(opened);
    let expect = expected(base.record, context.options.max_open_size);
    let file = ZchunkFile::read(bytes, &path, expect).map_err(AttemptError::damaged_base)?;
    // Where the file system does not tell what is free, only the disk is a limit.
    let scratch = dir.room(&format!("{temporary}-chunks"), dir.spare_bytes().unwrap_or(u64::MAX))?;
    Ok(ZchunkBase { file, cuts, scratch })
}
