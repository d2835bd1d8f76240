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
use super::foresee::{path_of, planned};
use super::plan::{Plan, Way};
use super::{exact, full, journal, memory_needs};
use crate::cache::LocalFile;
use crate::digest::digest_or_none;
use crate::error::{CacheError, UpdateError};
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
    obtained.retain(|_, fetched| fetched.before.is_none() && plans.iter().any(|plan| fetched.serves(plan)));
    let left = plans
        .iter()
        .enumerate()
        .filter(|(_, plan)| !matches!(plan.way, Way::Keep(_)) && !obtained.contains_key(&plan.record.kind));
    journal::fetch_for_all(context, left.clone().map(|(_, plan)| plan));
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
        if let (Way::Keep(file), Some(held)) = (plan.way, context.local) {
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

/// What the threads share.
struct Shared<I> {
    left: I,
    fetched: Vec<FetchedFile>,
    error: Option<UpdateError>,
}

/// Some types at a time; gives the first error.
fn several(
    context: &Context<'_>,
    plans: Vec<(usize, &Plan<'_>)>,
    work: &Dir,
    obtained: &mut BTreeMap<String, FetchedFile>,
) -> Option<UpdateError> {
    let threads = context.options.parallel.min(plans.len());
    let shared = Mutex::new(Shared { left: plans.into_iter(), fetched: Vec::new(), error: None });
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    let next = || {
        let mut shared = lock();
        if shared.error.is_some() { None } else { shared.left.next() }
    };
    let obtain = || {
        while let Some((number, plan)) = next() {
            let result = one(context, plan, (work, &format!("file-{number}")));
            let mut shared = lock();
            match result {
                Ok(fetched) => shared.fetched.push(fetched),
                Err(error) => {
                    shared.error.get_or_insert(error);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Where there can be no thread there is one less to work.
            let _ = std::thread::Builder::new().name("update".to_owned()).spawn_scoped(scope, obtain);
        }
        obtain();
    });
    let Shared { fetched, error, .. } = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    obtained.extend(fetched.into_iter().map(|fetched| (fetched.upstream.kind.clone(), fetched)));
    error
}

/// Fails if what is held was replaced meanwhile: then it is not damaged.
fn still_in_place(context: &Context<'_>) -> Result<(), UpdateError> {
    match context.local.map(|held| (held.dir.path(), held.dir.is_still_at(held.dir.path()))) {
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
    let mut meter = Meter::new(context.progress, &plan.record.kind);
    let mut report = planned(plan);
    let stored = if let Some(stored) = by_shorter_ways(context, plan, place, &mut meter, &mut report)? {
        stored
    } else {
        report.path = PathTaken::Full;
        report.recipe = None;
        if !matches!(plan.way, Way::Keep(_) | Way::Full) {
            let why = if report.told { String::new() } else { format!(": {}", report.reason) };
            context.warn(&format!("taking the full file of `{}`{why}", plan.record.kind));
            report.told = true;
        }
        full::obtain(context, plan, place, &mut meter)?
    };
    report.bytes_downloaded = meter.downloaded();
    report.milliseconds = milliseconds(started);
    Ok(FetchedFile { upstream: plan.record.clone(), before: None, stored, report })
}

/// Goes the ways before the full file; nothing where none leads to the file. `report` is told
/// which one did, or why none.
fn by_shorter_ways(
    context: &Context<'_>,
    plan: &Plan<'_>,
    place: (&Dir, &str),
    meter: &mut Meter<'_>,
    report: &mut TypeUpdated,
) -> Result<Option<Stored>, UpdateError> {
    let kind = &plan.record.kind;
    if exact::is_follower(plan)
        && let Err(why) = context.primary()
    {
        (report.reason, report.told) = (why, false);
        return Ok(None);
    }
    let mut ways = shorter_ways(plan).peekable();
    while let Some(way) = ways.next() {
        match go(context, plan, &way, place, meter) {
            Ok(stored) => {
                report.path = path_of(&way);
                return Ok(Some(stored));
            }
            Err(AttemptError::Local(error)) => return Err(error),
            Err(AttemptError::NotCheapest(why)) => (report.reason, report.told) = (why, false),
            Err(AttemptError::Unusable(why)) => {
                // Where nothing else is tried, that is told with the full file.
                report.told = matches!(way, Way::Journal(_)) && ways.peek().is_some();
                if report.told {
                    context.warn_of_journal(kind, &why);
                }
                report.reason = why;
            }
            Err(AttemptError::Told(why)) => (report.reason, report.told) = (why, true),
            Err(AttemptError::DamagedBase(why)) => {
                still_in_place(context)?;
                (report.reason, report.told) = (why, false);
                break;
            }
            Err(AttemptError::WrongRecipe(recipe, why)) => {
                // That of a zchunk file is not looked for, and so would never be tried again;
                // it may have failed for one chunk of this file.
                if !recipe.needs_old_file() {
                    context.recipes().failed(kind, recipe);
                }
                (report.reason, report.told) = (why, false);
                break;
            }
        }
    }
    Ok(None)
}

/// Goes one way, once there is the memory for it.
fn go(
    context: &Context<'_>,
    plan: &Plan<'_>,
    way: &Way<'_>,
    place: (&Dir, &str),
    meter: &mut Meter<'_>,
) -> Result<Stored, AttemptError> {
    let bytes = memory_needs::for_way(context, plan, way).map_err(AttemptError::Unusable)?;
    let _share = context.memory.take(bytes);
    match way {
        Way::Journal(by) => journal::obtain(context, plan, by, place, meter),
        Way::Delta(by) => delta::obtain(context, plan, by, place, meter),
        Way::Rebuild(base) => delta::rebuild(context, plan, base, place, meter),
        Way::Keep(_) | Way::Full => Err(AttemptError::unusable("there is nothing to do")),
    }
}

/// The ways to try before the full file, the cheapest first.
fn shorter_ways<'p>(plan: &Plan<'p>) -> impl Iterator<Item = Way<'p>> {
    let after = match plan.way {
        Way::Journal(by) => by.otherwise.map(Way::Delta),
        _ => None,
    };
    let ways = std::iter::once(plan.way).chain(after);
    ways.filter(|way| !matches!(way, Way::Keep(_) | Way::Full))
}

fn keep(plan: &Plan<'_>, file: &LocalFile<'_>, size: Option<u64>) -> FetchedFile {
    let held = file.record;
    let described = digest_or_none(held.checksum.as_ref());
    let checksum = described.filter(|_| plan.inexact.is_some()).unwrap_or(plan.checksum);
    let (name, open_size) = (file.name.to_owned(), held.open_size);
    let stored = Stored { name, checksum, size, open_size, is_odd: file.is_odd };
    FetchedFile { upstream: plan.record.clone(), before: Some(held.clone()), stored, report: planned(plan) }
}
