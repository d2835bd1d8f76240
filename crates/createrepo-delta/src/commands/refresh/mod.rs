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
use delta_client::progress::{Progress, Step};
use delta_client::transport::http::Unreachable;
use delta_publish::options::Jobs;
use managers::{Manager, Repository};

use crate::args::Refresh;
use crate::commands::now;
use crate::exit::Status;
use crate::progress::Bars;
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
    // Only now: threads that are there already would keep their rights.
    let bars = Bars::new(args.report.quiet || args.hook.if_expired);
    let mut status = Status::Success;
    let mut found = BTreeMap::new();
    let groups = share::groups(&chosen);
    let work = |group: &Vec<&Chosen<'_>>| attempt_all(args, group, &run, (&notes, &bars));
    let jobs = Jobs::new(NonZeroUsize::new(jobs).unwrap_or(NonZeroUsize::MIN));
    jobs.each_in_order(&groups, work, |group, attempts| {
        for (chosen, (mut attempt, recipes)) in group.iter().zip(attempts) {
            done.warnings.append(&mut attempt.warnings);
            let (entry, of_entry) =
                bars.suspend(|| Entry::new(chosen.repository, attempt, args.report.quiet));
            status = status.worse(of_entry);
            done.add(entry);
            found.extend(recipes.map(|recipes| (chosen.repository.cache.clone(), recipes)));
        }
    });
    bars.clear();
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
fn attempt_all(args: &Refresh, group: &[&Chosen<'_>], run: &Run, beside: (&Notes, &Bars)) -> Vec<Attempted> {
    let mut attempts = BTreeMap::new();
    let mut donor = None;
    for at in share::order(group) {
        let Some(chosen) = group.get(at) else { continue };
        let asked = now();
        let attempted = attempt(args, chosen, run, beside, donor);
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
    (notes, bars): (&Notes, &Bars),
    donor: Option<Donor<'_>>,
) -> Attempted {
    let before = Instant::now();
    let cache = &chosen.repository.cache;
    let progress = NamedProgress::new(chosen.repository, args.report.quiet, bars);
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

/// What was done in all; the bytes are those of the table.
fn print_summary(done: &Refreshed) {
    let of = |outcome| done.repositories.iter().filter(move |entry| entry.outcome == outcome);
    let bytes = |outcome| of(outcome).map(|entry| entry.bytes_downloaded).sum::<u64>();
    let caches = |outcome| number::count(of(outcome).count(), "cache");
    let mut parts = Vec::new();
    if of(Outcome::Refreshed).next().is_some() {
        let caches = caches(Outcome::Refreshed);
        let (bytes, full) = (bytes(Outcome::Refreshed), of(Outcome::Refreshed).map(Entry::bytes_whole).sum());
        let would = if done.dry_run { "would be refreshed" } else { "refreshed" };
        let instead = number::instead_of(bytes, full);
        parts.push(format!("{caches} {would} with {}{instead}", number::bytes(bytes)));
    }
    if of(Outcome::Current).next().is_some() {
        let is = if of(Outcome::Current).count() == 1 { "is" } else { "are" };
        let checked = match bytes(Outcome::Current) {
            0 => "nothing downloaded".to_owned(),
            bytes => format!("checked with {}", number::bytes(bytes)),
        };
        parts.push(format!("{} {is} current ({checked})", caches(Outcome::Current)));
    }
    for (outcome, what) in [
        (Outcome::Left, "left to the package manager"),
        (Outcome::Failed, "failed"),
        (Outcome::Busy, "in use by another process"),
    ] {
        if of(outcome).next().is_some() {
            let bytes = match bytes(outcome) {
                0 => String::new(),
                bytes => format!(" ({} downloaded)", number::bytes(bytes)),
            };
            parts.push(format!("{} {what}{bytes}", caches(outcome)));
        }
    }
    let did = if parts.is_empty() { "nothing to refresh".to_owned() } else { parts.join(", ") };
    messages::say(if done.dry_run { format!("Dry run, nothing was written: {did}") } else { did });
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Shows how far a repository is, and prints warnings with its name: what was done in another way than
/// planned. That is normal where mirrors take turns, and whoever wants to hear nothing
/// normal hears what fails.
struct NamedProgress<'b> {
    name: String,
    /// Before the types in lines of progress.
    prefix: String,
    quiet: bool,
    bars: &'b Bars,
    /// Also where they are not printed.
    warnings: Mutex<Vec<String>>,
}

impl<'b> NamedProgress<'b> {
    fn new(repository: &Repository, quiet: bool, bars: &'b Bars) -> Self {
        let (name, prefix) = (report::name(repository), format!("{}:", repository.id));
        Self { name, prefix, quiet, bars, warnings: Mutex::default() }
    }

    fn into_warnings(self) -> Vec<String> {
        self.warnings.into_inner().unwrap_or_default()
    }
}

impl Progress for NamedProgress<'_> {
    fn began(&self, data_type: &str, step: Step, total: Option<u64>) {
        Progress::began(self.bars, &format!("{}{data_type}", self.prefix), step, total);
    }

    fn advanced(&self, data_type: &str, bytes: u64) {
        self.bars.advanced(&format!("{}{data_type}", self.prefix), bytes);
    }

    fn ended(&self, data_type: &str) {
        self.bars.ended(&format!("{}{data_type}", self.prefix));
    }

    fn warning(&self, text: &str) {
        let text = format!("{}: {text}", self.name);
        if !self.quiet {
            self.bars.suspend(|| messages::warning(&text));
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
