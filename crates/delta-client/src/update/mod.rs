//! Bringing a cache up to date: fetch repomd.xml, take for each type the
//! cheapest way that works, and replace the state as a whole.
//!
//! The order is what makes it safe: nothing is parsed before its signature was
//! verified, nothing decompressed before its checksum was, and nothing in place
//! changes before everything new is verified and on disk. Fetching is the
//! transports' business, the directory is the cache's.

mod assemble;
mod attempt;
mod base;
mod beside;
mod check;
mod context;
mod delta;
mod delta_files;
mod deltas;
mod describe;
mod documents;
mod elapsed;
mod exact;
mod fetched;
mod foresee;
mod full;
mod held_index;
mod index;
mod journal;
mod memory;
mod memory_needs;
mod new_state;
mod obtain;
mod one_file;
mod one_repomd;
mod parts;
mod patching;
mod plan;
mod rebuilding;
mod summary;
mod validators;
mod watched;

use std::path::Path;
use std::time::Instant;

use crate::cache::{Cache, LocalCopy, look};
use crate::error::{CacheError, UpdateError};
use crate::options::{CopyAs, KnownRecipes, Options};
use crate::progress::Progress;
use crate::report::Updated;
use crate::transport::Transport;
use crate::trust::read_keys;
use context::{Companions, Context};
use elapsed::milliseconds;
use index::{Freshness, Index};
use new_state::{End, NewState, Planned};
use plan::{Plan, Way};

pub use beside::update_beside;
pub use check::check;
pub use one_file::{OldFile, obtain_file};
pub use one_repomd::{OldRepomd, obtain_repomd};

/// Brings the directory `cache` up to date with the first of `sources`; the
/// others are mirrors of it, which are asked where it fails.
///
/// `cache/repodata/` is then a repository's metadata as any reader expects it.
/// It is replaced as a whole, at one instant, or not at all; files of the state before stay
/// reachable until the next change, unless [`Options::keep_before`] says otherwise. A cache that does not exist is made.
///
/// # Errors
/// See [`UpdateError`]; what the cache held is then untouched. That a delta
/// does not serve is no error: the full file is taken.
pub fn update(
    sources: &[&dyn Transport],
    cache: &Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Updated, UpdateError> {
    let started = Instant::now();
    let keys = read_keys(options)?;
    if sources.is_empty() {
        return Err(UpdateError::NoSource);
    }
    // What is not there is not made before there is something to put into it.
    let locked = if options.dry_run || !cache.exists() { None } else { Some(Cache::open(cache)?) };
    let (held, recipes) = locked.as_ref().map_or_else(|| look(cache), Cache::read)?;
    let mut context = Context::new(sources, options, keys, held.as_ref(), recipes.clone(), progress);
    let companions = options.copy_as() != CopyAs::Open;
    context.companions = Companions { signature: companions, key: companions, strictly: options.complete };
    let updated = from_sources(&mut context, cache, locked.as_ref(), &recipes);
    let mut updated = updated.map_err(|error| context.blame_time(error))?;
    updated.milliseconds = milliseconds(started);
    updated.warnings = context.take_warnings();
    Ok(updated)
}

/// [`update`] of the cache at `path`, which is `locked` if it is there.
fn from_sources(
    context: &mut Context<'_>,
    path: &Path,
    locked: Option<&Cache>,
    recipes: &KnownRecipes,
) -> Result<Updated, UpdateError> {
    let index = index::fetch(context, Freshness::asked_for(context.options))?;
    context.origin = index.source;
    match locked {
        None if context.options.dry_run => dry_run(context, &index),
        None => carry_out(context, &create_cache(path)?, index, recipes),
        Some(cache) => carry_out(context, cache, index, recipes),
    }
}

/// Makes a cache that was not there a moment ago.
fn create_cache(path: &Path) -> Result<Cache, CacheError> {
    let cache = Cache::open(path)?;
    match cache.read()?.0 {
        None => Ok(cache),
        Some(held) => Err(CacheError::Replaced { path: held.dir.path().to_owned() }),
    }
}

fn dry_run(context: &Context<'_>, index: &Index) -> Result<Updated, UpdateError> {
    let plans = new_state::plan_all(context, index)?;
    let planned = Planned::foreseen(context, &plans)?;
    let mut updated = summary::dry_run(context, index, is_current(context, index, &plans), planned);
    if context.options.complete {
        let bytes = deltas::foresee(context, index);
        updated.bytes_downloaded += bytes;
        updated.shared.extend(deltas::shared(bytes));
    }
    Ok(updated)
}

fn carry_out(
    context: &mut Context<'_>,
    cache: &Cache,
    index: Index,
    known: &KnownRecipes,
) -> Result<Updated, UpdateError> {
    let begin = || {
        let staging = cache.stage()?;
        let work = staging.work().clone();
        Ok((staging, work))
    };
    let current = |context: &Context<'_>, index: &Index, plans: &[Plan<'_>]| {
        Ok(is_current(context, index, plans).then(|| Planned::undone(plans)))
    };
    let ended = match new_state::make_state(context, index, begin, current) {
        Ok(ended) => ended,
        Err(error) => {
            note(context, cache, context.local.map(|held| held.state.clone()), known);
            return Err(error);
        }
    };
    match ended {
        End::Stopped(index, planned) => {
            let mut state = context.local.map(|held| held.state.clone());
            if let Some(state) = &mut state {
                (state.origin, state.companions) = (index.origin.clone(), index.companions);
            }
            note(context, cache, state, known);
            Ok(summary::current(context, &index, planned))
        }
        End::Complete(new_state) => publish(context, new_state),
    }
}

/// Whether the state in place is the one that is asked for.
fn is_current(context: &Context<'_>, index: &Index, plans: &[Plan<'_>]) -> bool {
    let Some(held) = context.local else {
        return false;
    };
    let kinds = |plan: &Plan<'_>| plan.record.kind.clone();
    held.damage.is_empty()
        && held.upstream.as_ref() == Some(&index.upstream)
        && plans.iter().all(|plan| matches!(plan.way, Way::Keep(_)))
        && held.state.exact == plans.iter().all(|plan| plan.inexact.is_none())
        && (!context.options.complete || held.state.complete && deltas_are_there(held))
        && held.described.records.iter().map(|record| record.kind.clone()).eq(plans.iter().map(kinds))
}

fn deltas_are_there(held: &LocalCopy) -> bool {
    held.state.deltas.iter().all(|name| matches!(held.dir.len(name), Ok(Some(_))))
}

fn publish(
    context: &Context<'_>,
    new_state: NewState<crate::cache::Staging<'_>>,
) -> Result<Updated, UpdateError> {
    let assembled = assemble::assemble(context, &new_state)?;
    let mut recipes = context.learned();
    recipes.keep_only(new_state.index.upstream.model.records.iter().map(|record| &*record.kind));
    let updated = summary::new_state(context, &new_state, &assembled);
    let documents = (&new_state.index.upstream, assembled.repomd.as_deref());
    let (noted, items) = ((assembled.state, recipes), &assembled.items);
    if let Some(why) = new_state.staging.publish(context.local, noted, items, documents)? {
        context.warn(&why);
    }
    Ok(updated)
}

/// Other notes on the state in place: they are worth a line, but not an error.
fn note(context: &Context<'_>, cache: &Cache, state: Option<crate::cache::State>, known: &KnownRecipes) {
    let recipes = context.learned();
    if state.as_ref() == context.local.map(|held| &held.state) && recipes == *known {
        return;
    }
    if let Err(error) = cache.note(state, recipes) {
        context.warn(&error.to_string());
    }
}
