//! Bringing a cache up to date: fetch repomd.xml, take for each type the
//! cheapest way that works, and replace the state as a whole.
//!
//! The order is what makes it safe: nothing is parsed before its signature was
//! verified, nothing decompressed before its checksum was, and nothing in place
//! changes before everything new is verified and on disk. Fetching is the
//! transports' business, the directory is the cache's.

mod bring;
mod check;
mod delta;
mod describe;
mod error;
mod full;
mod index;
mod options;
mod outcome;
mod plan;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use codec::Digest;

use crate::cache::{Cache, CacheError, Documents, Held, State, look};
use crate::fetch::Patience;
use crate::trust::Keys;
use crate::{Progress, Transport};
use bring::Brought;
use index::{Freshness, Index};
use plan::{Plan, Way};

pub use check::{CheckOptions, check};
pub use error::UpdateError;
pub use options::{Options, StoreAs};
pub use outcome::{Checked, PathTaken, RepomdFound, TypeChecked, TypeUpdated, Updated};

/// A file that was brought, verified and stored.
struct Stored {
    /// In `repodata/`.
    name: String,
    checksum: Digest,
    size: Option<u64>,
    open_size: Option<u64>,
}

/// What everything needs to know.
struct Context<'a> {
    sources: &'a [&'a dyn Transport],
    /// The one that gave repomd.xml.
    origin: usize,
    options: &'a Options,
    keys: Option<Keys>,
    held: Option<&'a Held>,
    progress: &'a dyn Progress,
    warnings: Mutex<Vec<String>>,
    /// For repomd.xml and its signature.
    downloaded: AtomicU64,
}

impl Context<'_> {
    /// Something went wrong, and the update goes on.
    fn warn(&self, text: &str) {
        self.progress.warning(text);
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    }

    fn downloaded(&self, bytes: u64) {
        self.downloaded.fetch_add(bytes, Ordering::Relaxed);
    }

    fn patience(&self) -> Patience {
        Patience { retries: self.options.retries, pause: self.options.pause }
    }

    /// The sources, that of repomd.xml first, because it fits best.
    fn sources_first(&self) -> Vec<&dyn Transport> {
        let mut sources = self.sources.to_vec();
        if self.origin < sources.len() {
            sources.get_mut(..=self.origin).unwrap_or_default().rotate_right(1);
        }
        sources
    }

    fn source_name(&self) -> String {
        self.sources.get(self.origin).map(|source| source.name()).unwrap_or_default()
    }

    fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Brings the directory `cache` up to date with the first of `sources`; the
/// others are mirrors of it, which are asked where it fails.
///
/// `cache/repodata/` is then a repository's metadata as any reader expects it
/// (`docs/clients.md`). It is replaced as a whole, at one instant, or not at
/// all; files of the state before stay reachable until the next change. A cache
/// that does not exist is made.
///
/// # Errors
/// See [`UpdateError`]; what the cache held is then untouched. That a delta
/// does not serve is no error: the full file is taken.
pub fn update(
    sources: &[&dyn Transport],
    cache: &std::path::Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Updated, UpdateError> {
    let started = Instant::now();
    let keys = options.keyring.as_deref().map(Keys::read).transpose().map_err(UpdateError::Signature)?;
    if sources.is_empty() {
        return Err(UpdateError::NoSource);
    }
    // What is not there is not made before there is something to put into it.
    let locked = if options.dry_run || !cache.exists() { None } else { Some(Cache::open(cache)?) };
    let held = locked.as_ref().map_or_else(|| look(cache), Cache::held)?;
    let mut context = Context {
        sources,
        origin: 0,
        options,
        keys,
        held: held.as_ref(),
        progress,
        warnings: Mutex::default(),
        downloaded: AtomicU64::new(0),
    };
    held.iter().flat_map(|held| &held.damage).for_each(|damage| context.warn(damage));
    let index = index::fetch(&context, Freshness::IfChanged)?;
    context.origin = index.source;
    let mut updated = match locked {
        None if options.dry_run => dry_run(&context, &index)?,
        None => carry_out(&mut context, &made(cache)?, index)?,
        Some(cache) => carry_out(&mut context, &cache, index)?,
    };
    updated.milliseconds = milliseconds(started);
    updated.warnings = context.take_warnings();
    Ok(updated)
}

/// Makes a cache that was not there a moment ago.
fn made(path: &std::path::Path) -> Result<Cache, CacheError> {
    let cache = Cache::open(path)?;
    match cache.held()? {
        None => Ok(cache),
        Some(held) => Err(CacheError::Replaced { path: held.dir.path().to_owned() }),
    }
}

fn dry_run(context: &Context<'_>, index: &Index) -> Result<Updated, UpdateError> {
    let plans = plan::plan(index, context.held, context.options)?;
    warn_of_missing(context, &plans);
    let mut updated = outcome(context, index, plans.iter().map(bring::planned).collect());
    updated.changed = !is_current(context.held, index, &plans);
    updated.dry_run = true;
    updated.bytes_downloaded = updated.types.iter().map(|of_type| of_type.bytes_downloaded).sum();
    Ok(updated)
}

/// Goes by a repomd.xml, and once more by a newer one where the first cannot
/// be followed, because it was replaced meanwhile.
fn carry_out(context: &mut Context<'_>, cache: &Cache, mut index: Index) -> Result<Updated, UpdateError> {
    let mut ready = BTreeMap::new();
    let mut staging = None;
    let mut again = true;
    loop {
        let plans = plan::plan(&index, context.held, context.options)?;
        warn_of_missing(context, &plans);
        if let Some(held) = context.held
            && is_current(Some(held), &index, &plans)
        {
            refresh_validators(context, held, &index);
            return Ok(outcome(context, &index, plans.iter().map(bring::planned).collect()));
        }
        let mut stage = match staging.take() {
            Some(stage) => stage,
            None => cache.stage()?,
        };
        let error = match bring::all(context, &plans, &mut stage, &mut ready) {
            Ok(()) => return publish(context, stage, &index, &plans, ready),
            Err(error) => error,
        };
        let may_be_in_flight = matches!(error, UpdateError::Full { .. }) && std::mem::take(&mut again);
        if !may_be_in_flight {
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
        staging = Some(stage);
    }
}

/// Whether the state in place is the one that is asked for.
fn is_current(held: Option<&Held>, index: &Index, plans: &[Plan<'_>]) -> bool {
    let Some(held) = held else {
        return false;
    };
    let kinds = |plan: &Plan<'_>| plan.record.kind.clone();
    held.damage.is_empty()
        && held.upstream.as_ref() == Some(&index.upstream)
        && plans.iter().all(|plan| matches!(plan.way, Way::Keep(_)))
        && held.described.records.iter().map(|record| record.kind.clone()).eq(plans.iter().map(kinds))
}

fn publish(
    context: &Context<'_>,
    staging: crate::cache::Staging<'_>,
    index: &Index,
    plans: &[Plan<'_>],
    mut ready: BTreeMap<String, Brought>,
) -> Result<Updated, UpdateError> {
    let mut records = Vec::new();
    let mut reports = Vec::new();
    for brought in plans.iter().filter_map(|plan| ready.remove(&plan.record.kind)) {
        records.push(brought.record);
        reports.push(brought.report);
    }
    let repomd = describe::document(&index.upstream.model, records).map_err(UpdateError::Describe)?;
    let state = State::new(index.source_name.clone(), &index.validators, &repomd, &index.upstream.bytes);
    let documents = Documents {
        repomd: &repomd,
        upstream: &index.upstream.bytes,
        signature: index.upstream.signature.as_deref(),
    };
    if let Some(why) = staging.publish(context.held, state, &documents)? {
        context.warn(&why);
    }
    let mut updated = outcome(context, index, reports);
    updated.changed = true;
    Ok(updated)
}

/// The same repomd.xml under other validators: they are worth a note, but not
/// an error.
fn refresh_validators(context: &Context<'_>, held: &Held, index: &Index) {
    let mut state = held.state.clone();
    state.source.clone_from(&index.source_name);
    state.etag.clone_from(&index.validators.etag);
    state.last_modified.clone_from(&index.validators.last_modified);
    if state == held.state {
        return;
    }
    let written = match held.dir.child(crate::cache::UPSTREAM) {
        Ok(Some(upstream)) => state.write(&upstream),
        Ok(None) => Ok(()),
        Err(error) => Err(error.into()),
    };
    if let Err(error) = written {
        context.warn(&error.to_string());
    }
}

fn warn_of_missing(context: &Context<'_>, plans: &[Plan<'_>]) {
    for wanted in context.options.types.iter().flatten() {
        if !plans.iter().any(|plan| plan.record.kind == *wanted) {
            context.warn(&format!("repomd.xml of `{}` has no record `{wanted}`", context.source_name()));
        }
    }
}

fn outcome(context: &Context<'_>, index: &Index, types: Vec<TypeUpdated>) -> Updated {
    let held = context.held.iter().flat_map(|held| &held.described.records);
    let dropped = held.map(|record| record.kind.clone());
    let downloaded: u64 = types.iter().map(|of_type| of_type.bytes_downloaded).sum();
    Updated {
        changed: false,
        dry_run: false,
        source: index.source_name.clone(),
        revision: index.upstream.model.revision.clone(),
        repomd: index.found,
        signed_by: index.signed_by.clone(),
        dropped: dropped.filter(|kind| !types.iter().any(|t| t.data_type == *kind)).collect(),
        bytes_downloaded: downloaded + context.downloaded.load(Ordering::Relaxed),
        bytes_full: types.iter().filter_map(|of_type| of_type.bytes_full).sum(),
        types,
        milliseconds: 0,
        warnings: Vec::new(),
    }
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
