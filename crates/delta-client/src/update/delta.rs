//! The short way: from the copy held and a delta to the current file.
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
use crate::digest::digest;
use crate::fetch::{FetchError, Order, fetch};
use crate::patch::{Change, open_delta};
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
    };
    let begin = |meter: &Meter<'_>| meter.begin(Step::Delta, Some(delta.size));
    let fetched = context.take_one(&delta.location, meter, |source, meter| {
        fetch(&[source], &order, context.patience().once(), (dir, temporary), meter, begin)
    });
    match fetched.map_err(AttemptError::unusable)? {
        Ok(pending) => Ok(pending.into_scratch()?),
        Err(FetchError::Store(error)) => Err(error.into()),
        Err(error) => Err(AttemptError::unusable(error)),
    }
}
