//! Bringing a directory that somebody else keeps to the current repomd.xml,
//! beside it: for package managers' own caches, which their owners replace.
//!
//! What is made is exact, because its readers compare it with the publisher's
//! repomd.xml. The old directory is read and never changed, and nothing of ours
//! stays in the new one; what is to be remembered goes in and out as plain data.

use std::cell::Cell;
use std::path::Path;
use std::time::Instant;

use durable::Dir;
use repomd::files::{KEY, SIGNATURE, TEMP_PREFIX, ZCHUNK};

use super::context::{Companions, Context};
use super::elapsed::milliseconds;
use super::index::{self, Freshness, Index};
use super::new_state::{End, Planned, make_state};
use super::plan::{Plan, Way};
use super::{assemble, summary};
use crate::cache::{LocalCopy, fill};
use crate::error::{CacheError, UpdateError};
use crate::options::{CopyAs, KnownRecipes, Options, RepomdSeen};
use crate::progress::Progress;
use crate::report::{BesideOutcome, UpdatedBeside};
use crate::transport::Transport;
use crate::trust::read_keys;

/// Files while they are obtained, in the staging directory.
const WORK: &str = ".createrepo-delta.new.files";

/// Makes in `staging` the exact state of the current repomd.xml of `sources`:
/// repomd.xml, its signature and key where `old` has them, and the files of the
/// types that `old` holds, by deltas and recipes where they serve.
///
/// `old` has a repomd.xml and, directly beside it, files that it names; some may
/// be missing or damaged. `staging` is an empty directory on the same file
/// system: files that did not change are linked. When this returns
/// [`BesideOutcome::Staged`] everything in it is complete, verified and synced, and
/// nothing else is in it; otherwise it is empty. [`Options::types`] narrows the
/// types; the copy is always exact, and only of what is named here.
///
/// A type that ends in `_zck` is for a reader of zchunk, who takes the plain file where
/// there is none of zchunk, and the other way round: `old` may hold either of both. One
/// that it does not hold is downloaded.
///
/// `recipes` is what is known of the repository's recipes, how fast this machine rebuilds and
/// hosts send, and by what a source can be asked whether its repomd.xml is still the one in `old`; what is found
/// out is added, also when this fails.
///
/// # Errors
/// See [`UpdateError`]. `staging` is then as empty as it was, as far as the file
/// system allows.
pub fn update_beside(
    sources: &[&dyn Transport],
    old: &Path,
    staging: &Path,
    options: &Options,
    recipes: &mut KnownRecipes,
    progress: &dyn Progress,
) -> Result<UpdatedBeside, UpdateError> {
    let started = Instant::now();
    let keys = read_keys(options)?;
    if sources.is_empty() {
        return Err(UpdateError::NoSource);
    }
    let nothing = UpdatedBeside { outcome: BesideOutcome::NothingToSave, report: None };
    let Some(mut held) = LocalCopy::foreign(Dir::open(old)?)? else {
        return Ok(nothing);
    };
    if let Some(origin) = held.upstream.as_ref().and_then(|one| recipes.repomd.origin_of(&one.bytes)) {
        held.state.origin = origin.clone();
    }
    let options = exactly(options, &held);
    if options.types.as_ref().is_none_or(Vec::is_empty) {
        return Ok(nothing);
    }
    let mut context = Context::new(sources, &options, keys, Some(&held), recipes.clone(), progress);
    context.companions = Companions {
        signature: held.dir.len(SIGNATURE)?.is_some(),
        key: held.dir.len(KEY)?.is_some(),
        strictly: true,
    };
    let mut seen = recipes.repomd.clone();
    let done = index::fetch(&context, Freshness::asked_for(&options)).and_then(|index| {
        context.origin = index.source;
        seen = RepomdSeen::new(&index.upstream.bytes, index.origin.clone());
        into(&mut context, index, staging)
    });
    *recipes = context.learned();
    recipes.repomd = seen;
    let mut done = done.map_err(|error| context.blame_time(error))?;
    if let Some(report) = &mut done.report {
        report.milliseconds = milliseconds(started);
        report.warnings = context.take_warnings();
    }
    Ok(done)
}

/// The options for an exact copy of what `held` has.
fn exactly(options: &Options, held: &LocalCopy) -> Options {
    let is_held = |kind: &str| {
        let plain = kind.strip_suffix(ZCHUNK).unwrap_or(kind);
        held.file(kind).is_some() || held.file(plain).is_some()
    };
    let types = options
        .types
        .clone()
        .unwrap_or_else(|| held.described.records.iter().map(|record| record.kind.clone()).collect());
    Options {
        types: Some(types.into_iter().filter(|kind| is_held(kind)).collect()),
        plain_for_zchunk: true,
        copy: CopyAs::Exact,
        complete: false,
        keep_before: false,
        ..options.clone()
    }
}

fn into(context: &mut Context<'_>, index: Index, staging: &Path) -> Result<UpdatedBeside, UpdateError> {
    let is_dry = context.options.dry_run;
    let begin = || {
        let place = Place::new(staging)?;
        let work = place.work.clone();
        Ok((place, work))
    };
    let stop = |context: &Context<'_>, index: &Index, plans: &[Plan<'_>]| {
        Ok(match outcome(context, index, plans) {
            BesideOutcome::Staged if !is_dry => None,
            BesideOutcome::Staged => Some((BesideOutcome::Staged, Planned::foreseen(context, plans)?)),
            outcome => Some((outcome, Planned::undone(plans))),
        })
    };
    let new_state = match make_state(context, index, begin, stop)? {
        End::Stopped(index, (outcome, planned)) => {
            let report = if is_dry {
                summary::dry_run(context, &index, outcome == BesideOutcome::Current, planned)
            } else {
                summary::current(context, &index, planned)
            };
            return Ok(UpdatedBeside { outcome, report: Some(report) });
        }
        End::Complete(new_state) => new_state,
    };
    let assembled = assemble::assemble(context, &new_state)?;
    let (place, upstream) = (&new_state.staging, &new_state.index.upstream);
    fill(&place.dir, &place.work, &assembled.items, upstream, None)?;
    place.dir.remove_child(WORK)?;
    place.dir.sync()?;
    place.is_complete.set(true);
    let report = summary::new_state(context, &new_state, &assembled);
    Ok(UpdatedBeside { outcome: BesideOutcome::Staged, report: Some(report) })
}

fn outcome(context: &Context<'_>, index: &Index, plans: &[Plan<'_>]) -> BesideOutcome {
    let count = |wanted: fn(&Way<'_>) -> bool| plans.iter().filter(|plan| wanted(&plan.way)).count();
    let full = count(|way| matches!(way, Way::Full));
    let kept = count(|way| matches!(way, Way::Keep(_)));
    let same = context.local.and_then(|held| held.upstream.as_ref()) == Some(&index.upstream);
    if same && kept == plans.len() {
        BesideOutcome::Current
    } else if full > 0 && full + kept == plans.len() && !keeps_most(plans) {
        BesideOutcome::NothingToSave
    } else {
        BesideOutcome::Staged
    }
}

/// Whether the files that did not change are at least as large as those that did: who keeps
/// `old` may fetch all of them anew.
fn keeps_most(plans: &[Plan<'_>]) -> bool {
    let size = |is_wanted: fn(&Way<'_>) -> bool| {
        let wanted = plans.iter().filter(|plan| is_wanted(&plan.way));
        wanted.filter_map(|plan| plan.record.size).fold(0, u64::saturating_add)
    };
    let kept = size(|way| matches!(way, Way::Keep(_)));
    kept > 0 && kept >= size(|way| matches!(way, Way::Full))
}

/// The staging directory, emptied again unless it is done.
struct Place {
    dir: Dir,
    work: Dir,
    is_complete: Cell<bool>,
}

impl Place {
    fn new(path: &Path) -> Result<Self, CacheError> {
        let dir = Dir::open(path)?.with_temp_prefix(TEMP_PREFIX);
        if !dir.entries()?.is_empty() {
            return Err(CacheError::NotOurs { path: path.to_owned(), expected: "an empty directory" });
        }
        let work = dir.create_child(WORK)?;
        Ok(Self { dir, work, is_complete: Cell::new(false) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.is_complete.get() {
            return;
        }
        // Nothing better can be done: the directory is the caller's.
        let _ = self.dir.remove_child(WORK);
        for entry in self.dir.entries().unwrap_or_default() {
            let _ = self.dir.remove(&entry.name);
        }
    }
}
