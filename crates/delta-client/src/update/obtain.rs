//! Several types at a time, each by the way that was planned for it.
//!
//! After a failure nothing new is begun; what has begun is brought to its end,
//! because it may still be of use.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use durable::Dir;

use super::attempt::AttemptError;
use super::context::Context;
use super::delta;
use super::elapsed::milliseconds;
use super::fetched::{FetchedFile, Stored};
use super::plan::{Plan, Way};
use super::{exact, full, journal, memory_needs};
use crate::cache::LocalFile;
use crate::digest::digest_or_none;
use crate::error::{CacheError, UpdateError};
use crate::patch::StoredForm;
use crate::progress::Meter;
use crate::report::{PathTaken, TypeUpdated};

/// Obtains all types that are not in `obtained` yet into `work`, and adds them to
/// `obtained`.
pub(super) fn all(
    context: &Context<'_>,
    plans: &[Plan<'_>],
    work: &Dir,
    obtained: &mut BTreeMap<String, FetchedFile>,
) -> Result<(), UpdateError> {
    obtained.retain(|_, fetched| fetched.held.is_none() && plans.iter().any(|plan| fetched.serves(plan)));
    let left = plans
        .iter()
        .enumerate()
        .filter(|(_, plan)| !matches!(plan.way, Way::Keep(_)) && !obtained.contains_key(&plan.record.kind));
    let (followers, first): (Vec<_>, Vec<_>) = left.partition(|(_, plan)| exact::is_follower(plan));
    let mut error = several(context, first, work, obtained);
    if error.is_none() && !followers.is_empty() {
        let mut primary = exact::read_primary(context, plans, (work, obtained));
        if let Some((number, why)) = primary.damaged {
            error = anew(context, (number, plans), &why, work, obtained);
            primary = exact::read_primary(context, plans, (work, obtained));
        }
        context.set_primary(primary.chunks);
        error = error.or_else(|| several(context, followers, work, obtained));
    }
    for plan in plans {
        if obtained.contains_key(&plan.record.kind) {
            continue;
        }
        if let (Way::Keep(file), Some(held)) = (plan.way, context.held) {
            let size = held.dir.len(file.name)?;
            obtained.insert(plan.record.kind.clone(), keep(plan, &file, size));
        }
    }
    error.map_or(Ok(()), Err)
}

/// Fetches a file that was to be kept, and turned out to be damaged; gives the error.
fn anew(
    context: &Context<'_>,
    (number, plans): (usize, &[Plan<'_>]),
    why: &str,
    work: &Dir,
    obtained: &mut BTreeMap<String, FetchedFile>,
) -> Option<UpdateError> {
    let plan = plans.get(number)?;
    if let Err(error) = still_in_place(context) {
        return Some(error);
    }
    context.warn(&format!("taking the full file of `{}`: the copy held is damaged: {why}", plan.record.kind));
    let full = Plan { way: Way::Full, reason: "the copy held is damaged".to_owned(), ..plan.clone() };
    several(context, vec![(number, &full)], work, obtained)
}

/// Some types at a time; gives the first error.
fn several(
    context: &Context<'_>,
    plans: Vec<(usize, &Plan<'_>)>,
    work: &Dir,
    obtained: &mut BTreeMap<String, FetchedFile>,
) -> Option<UpdateError> {
    let threads = context.options.parallel.min(plans.len());
    let jobs = Mutex::new(plans.into_iter());
    let done = Mutex::new((Vec::new(), None));
    let labour = || {
        while let Some((number, plan)) = next(&jobs, &done) {
            let result = one(context, plan, (work, &format!("file-{number}")));
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            match result {
                Ok(fetched) => done.0.push(fetched),
                Err(error) => {
                    done.1.get_or_insert(error);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Where there can be no thread there is one less to work.
            let _ = std::thread::Builder::new().name("update".to_owned()).spawn_scoped(scope, labour);
        }
        labour();
    });
    let (fetched, error) = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    obtained.extend(fetched.into_iter().map(|fetched| (fetched.upstream.kind.clone(), fetched)));
    error
}

type Done = Mutex<(Vec<FetchedFile>, Option<UpdateError>)>;

fn next<'a, 'p>(
    jobs: &Mutex<impl Iterator<Item = (usize, &'a Plan<'p>)>>,
    done: &Done,
) -> Option<(usize, &'a Plan<'p>)>
where
    'p: 'a,
{
    if done.lock().unwrap_or_else(PoisonError::into_inner).1.is_some() {
        return None;
    }
    jobs.lock().unwrap_or_else(PoisonError::into_inner).next()
}

/// The journal does not serve, which it should.
pub(super) fn warn_of_journal(context: &Context<'_>, kind: &str, why: &str) {
    context.warn(&format!("going on without the journal of `{kind}`: {why}"));
}

/// Fails if what is held was replaced meanwhile: then it is not damaged.
fn still_in_place(context: &Context<'_>) -> Result<(), UpdateError> {
    match context.held.map(|held| (held.dir.path(), held.dir.is_still_at(held.dir.path()))) {
        Some((path, Ok(false))) => Err(CacheError::Replaced { path: path.to_owned() }.into()),
        _ => Ok(()),
    }
}

/// Goes one way after the other until there is a file.
pub(super) fn one(
    context: &Context<'_>,
    plan: &Plan<'_>,
    place: (&Dir, &str),
) -> Result<FetchedFile, UpdateError> {
    let started = Instant::now();
    let kind = &plan.record.kind;
    let mut meter = Meter::new(context.progress, kind);
    let mut report = planned(plan);
    let mut stored = None;
    let lacking = context.primary().err().filter(|_| exact::is_follower(plan));
    let ways = if lacking.is_some() { Vec::new() } else { shorter_ways(plan) };
    report.reason = lacking.unwrap_or(report.reason);
    for way in ways {
        if matches!(way, Way::Keep(_) | Way::Full) {
            continue;
        }
        let go = |_share| match &way {
            Way::Journal(by) => journal::obtain(context, plan, by, place, &mut meter),
            Way::Delta(by) => delta::obtain(context, plan, by, place, &mut meter),
            Way::Rebuild(base) => exact::obtain(context, plan, base, place, &meter),
            Way::Keep(_) | Way::Full => Err(AttemptError::unusable("there is nothing to do")),
        };
        let memory = memory_needs::for_way(context, plan, &way).map_err(AttemptError::Unusable);
        let why = match memory.map(|bytes| context.memory.take(bytes)).and_then(go) {
            Ok(done) => {
                report.path = path(&way);
                stored = Some(done);
                break;
            }
            Err(AttemptError::Local(error)) => return Err(error),
            Err(AttemptError::NotCheapest(why)) => {
                report.reason = why;
                continue;
            }
            Err(AttemptError::Unusable(why)) => why,
            Err(AttemptError::DamagedBase(why)) => {
                still_in_place(context)?;
                report.reason = why;
                break;
            }
            Err(AttemptError::WrongRecipe(recipe, why)) => {
                // That of a zchunk file is not looked for, and so would never be tried again;
                // it may have failed for one chunk of this file.
                if !recipe.needs_old_file() {
                    context.recipes().failed(kind, recipe);
                }
                report.reason = why;
                break;
            }
        };
        if matches!(way, Way::Journal(_)) {
            warn_of_journal(context, kind, &why);
        }
        report.reason = why;
    }
    let stored = if let Some(stored) = stored {
        stored
    } else {
        report.path = PathTaken::Full;
        report.recipe = None;
        if matches!(plan.way, Way::Delta(_) | Way::Rebuild(_) | Way::Journal(_)) {
            context.warn(&format!("taking the full file of `{kind}`: {}", report.reason));
        }
        full::obtain(context, plan, place, &mut meter)?
    };
    report.bytes_downloaded = meter.downloaded();
    report.milliseconds = milliseconds(started);
    Ok(FetchedFile { upstream: plan.record.clone(), held: None, stored, report })
}

/// The ways to try before the full file, the cheapest first.
fn shorter_ways<'p>(plan: &Plan<'p>) -> Vec<Way<'p>> {
    let after = match plan.way {
        Way::Journal(by) => by.otherwise.map(Way::Delta),
        _ => None,
    };
    std::iter::once(plan.way).chain(after).collect()
}

fn path(way: &Way<'_>) -> PathTaken {
    match way {
        Way::Keep(_) => PathTaken::Current,
        Way::Rebuild(_) => PathTaken::Rebuilt,
        Way::Journal(_) => PathTaken::Journal,
        Way::Delta(_) => PathTaken::Delta,
        Way::Full => PathTaken::Full,
    }
}

fn keep(plan: &Plan<'_>, file: &LocalFile<'_>, size: Option<u64>) -> FetchedFile {
    let held = file.record;
    let described = digest_or_none(held.checksum.as_ref());
    let checksum = described.filter(|_| plan.inexact.is_some()).unwrap_or(plan.checksum);
    let (name, open_size) = (file.name.to_owned(), held.open_size);
    let stored = Stored { name, checksum, size, open_size, is_odd: file.is_odd };
    FetchedFile { upstream: plan.record.clone(), held: Some(held.clone()), stored, report: planned(plan) }
}

/// What is to be reported of a plan that is not carried out, or needs no work.
pub(super) fn planned(plan: &Plan<'_>) -> TypeUpdated {
    planned_by(plan, &plan.way)
}

/// As [`planned`], by one of the ways to try.
pub(super) fn planned_by(plan: &Plan<'_>, way: &Way<'_>) -> TypeUpdated {
    let path = path(way);
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
        bytes_downloaded: bytes,
        bytes_full: plan.record.size,
        milliseconds: 0,
        file,
        exact: plan.inexact.is_none(),
        inexact: plan.inexact.clone(),
        recipe,
    }
}
