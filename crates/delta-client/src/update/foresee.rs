//! What an update would download, as a dry run tells it: the ways that were planned, as
//! far as they can be known without bringing a file. Only heads of journals are read.

use super::attempt::AttemptError;
use super::context::Context;
use super::journal;
use super::obtain::{planned, planned_by, warn_of_journal};
use super::plan::{ByJournal, Plan, Way};
use crate::error::UpdateError;
use crate::progress::Meter;
use crate::report::TypeUpdated;

/// What would be done for each type, in bytes that would really be downloaded.
pub(super) fn types(context: &Context<'_>, plans: &[Plan<'_>]) -> Result<Vec<TypeUpdated>, UpdateError> {
    let of_plan = |plan: &Plan<'_>| match &plan.way {
        // All of them are obtained for others, and counted there.
        Way::Journal(_) | Way::Delta(_) if context.options.complete => {
            Ok(TypeUpdated { bytes_downloaded: 0, ..planned(plan) })
        }
        Way::Journal(by) => by_journal(context, plan, by),
        _ => Ok(planned(plan)),
    };
    plans.iter().map(of_plan).collect()
}

fn by_journal(
    context: &Context<'_>,
    plan: &Plan<'_>,
    by: &ByJournal<'_>,
) -> Result<TypeUpdated, UpdateError> {
    let kind = &plan.record.kind;
    let mut meter = Meter::new(context.progress, kind);
    let why = match journal::foresee(context, plan, by, &mut meter) {
        Ok(bytes) => return Ok(TypeUpdated { bytes_downloaded: bytes, ..planned(plan) }),
        Err(AttemptError::Local(error)) => return Err(error),
        Err(AttemptError::NotCheapest(why)) => why,
        Err(failed) => {
            let why = failed.to_string();
            warn_of_journal(context, kind, &why);
            why
        }
    };
    let way = by.otherwise.map_or(Way::Full, Way::Delta);
    let mut foreseen = planned_by(plan, &way);
    foreseen.bytes_downloaded += meter.downloaded();
    foreseen.reason = why;
    Ok(foreseen)
}
