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
use managers::cache::{Cache, CacheError, CachedState, Reluctance, Stage, select_types, types_to_request};
use managers::{Obstacle, Repository};
use repomd::files::{REPODATA, REPOMD, ZCHUNK};
use repomd::{MAX_SIZE, Repomd};

use super::downloaded::Downloaded;
use super::lock::lock;
use super::report::{Done, Outcome};
use super::share::{self, Donor};
use super::sources::{self, Sources};
use super::trust::Trust;
use super::verified::{verified, verified_anew};
use super::whole::damaged;
use super::{Chosen, Configured, Run};
use crate::args::Refresh;
use crate::failure::Refusal;

/// How long a server is waited for that asks to be left alone.
const RETRY_AFTER: Duration = Duration::from_secs(30);
const CURRENT_BY_METALINK: &str = "its cache has the repomd.xml that the metalink names";
/// How long one file may take from one source: what comes more slowly the package manager
/// gets by itself.
const FILE_TIME: Duration = Duration::from_secs(5 * 60);

/// Refreshes the cache of `chosen`, or says why not.
pub(super) fn refresh(
    args: &Refresh,
    chosen: &Chosen<'_>,
    run: &Run,
    recipes: &mut KnownRecipes,
    progress: &dyn Progress,
    downloaded: &Downloaded,
    donor: Option<Donor<'_>>,
) -> anyhow::Result<Done> {
    let Chosen { configured, repository, trust } = chosen;
    let started = now();
    let is_named = args.ids.contains(&repository.id);
    // Who names a repository wants it refreshed, however long its package manager would wait.
    let mut obstacles = repository.obstacles.iter().filter(|o| !(is_named && o.code == Obstacle::PINNED));
    if let Some(obstacle) = obstacles.next() {
        return Ok(Done::left(obstacle.code, obstacle.text.clone()));
    }
    if let Some(donor) = donor
        && let Some(done) = share::fill(args, chosen, donor)?
    {
        return Ok(done);
    }
    let cached = match look(repository, || CachedState::read(&repository.cache))? {
        Ok(cached) => cached,
        Err(left) => return Ok(left),
    };
    if let Some(theirs) = &repository.system_cache
        && CachedState::read(theirs).is_ok_and(|cached| cached.is_some())
    {
        let why = format!("{} copies root's cache of it, `{}`", repository.manager, theirs.display());
        return Ok(Done::left("system_cache", why));
    }
    let keyring = match trust.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"))? {
        Trust::Signed(keyring) => Some(keyring.path.clone()),
        Trust::Any => None,
        Trust::Theirs(code, why) => return Ok(Done::left(code, *why)),
    };
    if run.is_over() {
        return Ok(Done::left("out_of_time", "there was no time left for it"));
    }
    let http = sources::http(args, repository, run)?;
    let sources = sources::open(&http, repository, &configured.setup.variables, downloaded)?;
    if let (Some(theirs), Some(ours)) = (sources.timestamp, cached.model.greatest_timestamp())
        && theirs < ours
    {
        let why = format!(
            "its metalink is older than the cache: expected a timestamp of at least {ours}, found {theirs}"
        );
        return Ok(Done::left("older", why));
    }
    let mut options = Options::default();
    options.keyring = keyring;
    options.repomd_digests.clone_from(&sources.digests);
    options.dry_run = args.dry_run;
    options.parallel = run.types_at_a_time;
    args.patience.servers.apply(&mut options);
    if let (None, Some(retries)) = (args.patience.servers.retries, repository.network.retries) {
        options.retries = retries;
    }
    options.max_time = Some(run.time_for_one());
    options.max_file_time = Some(FILE_TIME);
    if args.patience.servers.max_time.is_none() {
        options.max_retry_after = Some(RETRY_AFTER);
    }
    let mut work = Work { args, configured, repository, sources: &sources, options, progress, started };
    if args.dry_run {
        if work.is_current_by_metalink(&cached) {
            return Ok(Done::of(Outcome::Current, CURRENT_BY_METALINK));
        }
        let staging = repository.cache.join(REPODATA);
        work.options.types = types_to_request(&repository.types, &cached.model, &cached.present).ok();
        let (outcome, updated) = work.renew(&staging, recipes)?;
        return Ok(Done::after(outcome, updated));
    }
    work.carry_out(recipes)
}

/// Whether there is anything to do for a repository, as far as its configuration and its
/// cache tell. Where they cannot be read, [`refresh`] says why.
pub(super) fn can_begin(repository: &Repository) -> bool {
    let is_known = repository.obstacles.iter().all(|obstacle| obstacle.code == Obstacle::PINNED);
    is_known && !matches!(look(repository, || CachedState::read(&repository.cache)), Ok(Err(_)))
}

/// What a cache holds, if that is something to begin with; else why not.
fn look(
    repository: &Repository,
    read: impl FnOnce() -> Result<Option<CachedState>, CacheError>,
) -> anyhow::Result<Result<CachedState, Done>> {
    let cached = match read() {
        Ok(Some(cached)) => cached,
        Ok(None) => return Ok(Err(Done::left("no_cache", "there is no cache of it yet"))),
        Err(error @ CacheError::Repomd { .. }) => {
            return Ok(Err(Done::left("unreadable_cache", error.to_string())));
        }
        Err(error) => return Err(error.into()),
    };
    let has_deltas = |model: &Repomd| {
        model.records.iter().any(|record| !record.deltas.is_empty() || record.journal().is_some())
    };
    if !has_deltas(&cached.model) {
        return Ok(Err(Done::left("no_deltas", "it had no deltas when it was fetched")));
    }
    let types = match select_types(&repository.types, &cached.model, &cached.present, &cached.model) {
        Ok(types) => types,
        Err(reluctance) => return Ok(Err(Done::left(code(&reluctance), reluctance.to_string()))),
    };
    Ok(match types.iter().find(|kind| !cached.present.contains(*kind)) {
        Some(kind) => {
            Err(Done::left("incomplete_cache", format!("its cache lacks the file of type `{kind}`")))
        }
        None => Ok(cached),
    })
}

fn code(reluctance: &Reluctance) -> &'static str {
    match reluctance {
        Reluctance::Zchunk => "zchunk",
        _ => "odd_records",
    }
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
    fn carry_out(&mut self, recipes: &mut KnownRecipes) -> anyhow::Result<Done> {
        let locked = lock(self.args, self.configured, self.repository)?;
        let cache = Cache::open(&self.repository.cache)?;
        let cached = match look(self.repository, || cache.state())? {
            Ok(cached) => cached,
            Err(left) => return Ok(left),
        };
        if self.is_current_by_metalink(&cached) {
            let done = Done::of(Outcome::Current, CURRENT_BY_METALINK);
            return Ok(verified(
                self.repository,
                &cache,
                &cached,
                self.started,
                self.keep_list(&cache, done),
            ));
        }
        self.options.types = types_to_request(&self.repository.types, &cached.model, &cached.present).ok();
        let stage = cache.stage(cached)?;
        drop(locked);

        let renewed = self.renew(&stage.path(), recipes);
        if renewed.is_err() && !stage.is_there() {
            return Err(self.replaced());
        }
        let (outcome, updated) = renewed?;
        if outcome != BesideOutcome::Staged {
            let done = Done::after(outcome, updated);
            return Ok(if outcome == BesideOutcome::Current {
                verified(self.repository, &cache, stage.old(), self.started, done)
            } else {
                done
            });
        }
        let types = match self.types(&stage)? {
            Ok(types) => types,
            Err(left) => return Ok(Done { updated, ..left }),
        };
        let locked = lock(self.args, self.configured, self.repository)?;
        stage.commit(&types)?;
        let done = self.keep_list(&cache, Done::after(outcome, updated));
        let done = verified_anew(self.repository, &cache, self.started, done);
        drop(locked);
        Ok(done)
    }

    /// Whether the cache has what the metalink says is current. Nobody else need be asked
    /// then: dnf does not ask either.
    fn is_current_by_metalink(&self, cached: &CachedState) -> bool {
        self.sources.current.is_some_and(|digest| digest.algorithm().digest(&cached.repomd) == digest)
    }

    /// Puts the list that led here beside the cache: dnf keeps it, too, and fetches it where
    /// it is not there.
    fn keep_list(&self, cache: &Cache, mut done: Done) -> Done {
        if let Some((name, bytes)) = &self.sources.list
            && let Err(error) = cache.put_document(name, bytes)
        {
            done.reason = format!("{}, but its list of mirrors was not kept: {error}", done.reason);
        }
        done
    }

    fn renew(
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
        let renewed = match update_beside(&sources, &old, staging, &options, recipes, self.progress) {
            Err(UpdateError::Digest { .. }) if self.options.repomd_digests.len() > 1 => {
                update_beside(&sources, &old, staging, &self.options, recipes, self.progress)?
            }
            renewed => renewed?,
        };
        Ok((renewed.outcome, renewed.report))
    }

    /// The types that the package manager will look for in the new state, if
    /// they are there.
    fn types(&self, stage: &Stage<'_>) -> anyhow::Result<Result<Vec<String>, Done>> {
        let dir = Dir::open(&stage.path())?;
        let bytes = dir.read(REPOMD, MAX_SIZE as u64)?.context("no repomd.xml was made")?;
        let model = Repomd::parse(&bytes)?;
        let old = stage.old();
        let types = match select_types(&self.repository.types, &old.model, &old.present, &model) {
            Ok(types) => types,
            Err(reluctance) => return Ok(Err(Done::left(code(&reluctance), reluctance.to_string()))),
        };
        if let Some(kind) = types.iter().find(|kind| !self.types_to_request(kind, &model)) {
            let why =
                format!("its files of type `{kind}` are new, and {} wants them", self.repository.manager);
            return Ok(Err(Done::left("new_types", why)));
        }
        if let Some(kind) = damaged(&dir, &model, &types)? {
            let why = format!("its cache has a damaged file of type `{kind}`");
            return Ok(Err(Done::left("damaged_cache", why)));
        }
        Ok(Ok(types))
    }

    /// Whether this type of the new state was asked for.
    fn types_to_request(&self, kind: &str, model: &Repomd) -> bool {
        let is_sought = |kind: &str| self.options.types.iter().flatten().any(|other| other == kind);
        let zchunk = format!("{kind}{ZCHUNK}");
        is_sought(kind) || is_sought(&zchunk) && model.record(&zchunk).is_none()
    }

    fn replaced(&self) -> anyhow::Error {
        let path = self.repository.cache.display();
        Refusal::busy(format!("`{path}` was replaced by another process meanwhile")).into()
    }
}

#[expect(clippy::disallowed_methods, reason = "the command line reads the clock")]
pub(super) fn now() -> SystemTime {
    SystemTime::now()
}
