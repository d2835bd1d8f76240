//! From the copy held, which has the content in another compression, to the
//! publisher's file: by its recipe alone, without downloading anything.

use durable::Dir;

use crate::cache::LocalFile;
use crate::patch::{Change, Content};
use crate::progress::{Meter, Step};
use crate::update::attempt::AttemptError;
use crate::update::base::{expected, open_base};
use crate::update::context::Context;
use crate::update::fetched::Stored;
use crate::update::patching::Patching;
use crate::update::plan::Plan;

/// Compresses the content of `base` as `plan` says.
pub(crate) fn obtain(
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
