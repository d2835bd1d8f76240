//! One repository: from what its cache holds to the current state, or not.
//!
//! The package manager's lock is held to look and to put in place, and not
//! while files are fetched and rebuilt, which may take minutes; dnf5 has none. What the package
//! manager does meanwhile counts: its state is never replaced by ours.

use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use delta_client::error::UpdateError;
use delta_client::options::{KnownRecipes, Options};
use delta_client::progress::Progress;
use delta_client::report::{BesideOutcome, Updated};
use delta_client::update_beside;
use durable::Dir;
use managers::cache::{Cache, CacheError, CachedState, Stage, select_types, types_to_request};
use managers::{Obstacle, Repository};
use repomd::files::{REPODATA, REPOMD, ZCHUNK};
use repomd::{MAX_SIZE, Repomd};

use super::downloaded::Downloaded;
use super::lock::lock;
use super::report::{Conclusion, Left, Outcome};
use super::share::{self, Donor};
use super::sources::{self, Sources};
use super::trust::Trust;
use super::verified::{verified, verified_anew};
use super::whole::damaged;
use super::{Chosen, Configured, Run};
use crate::args::Refresh;
use crate::commands::now;
use crate::failure::Refusal;

/// How long a server is waited for that asks to be left alone.
const RETRY_AFTER: Duration = Duration::from_secs(30);
const CURRENT_BY_METALINK: &str = "its cache has the repomd.xml that the metalink names";
/// How long one file may take from one source: what comes more slowly the package manager
/// gets by itself.
const FILE_TIME: Duration = Duration::from_secs(5 * 60);

/// Refreshes the cache of `chosen`.
///
/// # Errors
/// [`Left`] where it is left to its package manager.
pub(super) fn refresh(
    args: &Refresh,
    chosen: &Chosen<'_>,
    run: &Run,
    recipes: &mut KnownRecipes,
    progress: &dyn Progress,
    downloaded: &Downloaded,
    donor: Option<Donor<'_>>,
) -> anyhow::Result<Conclusion> {
    let Chosen { configured, repository, trust } = chosen;
    let started = now();
    check_obstacles(args, repository)?;
    if let Some(donor) = donor
        && let Some(filled) = share::fill(args, chosen, donor)?
    {
        return Ok(filled);
    }
    let cached = look(repository, || CachedState::read(&repository.cache))?;
    check_system_cache(repository)?;
    let keyring = match trust.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"))? {
        Trust::Signed(keyring) => Some(keyring.path.clone()),
        Trust::Any => None,
        Trust::Theirs(code, why) => return Err(Left::new(code, *why).into()),
    };
    if run.is_over() {
        return Err(Left::new("out_of_time", "there was no time left for it").into());
    }
    let http = sources::http(args, repository, run)?;
    let sources = sources::open(&http, repository, &configured.setup.variables, downloaded)?;
    check_age(&sources, &cached)?;
    let mut options = options(args, repository, run);
    options.keyring = keyring;
    options.repomd_digests.clone_from(&sources.digests);
    let mut work = Work { args, configured, repository, sources: &sources, options, progress, started };
    if args.dry_run { work.dry_run(&cached, recipes) } else { work.carry_out(recipes) }
}

/// Refuses what the configuration asks for and cannot be done here.
fn check_obstacles(args: &Refresh, repository: &Repository) -> anyhow::Result<()> {
    let is_named = args.ids.contains(&repository.id);
    // Who names a repository wants it refreshed, however long its package manager would wait.
    let mut obstacles = repository.obstacles.iter().filter(|o| !(is_named && o.code == Obstacle::PINNED));
    match obstacles.next() {
        Some(obstacle) => Err(Left::new(obstacle.code, obstacle.text.clone()).into()),
        None => Ok(()),
    }
}

fn check_system_cache(repository: &Repository) -> anyhow::Result<()> {
    if let Some(theirs) = &repository.system_cache
        && CachedState::read(theirs).is_ok_and(|cached| cached.is_some())
    {
        let why = format!("{} copies root's cache of it, `{}`", repository.manager, theirs.display());
        return Err(Left::new("system_cache", why).into());
    }
    Ok(())
}

fn check_age(sources: &Sources, cached: &CachedState) -> anyhow::Result<()> {
    if let (Some(theirs), Some(ours)) = (sources.timestamp, cached.model.greatest_timestamp())
        && theirs < ours
    {
        let why = format!(
            "its metalink is older than the cache: expected a timestamp of at least {ours}, found {theirs}"
        );
        return Err(Left::new("older", why).into());
    }
    Ok(())
}

/// What the update is told of the command line, the configuration and the run.
fn options(args: &Refresh, repository: &Repository, run: &Run) -> Options {
    let servers = &args.patience.servers;
    let mut options = Options::default();
    options.dry_run = args.dry_run;
    options.now = Some(now());
    options.parallel = run.types_at_a_time;
    servers.apply(&mut options);
    args.rebuilding.apply(&mut options);
    if let (None, Some(retries)) = (servers.retries, repository.network.retries) {
        options.retries = retries;
    }
    options.max_time = Some(run.time_for_one());
    options.max_file_time = Some(FILE_TIME);
    if servers.max_time.is_none() {
        options.max_retry_after = Some(RETRY_AFTER);
    }
    options
}

/// Whether there is anything to do for a repository, as far as its configuration and its
/// cache tell. Where they cannot be read, [`refresh`] says why.
pub(super) fn can_begin(repository: &Repository) -> bool {
    let is_known = repository.obstacles.iter().all(|obstacle| obstacle.code == Obstacle::PINNED);
    let looked = look(repository, || CachedState::read(&repository.cache));
    is_known && !looked.is_err_and(|error| error.is::<Left>())
}

/// What a cache holds, if that is something to begin with.
fn look(
    repository: &Repository,
    read: impl FnOnce() -> Result<Option<CachedState>, CacheError>,
) -> anyhow::Result<CachedState> {
    let cached = match read() {
        Ok(cached) => cached.ok_or_else(|| Left::new("no_cache", "there is no cache of it yet"))?,
        Err(error @ CacheError::Repomd { .. }) => {
            return Err(Left::new("unreadable_cache", error.to_string()).into());
        }
        Err(error) => return Err(error.into()),
    };
    let has_deltas = |model: &Repomd| {
        model.journal.is_some() || model.records.iter().any(|record| !record.deltas.is_empty())
    };
    if !has_deltas(&cached.model) {
        return Err(Left::new("no_deltas", "it had no deltas when it was fetched").into());
    }
    let types =
        select_types(&repository.types, &cached.model, &cached.present, &cached.model).map_err(Left::from)?;
    if let Some(kind) = types.iter().find(|kind| !cached.present.contains(*kind)) {
        let why = format!("its cache lacks the file of type `{kind}`");
        return Err(Left::new("incomplete_cache", why).into());
    }
    Ok(cached)
}

/// What the steps need.
struct Work<'a> {
    args: &'a Refresh,
    configured: &'a Configured,
    repository: &'a Repository,
    sources: &'a Sources,
    options: Options,
    progress: &'a dyn Progress,
    /// Before a server was asked.
    started: SystemTime,
}

impl Work<'_> {
    fn dry_run(&mut self, cached: &CachedState, recipes: &mut KnownRecipes) -> anyhow::Result<Conclusion> {
        if self.is_current_by_metalink(cached) {
            return Ok(Conclusion::new(Outcome::Current, CURRENT_BY_METALINK));
        }
        self.request(cached);
        let (outcome, updated) = self.update(&self.repository.cache.join(REPODATA), recipes)?;
        Conclusion::after(outcome, updated)
    }

    fn carry_out(&mut self, recipes: &mut KnownRecipes) -> anyhow::Result<Conclusion> {
        let locked = lock(self.args, self.configured, self.repository)?;
        let cache = Cache::open(&self.repository.cache)?;
        let cached = look(self.repository, || cache.state())?;
        if self.is_current_by_metalink(&cached) {
            let current = Conclusion::new(Outcome::Current, CURRENT_BY_METALINK);
            let current = self.keep_list(&cache, current);
            return Ok(verified(self.repository, &cache, &cached, self.started, current));
        }
        self.request(&cached);
        let stage = cache.stage(cached)?;
        drop(locked);

        let updated = self.update(&stage.path(), recipes);
        if updated.is_err() && !stage.is_there() {
            return Err(self.replaced());
        }
        let (outcome, updated) = updated?;
        if outcome == BesideOutcome::Current {
            let current = Conclusion::after(outcome, updated)?;
            return Ok(verified(self.repository, &cache, stage.old(), self.started, current));
        }
        if outcome != BesideOutcome::Staged {
            return Conclusion::after(outcome, updated);
        }
        let types = match self.types(&stage) {
            Ok(types) => types,
            Err(error) => return Err(Left::with_updated(error, updated)),
        };
        let locked = lock(self.args, self.configured, self.repository)?;
        stage.commit(&types)?;
        let refreshed = self.keep_list(&cache, Conclusion::after(outcome, updated)?);
        let refreshed = verified_anew(self.repository, &cache, self.started, refreshed);
        drop(locked);
        Ok(refreshed)
    }

    /// Asks for the types that the package manager takes.
    fn request(&mut self, cached: &CachedState) {
        self.options.types = types_to_request(&self.repository.types, &cached.model, &cached.present).ok();
    }

    /// Whether the cache has what the metalink says is current. Nobody else need be asked
    /// then: dnf does not ask either.
    fn is_current_by_metalink(&self, cached: &CachedState) -> bool {
        self.sources.current.is_some_and(|digest| digest.algorithm().digest(&cached.repomd) == digest)
    }

    /// Puts the list that led here beside the cache: dnf keeps it, too, and fetches it where
    /// it is not there.
    fn keep_list(&self, cache: &Cache, mut conclusion: Conclusion) -> Conclusion {
        if let Some((name, bytes)) = &self.sources.list
            && let Err(error) = cache.put_document(name, bytes)
        {
            conclusion.add(format_args!("but its list of mirrors was not kept: {error}"));
        }
        conclusion
    }

    fn update(
        &self,
        staging: &Path,
        recipes: &mut KnownRecipes,
    ) -> anyhow::Result<(BesideOutcome, Option<Updated>)> {
        let sources: Vec<_> = self.sources.transports.iter().map(AsRef::as_ref).collect();
        let old = self.repository.cache.join(REPODATA);
        // What the metalink says is current, from whichever mirror has it; else what it
        // says is good enough.
        let mut options = self.options.clone();
        options.repomd_digests.truncate(1);
        let updated = match update_beside(&sources, &old, staging, &options, recipes, self.progress) {
            Err(UpdateError::Digest { .. }) if self.options.repomd_digests.len() > 1 => {
                update_beside(&sources, &old, staging, &self.options, recipes, self.progress)?
            }
            updated => updated?,
        };
        Ok((updated.outcome, updated.report))
    }

    /// The types that the package manager will look for in the new state, if
    /// they are there.
    fn types(&self, stage: &Stage<'_>) -> anyhow::Result<Vec<String>> {
        let dir = Dir::open(&stage.path())?;
        let bytes = dir.read(REPOMD, MAX_SIZE as u64)?.context("no repomd.xml was made")?;
        let model = Repomd::parse(&bytes)?;
        let old = stage.old();
        let types =
            select_types(&self.repository.types, &old.model, &old.present, &model).map_err(Left::from)?;
        if let Some(kind) = types.iter().find(|kind| !self.is_requested(kind, &model)) {
            let why =
                format!("its files of type `{kind}` are new, and {} wants them", self.repository.manager);
            return Err(Left::new("new_types", why).into());
        }
        if let Some(kind) = damaged(&dir, &model, &types)? {
            let why = format!("its cache has a damaged file of type `{kind}`");
            return Err(Left::new("damaged_cache", why).into());
        }
        Ok(types)
    }

    /// Whether this type of the new state was asked for.
    fn is_requested(&self, kind: &str, model: &Repomd) -> bool {
        let is_meant = |kind: &str| self.options.types.iter().flatten().any(|other| other == kind);
        let zchunk = format!("{kind}{ZCHUNK}");
        is_meant(kind) || is_meant(&zchunk) && model.record(&zchunk).is_none()
    }

    fn replaced(&self) -> anyhow::Error {
        let path = self.repository.cache.display();
        Refusal::busy(format!("`{path}` was replaced by another process meanwhile")).into()
    }
}
