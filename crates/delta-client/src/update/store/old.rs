//! What a zchunk file is rebuilt of besides its open content: the file that is held, the
//! rule by which chunks begin, and room for them.

use std::fs::File;

use codec::recipe::{ZchunkCuts, ZchunkFile};
use durable::{Dir, Room};

use crate::cache::LocalFile;
use crate::update::attempt::AttemptError;
use crate::update::base::expected;
use crate::update::context::Context;
use crate::update::exact::chunk_rule;
use crate::update::plan::Plan;

pub(super) struct OldFile {
    pub(super) file: ZchunkFile<File>,
    pub(super) cuts: ZchunkCuts,
    pub(super) scratch: Room,
}

impl OldFile {
    /// Reads and verifies the file held.
    pub(super) fn open(
        context: &Context<'_>,
        plan: &Plan<'_>,
        base: &LocalFile<'_>,
        (dir, temporary): (&Dir, &str),
    ) -> Result<Self, AttemptError> {
        let rule = chunk_rule(plan.record)
            .ok_or_else(|| AttemptError::unusable("no rule is known for its chunks"))?;
        let cuts = if rule.needs_primary() {
            ZchunkCuts::ByPrimary(rule, context.primary().map_err(AttemptError::unusable)?)
        } else {
            ZchunkCuts::Rule(rule)
        };
        let held = context.held.ok_or_else(|| AttemptError::unusable("nothing is held"))?;
        let path = held.dir.path().join(base.name);
        let opened = held.dir.open_file(base.name).map_err(AttemptError::damaged_base)?;
        let opened =
            opened.ok_or_else(|| AttemptError::damaged_base(format!("`{}` is not there", path.display())))?;
        let expect = expected(base.record, context.options.max_open_size);
        let file = ZchunkFile::read(opened, &path, expect).map_err(AttemptError::damaged_base)?;
        // Where the file system does not tell what is free, only the disk is a limit.
        let scratch = dir.room(&format!("{temporary}-chunks"), dir.spare_bytes().unwrap_or(u64::MAX))?;
        Ok(Self { file, cuts, scratch })
    }
}
