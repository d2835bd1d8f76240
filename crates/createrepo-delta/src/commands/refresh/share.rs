//! Several caches of one repository: one of them is refreshed, and the others get its files.

use std::path::Path;
use std::time::SystemTime;

use managers::cache::{Cache, CacheError, CachedState, select_types};
use managers::{Manager, Repository};

use super::Chosen;
use super::lock::lock;
use super::report::{Conclusion, Outcome};
use super::trust::Trust;
use super::verified::{verified, verified_anew};
use super::whole::are_whole;
use crate::args::Refresh;

/// Lists of mirrors, where they are kept beside `repodata/`.
const LISTS: [&str; 2] = ["metalink.xml", "mirrorlist"];
const MAX_LIST: u64 = 4 << 20;

/// A cache that is current; in a dry run, one that is or would be.
#[derive(Clone, Copy)]
pub(super) struct Donor<'a> {
    pub(super) chosen: &'a Chosen<'a>,
    /// Before a server was asked.
    pub(super) asked: SystemTime,
    /// Whether it was only now made current.
    pub(super) is_refreshed: bool,
}

/// The repositories of each group are one repository, with several caches: they are at the
/// same URLs.
pub(super) fn groups<'a>(chosen: &'a [Chosen<'a>]) -> Vec<Vec<&'a Chosen<'a>>> {
    let mut groups: Vec<Vec<&Chosen<'_>>> = Vec::new();
    for one in chosen {
        let is_same = |group: &&mut Vec<&Chosen<'_>>| {
            let other = group.first().map(|other| &other.repository.sources);
            other == Some(&one.repository.sources) && can_share(one)
        };
        match groups.iter_mut().find(is_same) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

/// zypper keeps signatures that others do not, and has a rule of its own about them. What
/// must be signed must be so for each by its own keys.
fn can_share(chosen: &Chosen<'_>) -> bool {
    chosen.repository.manager != Manager::Zypper && matches!(chosen.trust, Ok(Trust::Any))
}

/// The caches of a group in the order in which they are refreshed: the one that has most
/// types first, since it has what the others need.
pub(super) fn order(group: &[&Chosen<'_>]) -> Vec<usize> {
    let count = |at: &usize| {
        let cached = group.get(*at).map(|chosen| CachedState::read(&chosen.repository.cache));
        cached.and_then(Result::ok).flatten().map_or(0, |cached| cached.present.len())
    };
    let mut order: Vec<usize> = (0..group.len()).collect();
    if group.len() > 1 {
        order.sort_by_cached_key(|at| std::cmp::Reverse(count(at)));
    }
    order
}

/// Fills the cache of `chosen` with what that of `donor` has; nothing where that is not
/// enough.
pub(super) fn fill(
    args: &Refresh,
    chosen: &Chosen<'_>,
    donor: Donor<'_>,
) -> anyhow::Result<Option<Conclusion>> {
    let repository = chosen.repository;
    let plan = plan(args, repository, donor)?.filter(|_| can_share(chosen));
    let Some(Plan { theirs, types, mut conclusion }) = plan else { return Ok(None) };
    if args.dry_run {
        return Ok(Some(conclusion));
    }
    let locked = lock(args, chosen.configured, repository)?;
    let cache = Cache::open(&repository.cache)?;
    let Some(old) = cache.state()? else { return Ok(None) };
    if conclusion.outcome == Outcome::Current {
        let is_still = old.repomd == theirs.repomd;
        return Ok(is_still.then(|| verified(repository, &cache, &old, donor.asked, conclusion)));
    }
    let stage = cache.stage(old)?;
    drop(locked);
    match stage.copy_from(&theirs, &types) {
        // Its package manager has just replaced it.
        Err(CacheError::Incomplete { .. }) => return Ok(None),
        copied => copied?,
    }
    if !are_whole(&stage, &theirs.model, &types)? {
        return Ok(None);
    }
    let _locked = lock(args, chosen.configured, repository)?;
    stage.commit(&types)?;
    if let Err(error) = copy_lists(&donor.chosen.repository.cache, &repository.cache, &cache) {
        conclusion.add(format_args!("but not its list of mirrors: {error}"));
    }
    Ok(Some(verified_anew(repository, &cache, donor.asked, conclusion)))
}

/// What a cache is filled with, and how that is told.
struct Plan {
    theirs: CachedState,
    types: Vec<String>,
    conclusion: Conclusion,
}

/// Looks whether the cache of `donor` has what belongs in that of `repository`.
fn plan(args: &Refresh, repository: &Repository, donor: Donor<'_>) -> Result<Option<Plan>, CacheError> {
    let (Some(old), Some(theirs)) = (read(&repository.cache)?, read(&donor.chosen.repository.cache)?) else {
        return Ok(None);
    };
    let Ok(types) = select_types(&repository.types, &old.model, &old.present, &theirs.model) else {
        return Ok(None);
    };
    // In a dry run the other cache is still as it was, and taken to get the same types.
    let is_to_come = args.dry_run && donor.is_refreshed;
    let is_covered = types.iter().all(|kind| theirs.present.contains(kind));
    let is_older = !is_to_come && theirs.model.greatest_timestamp() < old.model.greatest_timestamp();
    if !is_covered || is_older || old.signed && !theirs.signed {
        return Ok(None);
    }
    let has_all = types.iter().all(|kind| old.present.contains(kind));
    let (outcome, what) = if !is_to_come && has_all && old.repomd == theirs.repomd {
        (Outcome::Current, "is the same")
    } else {
        (Outcome::Refreshed, "has its files")
    };
    let reason = format!("the cache of {} {what}", donor.chosen.repository.manager);
    Ok(Some(Plan { theirs, types, conclusion: Conclusion::new(outcome, reason) }))
}

/// What a cache holds, if that can be read.
fn read(cache: &Path) -> Result<Option<CachedState>, CacheError> {
    match CachedState::read(cache) {
        Err(CacheError::Repomd { .. }) => Ok(None),
        cached => cached,
    }
}

fn copy_lists(from: &Path, to: &Path, cache: &Cache) -> anyhow::Result<()> {
    let (from, to) = (durable::Dir::open(from)?, durable::Dir::open(to)?);
    for name in LISTS {
        if let (Some(_), Some(bytes)) = (to.len(name)?, from.read(name, MAX_LIST)?) {
            cache.put_document(name, &bytes)?;
        }
    }
    Ok(())
}
