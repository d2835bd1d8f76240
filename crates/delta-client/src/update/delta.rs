//! The short ways: from the copy held to the current file, by a delta or by a recipe alone.
//!
//! Everything is streamed; nothing is in memory but the blocks at hand and the
//! longest chunk. Any failure but one of the disk is a reason to take the full
//! file, and is told as such.

use durable::Dir;
use durable::scratch::Scratch;
use repomd::Delta;

use super::attempt::AttemptError;
use super::base::{expected, open_base};
use super::context::Context;
use super::fetched::Stored;
use super::patching::{Patching, open_content};
use super::plan::{ByDelta, Plan};
use crate::cache::LocalFile;
use crate::digest::digest;
use crate::fetch::{FetchError, Order, fetch};
use crate::patch::{Change, Content, open_delta};
use crate::progress::{Meter, Step};

/// Fetches a delta, from one source and once, and applies it.
pub(super) fn obtain(
    context: &Context<'_>,
    plan: &Plan<'_>,
    by: &ByDelta<'_>,
    (dir, temporary): (&Dir, &str),
    meter: &mut Meter<'_>,
) -> Result<Stored, AttemptError> {
    let ByDelta { delta, base, rule, open_checksum } = by;
    let scratch = download(context, delta, (dir, temporary), meter)?;

    let name = delta.location.to_string();
    let patching = Patching { context, plan, base, place: (dir, temporary), name: &name };
    let mut delta =
        open_delta(scratch.open()?, &name, patching.max_open()).map_err(AttemptError::unusable)?;
    let mut old = open_base(context, base, expected(base.record, context.options.max_open_size))?;
    meter.begin(Step::Apply, plan.record.open_size);
    let change = Change::Delta { rule: *rule, old: &mut old, delta: &mut delta };
    let patched = patching.run(change, open_content(plan.record, [*open_checksum]), meter)?;
    // The rest of the copy tells whose fault it was.
    patching.store(patched, || old.finish().map(drop).map_err(AttemptError::damaged_base))
}

/// Makes the publisher's file of the copy held, which has the content in another compression,
/// by its recipe alone: nothing is downloaded.
pub(super) fn rebuild(
    context: &Context<'_>,
    plan: &Plan<'_>,
    base: &LocalFile<'_>,
    place: (&Dir, &str),
    meter: &Meter<'_>,
) -> Result<Stored, AttemptError> {
    let mut old = open_base(context, base, expected(base.record, context.options.max_open_size))?;
    meter.begin(Step::Apply, plan.record.open_size);
    let patching = Patching { context, plan, base, place, name: base.name };
    // The reader compares the content, which stays.
    let patched = patching.run(Change::Form { old: &mut old }, Content::default(), meter)?;
    if patched.is_err() {
        // A reader repeats its error.
        old.finish().map_err(AttemptError::damaged_base)?;
    }
    patching.store(patched, || Ok(()))
}

fn download(
    context: &Context<'_>,
    delta: &Delta,
    (dir, temporary): (&Dir, &str),
    meter: &mut Meter<'_>,
) -> Result<Scratch, AttemptError> {
    let checksum = digest(&delta.checksum).map_err(AttemptError::Unusable)?;
    let order = Order {
        location: &delta.location,
        size: Some(delta.size),
        max_size: context.options.max_file_size,
        checksum: &checksum,
        step: Step::Delta,
    };
    let fetched = context.take_one(&delta.location, meter, |source, meter| {
        fetch(&[source], &order, context.patience().once(), (dir, temporary), meter)
    });
    match fetched.map_err(AttemptError::unusable)? {
        Ok(pending) => Ok(pending.into_scratch()?),
        Err(FetchError::Store(error)) => Err(error.into()),
        Err(error) => Err(AttemptError::unusable(error)),
    }
}
