//! What an update would download, as a dry run tells it: the ways that were planned, as
//! far as they can be known without fetching a file. Only heads of journals are read.

use super::attempt::AttemptError;
use super::context::Context;
use super::journal::{self, ByType};
use super::plan::{ByJournal, Plan, Way};
use crate::error::UpdateError;
use crate::patch::StoredForm;
use crate::progress::Meter;
use crate::report::{PathTaken, TypeUpdated};

/// What would be done for each type, in bytes that would really be downloaded.
pub(super) fn types(context: &Context<'_>, plans: &[Plan<'_>]) -> Result<Vec<TypeUpdated>, UpdateError> {
    let types: Vec<ByType<'_, '_>> = plans.iter().filter_map(ByType::of).collect();
    let mut meter = Meter::new(context.progress, "journal");
    let journal = if context.options.complete || types.is_empty() {
        Vec::new()
    } else {
        journal::without_repetition(context, journal::foresee(context, &types, &mut meter))
    };
    let mut journal = journal.into_iter();
    let of_plan = |plan: &Plan<'_>| match &plan.way {
        // All of them are obtained for others, and counted there.
        Way::Journal(_) | Way::Delta(_) if context.options.complete => {
            Ok(TypeUpdated { bytes_downloaded: 0, ..planned(plan) })
        }
        Way::Journal(by) => match journal.next() {
            Some(foreseen) => by_journal(context, plan, by, foreseen),
            None => Ok(planned(plan)),
        },
        _ => Ok(planned(plan)),
    };
    plans.iter().map(of_plan).collect()
}

fn by_journal(
    context: &Context<'_>,
    plan: &Plan<'_>,
    by: &ByJournal<'_>,
    foreseen: Result<u64, AttemptError>,
) -> Result<TypeUpdated, UpdateError> {
    let kind = &plan.record.kind;
    let (why, told) = match foreseen {
        Ok(bytes) => return Ok(TypeUpdated { bytes_downloaded: bytes, ..planned(plan) }),
        Err(AttemptError::Local(error)) => return Err(error),
        Err(AttemptError::NotCheapest(why)) => (why, false),
        Err(AttemptError::Told(why)) => (why, true),
        Err(failed) => {
            let why = failed.to_string();
            context.warn_of_journal(kind, &why);
            (why, true)
        }
    };
    let way = by.otherwise.map_or(Way::Full, Way::Delta);
    let mut foreseen = planned_by(plan, &way);
    (foreseen.reason, foreseen.told) = (why, told);
    Ok(foreseen)
}

/// What a report calls a way.
pub(super) fn path_of(way: &Way<'_>) -> PathTaken {
    match way {
        Way::Keep(_) => PathTaken::Current,
        Way::Rebuild(_) => PathTaken::Rebuilt,
        Way::Journal(_) => PathTaken::Journal,
        Way::Delta(_) => PathTaken::Delta,
        Way::Full => PathTaken::Full,
    }
}

/// What is to be reported of a plan that is not carried out, or needs no work.
pub(super) fn planned(plan: &Plan<'_>) -> TypeUpdated {
    planned_by(plan, &plan.way)
}

/// As [`planned`], by one of the ways to try.
fn planned_by(plan: &Plan<'_>, way: &Way<'_>) -> TypeUpdated {
    let path = path_of(way);
    let (bytes, file) = match way {
        Way::Keep(file) => (0, Some(file.name.to_owned())),
        Way::Rebuild(_) => (0, None),
        // What its steps take only the head tells: see `foresee`.
        Way::Journal(by) => (by.journal.head_size, None),
        Way::Delta(by) => (by.delta.size, None),
        Way::Full => (plan.record.size.unwrap_or(0), None),
    };
    let recipe = match (path, plan.form) {
        (PathTaken::Rebuilt | PathTaken::Journal | PathTaken::Delta, StoredForm::Exact(recipe)) => {
            Some(recipe.to_string())
        }
        _ => None,
    };
    TypeUpdated {
        data_type: plan.record.kind.clone(),
        path,
        reason: plan.reason.clone(),
        told: false,
        bytes_downloaded: bytes,
        bytes_full: plan.record.size,
        milliseconds: 0,
        file,
        exact: plan.inexact.is_none(),
        inexact: plan.inexact.clone(),
        recipe,
        rebuilding: plan.rebuilding.clone(),
    }
}
