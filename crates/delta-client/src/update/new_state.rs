//! Going by a repomd.xml: plans, the forms of files, and obtaining them; once
//! more by a newer repomd.xml where the first cannot be followed, because it
//! was replaced meanwhile.
//!
//! Nothing is put in place here.

use std::collections::BTreeMap;

use durable::Dir;

use super::context::Context;
use super::fetched::FetchedFile;
use super::index::{self, Freshness, Index};
use super::obtain;
use super::plan::{self, Plan};
use super::{deltas, exact, foresee, rebuilding};
use crate::error::{CacheError, UpdateError};
use crate::report::TypeUpdated;

/// How it ended.
pub(super) enum End<S, T> {
    /// It was stopped before anything was obtained.
    Stopped(Index, T),
    /// All files are there.
    Complete(NewState<S>),
}

/// What was planned, and how that would go.
pub(super) struct Planned {
    pub(super) types: Vec<TypeUpdated>,
    /// Whether the copy would be exact, or is.
    pub(super) exact: bool,
}

impl Planned {
    fn new(types: Vec<TypeUpdated>, plans: &[Plan<'_>]) -> Self {
        Self { types, exact: plans.iter().all(|plan| plan.inexact.is_none()) }
    }

    /// What is done, and downloaded, if these are carried out.
    pub(super) fn foreseen(context: &Context<'_>, plans: &[Plan<'_>]) -> Result<Self, UpdateError> {
        Ok(Self::new(foresee::types(context, plans)?, plans))
    }

    /// What is not done: nothing was downloaded.
    pub(super) fn undone(plans: &[Plan<'_>]) -> Self {
        let undone = |plan| TypeUpdated { bytes_downloaded: 0, ..foresee::planned(plan) };
        Self::new(plans.iter().map(undone).collect(), plans)
    }
}

/// All files of a new state.
pub(super) struct NewState<S> {
    pub(super) staging: S,
    pub(super) index: Index,
    /// In the order of repomd.xml.
    pub(super) files: Vec<FetchedFile>,
    /// Whether they make an exact copy.
    pub(super) exact: bool,
}

/// Follows `index`. `begin` makes a place for files, with the directory that
/// they go into, when the first is needed. `stop` may end it when all is planned.
pub(super) fn make_state<S, T>(
    context: &mut Context<'_>,
    mut index: Index,
    begin: impl Fn() -> Result<(S, Dir), CacheError>,
    stop: impl Fn(&Context<'_>, &Index, &[Plan<'_>]) -> Result<Option<T>, UpdateError>,
) -> Result<End<S, T>, UpdateError> {
    let mut place = None;
    let mut obtained = BTreeMap::new();
    let mut again = true;
    loop {
        let plans = plan_all(context, &index)?;
        if let Some(why) = stop(context, &index, &plans)? {
            return Ok(End::Stopped(index, why));
        }
        let (staging, work) = match place.take() {
            Some(place) => place,
            None => begin()?,
        };
        if context.options.complete {
            context.deltas = Some(deltas::obtain(context, &index, &work)?);
        }
        let error = match obtain::all(context, &plans, &work, &mut obtained) {
            Ok(()) => {
                let mut files: Vec<_> =
                    plans.iter().filter_map(|plan| obtained.remove(&plan.record.kind)).collect();
                let exact = exact::mark_exact(context, &index, &plans, &mut files);
                return Ok(End::Complete(NewState { staging, index, files, exact }));
            }
            Err(error) => error,
        };
        if !matches!(error, UpdateError::Full { .. }) || !std::mem::take(&mut again) {
            return Err(error);
        }
        let Ok(newer) = index::fetch(context, Freshness::Anew) else {
            return Err(error);
        };
        if newer.upstream.bytes == index.upstream.bytes {
            return Err(error);
        }
        context.warn(&format!("starting again with a newer repomd.xml: {error}"));
        context.origin = newer.source;
        index = newer;
        place = Some((staging, work));
    }
}

/// Plans for a repomd.xml, with the forms of files.
pub(super) fn plan_all<'a>(context: &Context<'a>, index: &'a Index) -> Result<Vec<Plan<'a>>, UpdateError> {
    let left_out = |why: &UpdateError| context.warn(&format!("leaving out a record: {why}"));
    let mut plans = plan::plan(index, context.local, context.options, left_out)?;
    warn_of_missing(context, index);
    exact::choose_storage(context, index, &mut plans)?;
    rebuilding::weigh(context, &mut plans);
    Ok(plans)
}

fn warn_of_missing(context: &Context<'_>, index: &Index) {
    for wanted in context.options.types.iter().flatten() {
        if index.upstream.model.record(wanted).is_none() {
            context.warn(&format!("repomd.xml of `{}` has no record `{wanted}`", context.source_name()));
        }
    }
}
