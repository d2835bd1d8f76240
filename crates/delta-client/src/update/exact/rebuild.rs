//! From the copy held, which has the content in another compression, to the
//! publisher's file: by its recipe alone, without downloading anything.

use std::io;

use crate::cache::LocalFile;
use crate::progress::{Meter, Step};
use crate::update::attempt::AttemptError;
use crate::update::base::expected;
use crate::update::base::open_base;
use crate::update::context::Context;
use crate::update::fetched::Stored;
use crate::update::plan::Plan;
use crate::update::store::Output;
use durable::Dir;

/// Compresses the content of `base` as `plan` says.
pub(crate) fn obtain(
    context: &Context<'_>,
    plan: &Plan<'_>,
    base: &LocalFile<'_>,
    place: (&Dir, &str),
    meter: &Meter<'_>,
) -> Result<Stored, AttemptError> {
    let mut reader = open_base(context, base, expected(base.record, context.options.max_open_size))?;
    meter.begin(Step::Apply, plan.record.open_size);
    let mut out = Output::new(context, plan, base, place, plan.checksum.algorithm(), meter)?;
    let copied = io::copy(&mut reader, &mut out);
    let (store, made) = out.open.finish();
    if let Err(error) = copied {
        // A reader repeats its error, a writer has its own.
        reader.finish().map_err(AttemptError::damaged_base)?;
        return Err(match store.failure() {
            AttemptError::Unusable(_) => AttemptError::Unusable(error.to_string()),
            failure => failure,
        });
    }
    store.finish(plan, made.size)
}
