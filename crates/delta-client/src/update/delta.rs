//! The short way: from the copy held and a delta to the current file.
//!
//! Everything is streamed; nothing is in memory but the blocks at hand and the
//! longest chunk. Any failure but one of the disk is a reason to take the full
//! file, and is told as such.

use codec::{Compression, Expect, OpenReader};
use delta_core::{ApplyError, ChunkError, Limits};
use durable::{Dir, Scratch};
use repomd::Delta;

use super::attempt::AttemptError;
use super::base::{expected, open_base};
use super::context::Context;
use super::fetched::Stored;
use super::plan::{ByDelta, Plan};
use super::store::Output;
use crate::apply::longest_delta;
use crate::digest::digest;
use crate::fetch::{FetchError, Order, fetch};
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

    let max_open = plan.record.open_size.unwrap_or(context.options.max_open_size);
    let max_open = max_open.min(context.options.max_open_size);
    let expect = Expect { max_open_size: longest_delta(max_open), ..Expect::default() };
    let name = format!("{}", delta.location);
    let mut delta_reader = OpenReader::new(scratch.open()?, &name, expect).map_err(AttemptError::unusable)?;
    if delta_reader.compression() != Compression::Bzip2 {
        let found = delta_reader.compression();
        return Err(AttemptError::unusable(format!(
            "`{name}` is no delta: expected bzip2 data, found {found}"
        )));
    }
    let mut base_reader = open_base(context, base, expected(base.record, context.options.max_open_size))?;

    meter.begin(Step::Apply, plan.record.open_size);
    let mut out = Output::new(context, plan, base, (dir, temporary), open_checksum.algorithm(), meter)?;
    let limits = Limits::default().with_max_output(max_open);
    let applied = delta_core::apply(*rule, &mut base_reader, &mut delta_reader, &mut out, &limits);
    let (store, made) = out.open.finish();
    let result = match applied {
        Err(ApplyError::Output { .. }) => return Err(store.failure()),
        Err(error) => Err(AttemptError::unusable(explain(error, &name))),
        Ok(_) => match made.differs(plan.record.open_size, Some(open_checksum)) {
            Some((expected, found)) => Err(AttemptError::unusable(format!(
                "the result of `{name}` is not the file wanted: expected {expected}, found {found}"
            ))),
            None => Ok(()),
        },
    };
    if matches!(result, Err(AttemptError::Unusable(_))) {
        // Whose fault was it? The rest of the copy tells.
        base_reader.finish().map_err(AttemptError::damaged_base)?;
    }
    result?;
    store.finish(plan, made.size)
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

/// In one line what is wrong with a delta.
fn explain(error: ApplyError, name: &str) -> String {
    match error {
        ApplyError::ReadDelta { source, .. }
        | ApplyError::Old { source: ChunkError::Read { source, .. } } => source.to_string(),
        error => format!("cannot apply `{name}`: {error}"),
    }
}
