//! Where the chunks of the new primary begin, by which those of filelists and other are
//! told. So these are obtained when primary is there.

use std::collections::BTreeMap;
use std::sync::Arc;

use codec::memory::decoding_memory;
use codec::recipe::zchunk::{ChunkRule, PrimaryChunks, PrimaryError};
use codec::{Expect, OpenReader};
use durable::Dir;

use crate::patch::StoredForm;
use crate::update::base::expected;
use crate::update::context::{Context, Primary};
use crate::update::fetched::FetchedFile;
use crate::update::memory;
use crate::update::plan::{Plan, Way};

/// The types that tell of it, the first that there is.
const KINDS: [&str; 2] = ["primary", "primary_zck"];

/// Whether primary will be there.
pub(super) fn has_primary(plans: &[Plan<'_>]) -> bool {
    plans.iter().any(|plan| KINDS.contains(&&*plan.record.kind))
}

/// Whether the file of `plan` is rebuilt by the chunks of primary.
pub(crate) fn is_follower(plan: &Plan<'_>) -> bool {
    let is_rebuilt = matches!(plan.form, StoredForm::Exact(recipe) if recipe.needs_old_file());
    let follows = plan.chunk_rule().is_some_and(ChunkRule::needs_primary);
    is_rebuilt && follows && !matches!(plan.way, Way::Keep(_) | Way::Full)
}

/// What came of reading primary.
pub(crate) struct PrimaryRead {
    pub(crate) chunks: Primary,
    /// The number of its plan, and what is wrong, where the file is the one that is held, and
    /// damaged.
    pub(crate) damaged: Option<(usize, String)>,
}

/// Why primary was not read, in one line.
enum Unread {
    Damaged(String),
    /// It cannot be used, whole as it may be.
    Unfit(String),
}

/// Reads primary, which is in `work` if it was obtained, else the one that is held.
pub(crate) fn read_primary(
    context: &Context<'_>,
    plans: &[Plan<'_>],
    (work, obtained): (&Dir, &BTreeMap<String, FetchedFile>),
) -> PrimaryRead {
    let max_open_size = context.options.max_open_size;
    for kind in KINDS {
        let found = if let Some(FetchedFile { stored, .. }) = obtained.get(kind) {
            let expect = Expect {
                checksum: Some(stored.checksum),
                size: stored.size,
                max_open_size,
                ..Expect::default()
            };
            read(context, (work, &stored.name), expect)
        } else if let Some(Way::Keep(file)) = way(plans, kind)
            && let Some(held) = context.local
        {
            read(context, (&held.dir, file.name), expected(file.record, max_open_size))
        } else {
            continue;
        };
        let number = plans.iter().position(|plan| plan.record.kind == kind);
        let damaged = match (&found, number) {
            (Err(Unread::Damaged(why)), Some(number)) if !obtained.contains_key(kind) => {
                Some((number, why.clone()))
            }
            _ => None,
        };
        let why = |(Unread::Damaged(why) | Unread::Unfit(why)): Unread| {
            format!("its chunks follow those of primary, which cannot be read: {why}")
        };
        return PrimaryRead { chunks: found.map(Arc::new).map_err(why), damaged };
    }
    PrimaryRead { chunks: Err(NO_PRIMARY.to_owned()), damaged: None }
}

/// Why a follower is not rebuilt where primary is not wanted.
pub(super) const NO_PRIMARY: &str = "its chunks follow those of primary, which is not kept here";

fn way<'p>(plans: &[Plan<'p>], kind: &str) -> Option<Way<'p>> {
    plans.iter().find(|plan| plan.record.kind == kind).map(|plan| plan.way)
}

fn read(context: &Context<'_>, (dir, name): (&Dir, &str), expect: Expect) -> Result<PrimaryChunks, Unread> {
    let damaged = Unread::Damaged;
    let file = dir.open_file(name).map_err(|error| damaged(error.to_string()))?;
    let file = file.ok_or_else(|| damaged(format!("`{name}` is not there")))?;
    let bytes = decoding_memory(&file, &expect).map_err(|error| damaged(error.to_string()))?;
    if bytes > memory::MOST {
        return Err(Unread::Unfit(format!("it takes {} MiB to be decompressed", bytes >> 20)));
    }
    let _share = context.memory.take(bytes);
    let path = dir.path().join(name);
    let reader = OpenReader::new(file, path, expect).map_err(|error| damaged(error.to_string()))?;
    PrimaryChunks::read(reader).map_err(|error| match error {
        PrimaryError::Read(error) => damaged(error.to_string()),
        beyond => Unread::Unfit(beyond.to_string()),
    })
}
