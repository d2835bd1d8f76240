//! `createrepo-delta refresh`: the caches of package managers, one repository
//! after the other. What happens to one of them does not keep the others.

mod notes;
mod one;
mod report;
mod setups;
mod sources;
mod trust;

use std::time::{Duration, Instant};

use delta_client::Progress;
use managers::Manager;

use crate::args::Refresh;
use crate::exit::Status;
use crate::{messages, output, size};
use notes::Notes;
use report::{Entry, Outcome, Refreshed};

/// How long to wait for a package manager, unless told otherwise.
const LOCK_TIMEOUT: Duration = Duration::from_secs(60);

pub(super) fn run(args: &Refresh) -> anyhow::Result<Status> {
    let started = Instant::now();
    let setups = setups::read(args)?;
    let chosen = setups::choose(&setups, &args.ids)?;
    let mut done = Refreshed { dry_run: args.dry_run, ..Refreshed::default() };
    let mut warn = |text: String| {
        messages::warning(&text);
        done.warnings.push(text);
    };
    setups.iter().flat_map(|setup| setup.setup.problems.clone()).for_each(&mut warn);
    if chosen.is_empty() {
        warn("neither dnf nor zypper has a repository here that is enabled".to_owned());
    }
    let mut notes = Notes::open(args, &mut warn)?;
    let mut status = Status::Done;
    for (setup, repository) in chosen {
        let before = Instant::now();
        let progress = Told { name: report::name(repository) };
        let mut recipes = notes.of(&repository.cache);
        let known = recipes.clone();
        let attempt = one::refresh(args, setup, repository, &mut recipes, &progress);
        if recipes != known {
            notes.put(&repository.cache, recipes);
        }
        let (mut entry, of_entry) = Entry::new(repository, attempt);
        entry.milliseconds = milliseconds(before);
        status = status.worse(of_entry);
        done.add(entry);
    }
    if !args.dry_run
        && let Err(error) = notes.write()
    {
        messages::warning(format_args!("cannot note how files are rebuilt: {error}"));
        done.warnings.push(error.to_string());
    }
    done.milliseconds = milliseconds(started);
    if args.report.json {
        output::json(&done)?;
    } else if !args.report.quiet {
        output::text(&report::table(&done).render())?;
    }
    if !args.report.quiet {
        tell(&done);
    }
    Ok(status)
}

fn tell(done: &Refreshed) {
    let refreshed = done.repositories.iter().filter(|entry| entry.outcome == Outcome::Refreshed);
    let caches = size::count(refreshed.count(), "cache");
    let downloaded = size::human(done.bytes_downloaded);
    messages::note(if done.dry_run {
        format!("dry run: nothing was written; {caches} would be refreshed")
    } else {
        format!("{caches} refreshed with {downloaded}")
    });
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Prints warnings with the name of the repository.
struct Told {
    name: String,
}

impl Progress for Told {
    fn warning(&self, text: &str) {
        messages::warning(format_args!("{}: {text}", self.name));
    }
}

/// A package manager with what it is configured to use.
struct Configured {
    manager: Manager,
    setup: managers::Setup,
}
