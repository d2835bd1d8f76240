//! `createrepo-delta refresh`: the caches of package managers, some repositories at a time.
//! What happens to one of them does not keep the others.

mod attempts;
mod budget;
mod caller;
mod dnf5_commands;
mod downloaded;
mod expired;
mod lock;
mod notes;
mod one;
mod report;
mod sandbox;
mod setups;
mod share;
mod sources;
mod trust;
mod verdict;
mod verified;
mod whole;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use delta_client::options::{KnownRecipes, Options};
use delta_client::progress::Progress;
use delta_client::transport::http::Unreachable;
use delta_publish::options::Jobs;
use managers::{Manager, Repository};

use crate::args::Refresh;
use crate::exit::Status;
use crate::{messages, number, output};
use downloaded::Downloaded;
use notes::Notes;
use report::{Attempt, Entry, Outcome, Refreshed};
use setups::Releasever;
use share::Donor;
use trust::Trust;

/// How long to wait for a package manager, unless told otherwise.
const LOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// How long one repository may take.
const TIME_FOR_ONE: Duration = Duration::from_secs(10 * 60);
/// How many repositories are worked on at a time, unless told otherwise.
const JOBS: usize = 4;

pub(super) fn run(args: &Refresh) -> anyhow::Result<Status> {
    let started = Instant::now();
    if args.hook.if_expired {
        return Ok(expired::run(args, started));
    }
    let setups = setups::read(args, Releasever::Always)?;
    let chosen = setups::choose(&setups, &args.ids)?;
    refresh(args, started, &setups, chosen).map(|(status, _)| status)
}

/// Refreshes the caches of these repositories, and tells of it.
fn refresh(
    args: &Refresh,
    started: Instant,
    setups: &[Configured],
    chosen: Vec<(&Configured, &Repository)>,
) -> anyhow::Result<(Status, Refreshed)> {
    let mut done = Refreshed { dry_run: args.dry_run, ..Refreshed::default() };
    let mut warn = |text: String| {
        messages::warning(&text);
        done.warnings.push(text);
    };
    setups.iter().flat_map(|setup| setup.setup.problems.clone()).for_each(&mut warn);
    if chosen.is_empty() && !args.report.quiet {
        let looked_at: Vec<String> = setups.iter().map(|setup| setup.manager.to_string()).collect();
        warn(match &*looked_at {
            [one] => format!("{one} has no repository here that is enabled"),
            several => format!("none of {} has a repository here that is enabled", several.join(", ")),
        });
    }
    let notes = Notes::open(args, &mut warn);
    let with_trust = |(configured, repository)| {
        let trust = trust::read(repository, &args.system.root);
        Chosen { configured, repository, trust }
    };
    let chosen: Vec<Chosen<'_>> = chosen.into_iter().map(with_trust).collect();
    let jobs = args.patience.jobs.map_or(JOBS, NonZeroUsize::get);
    let run = Run::new(started, args, chosen.len().min(jobs));
    sandbox::enter(&chosen, &notes);
    let mut status = Status::Success;
    let mut found = BTreeMap::new();
    let groups = share::groups(&chosen);
    let work = |group: &Vec<&Chosen<'_>>| attempt_all(args, group, &run, &notes);
    let jobs = Jobs::new(NonZeroUsize::new(jobs).unwrap_or(NonZeroUsize::MIN));
    jobs.each_in_order(&groups, work, |group, attempts| {
        for (chosen, (mut attempt, recipes)) in group.iter().zip(attempts) {
            done.warnings.append(&mut attempt.warnings);
            let (entry, of_entry) = Entry::new(chosen.repository, attempt, args.report.quiet);
            status = status.worse(of_entry);
            done.add(entry);
            found.extend(recipes.map(|recipes| (chosen.repository.cache.clone(), recipes)));
        }
    });
    if !args.dry_run
        && let Err(error) = notes.write(found)
    {
        messages::warning(format_args!("cannot note how files are rebuilt: {error}"));
        done.warnings.push(error.to_string());
    }
    done.milliseconds = milliseconds(started);
    output::result(&args.report, &done, || {
        let reckoning = args.rebuilding.verbose.then(|| report::reckoning(&done));
        report::table(&done).render() + &reckoning.unwrap_or_default()
    })?;
    if !args.report.quiet {
        print_summary(&done);
    }
    Ok((status, done))
}

/// What was tried of one cache, with what was found out of its recipes, if anything was.
type Attempted = (Attempt, Option<KnownRecipes>);

/// The caches of one repository, in the order of `group`. Once one is current, the others
/// get what it has.
fn attempt_all(args: &Refresh, group: &[&Chosen<'_>], run: &Run, notes: &Notes) -> Vec<Attempted> {
    let mut attempts = BTreeMap::new();
    let mut donor = None;
    for at in share::order(group) {
        let Some(chosen) = group.get(at) else { continue };
        let asked = one::now();
        let attempted = attempt(args, chosen, run, notes, donor);
        let outcome = attempted.0.conclusion.as_ref().map(|conclusion| conclusion.outcome);
        if let (None, Ok(outcome @ (Outcome::Refreshed | Outcome::Current))) = (donor, outcome) {
            donor = Some(Donor { chosen, asked, is_refreshed: outcome == Outcome::Refreshed });
        }
        attempts.insert(at, attempted);
    }
    attempts.into_values().collect()
}

fn attempt(
    args: &Refresh,
    chosen: &Chosen<'_>,
    run: &Run,
    notes: &Notes,
    donor: Option<Donor<'_>>,
) -> Attempted {
    let before = Instant::now();
    let cache = &chosen.repository.cache;
    let progress = NamedWarnings::new(report::name(chosen.repository), args.report.quiet);
    let known = notes.known(cache);
    let mut recipes = known.clone();
    let downloaded = Downloaded::default();
    let conclusion = notes
        .lock(cache, &progress)
        .map_err(anyhow::Error::from)
        .and_then(|_lock| one::refresh(args, chosen, run, &mut recipes, &progress, &downloaded, donor));
    let warnings = progress.into_warnings();
    let attempt = Attempt { conclusion, warnings, downloaded, milliseconds: milliseconds(before) };
    (attempt, Some(recipes).filter(|recipes| *recipes != known))
}

fn print_summary(done: &Refreshed) {
    let refreshed = done.repositories.iter().filter(|entry| entry.outcome == Outcome::Refreshed);
    let caches = number::count(refreshed.count(), "cache");
    let downloaded = number::bytes(done.bytes_downloaded);
    messages::note(if done.dry_run {
        format!("dry run: nothing was written; {caches} would be refreshed")
    } else {
        format!("{caches} refreshed with {downloaded}")
    });
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Prints warnings with the name of the repository: what was done in another way than
/// planned. That is normal where mirrors take turns, and whoever wants to hear nothing
/// normal hears what fails.
struct NamedWarnings {
    name: String,
    quiet: bool,
    /// Also where they are not printed.
    warnings: Mutex<Vec<String>>,
}

impl NamedWarnings {
    fn new(name: String, quiet: bool) -> Self {
        Self { name, quiet, warnings: Mutex::default() }
    }

    fn into_warnings(self) -> Vec<String> {
        self.warnings.into_inner().unwrap_or_default()
    }
}

impl Progress for NamedWarnings {
    fn warning(&self, text: &str) {
        let text = format!("{}: {text}", self.name);
        if !self.quiet {
            messages::warning(&text);
        }
        if let Ok(mut warnings) = self.warnings.lock() {
            warnings.push(text);
        }
    }
}

/// A variable, where it is text.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A package manager with what it is configured to use.
struct Configured {
    manager: Manager,
    setup: managers::Setup,
    /// Which of our threads has its lock.
    turn: Mutex<()>,
}

impl Configured {
    fn new(manager: Manager, setup: managers::Setup) -> Self {
        Self { manager, setup, turn: Mutex::default() }
    }
}

/// A repository that is to be refreshed.
struct Chosen<'a> {
    configured: &'a Configured,
    repository: &'a Repository,
    /// By which keys it is believed.
    trust: anyhow::Result<Trust>,
}

/// What the repositories of a run have in common.
struct Run {
    /// Nothing is waited for after that.
    deadline: Option<Instant>,
    /// Hosts that nobody asks any more.
    unreachable: Unreachable,
    /// How many types of each are worked on at a time.
    types_at_a_time: usize,
}

impl Run {
    fn new(started: Instant, args: &Refresh, at_a_time: usize) -> Self {
        let max_time = args.patience.servers.max_time.as_ref();
        Self {
            deadline: max_time.and_then(|max| started.checked_add(max.0)),
            unreachable: Unreachable::default(),
            types_at_a_time: (Options::default().parallel / at_a_time.max(1)).max(1),
        }
    }

    fn left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    fn is_over(&self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    /// How long the next repository may take.
    fn time_for_one(&self) -> Duration {
        self.left().map_or(TIME_FOR_ONE, |left| left.min(TIME_FOR_ONE))
    }
}
