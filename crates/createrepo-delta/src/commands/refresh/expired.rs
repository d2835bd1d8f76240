//! `refresh --if-expired`, which hooks of package managers run before each command: what is
//! due is refreshed, within a budget of seconds. Whatever happens here, the package manager
//! goes on, so nothing is a failure; where nothing is due, the configuration and the caches
//! are read, and nothing else is touched.

use std::path::Path;
use std::time::{Duration, Instant};

use managers::Repository;
use managers::expiry::ExpiryCheck;
use rustix::fs::{Access, access};

use super::attempts::Attempts;
use super::caller::CallerLine;
use super::report::Refreshed;
use super::setups::{self, Releasever};
use super::{Configured, budget, one};
use crate::args::{Ids, Refresh};
use crate::commands::now;
use crate::exit::Status;
use crate::hints::Caller;
use crate::settings::Wait;
use crate::{messages, output};

/// How long all of it may take.
const MAX_TIME: Duration = Duration::from_secs(15);
/// How long a connection may take, and an answer: the package manager, which waits, asks
/// again.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(5);

/// Refreshes what is due, of the repositories that are named or else enabled.
pub(super) fn run(args: &Refresh, started: Instant) -> Status {
    messages::be_brief();
    if is_other_users_system(&args.system.root) || is_cacheonly(args) {
        return Status::Success;
    }
    let process = args.hook.caller.as_ref().and_then(|number| number.parse().ok());
    let caller = process.map(CallerLine::read).unwrap_or_default();
    if !caller.may_ask() {
        return Status::Success;
    }
    if let Err(error) = refresh(&with_defaults(args, &caller), started) {
        messages::failure(&error, Caller::Refresh);
    }
    Status::Success
}

/// The caches that count belong to root, and whoever else runs a package manager has no part
/// in them.
fn is_other_users_system(root: &Path) -> bool {
    root == Path::new("/") && !rustix::process::geteuid().is_root()
}

/// Whether the package manager is told to take its caches as they are.
fn is_cacheonly(args: &Refresh) -> bool {
    args.hook.cacheonly.as_ref().is_some_and(|word| !matches!(&**word, "" | "none"))
}

fn with_defaults(args: &Refresh, caller: &CallerLine) -> Refresh {
    let mut args = args.clone();
    args.report.quiet = true;
    args.system.dnf_config.take_if(|path| !path.exists());
    args.system.reposdir.retain(|path| path.exists());
    args.system.releasever.take_if(|version| version.is_empty());
    if args.system.releasever.is_none() {
        args.system.releasever = caller.releasever().map(str::to_owned);
    }
    let patience = &mut args.patience;
    // Who is at work on metadata fetches what is new, and the package manager waits for it.
    patience.lock_timeout.get_or_insert(Wait(Duration::ZERO));
    patience.servers.max_time.get_or_insert(Wait(MAX_TIME));
    patience.servers.connect_timeout.get_or_insert(Wait(CONNECT_TIMEOUT));
    patience.servers.timeout.get_or_insert(Wait(TIMEOUT));
    patience.servers.retries.get_or_insert(0);
    args
}

fn refresh(args: &Refresh, started: Instant) -> anyhow::Result<()> {
    let deadline = started + args.patience.servers.max_time.map_or(MAX_TIME, |max| max.0);
    // A configuration may be on a disk that hangs, too.
    match budget::within(deadline, &[], || setups_if_due(args))? {
        Some(setups) => budget::within(deadline, &setups, || refresh_due(args, started, &setups)),
        None => print_nothing(args),
    }
}

fn refresh_due(args: &Refresh, started: Instant, setups: &[Configured]) -> anyhow::Result<()> {
    let attempts = Attempts::read(args, now());
    let mut chosen = due(args, setups);
    chosen.retain(|(_, repository)| attempts.may_ask(repository));
    if chosen.is_empty() {
        return print_nothing(args);
    }
    let caches: Vec<_> = chosen.iter().map(|(_, repository)| repository.cache.clone()).collect();
    attempts.during(&caches, || super::refresh(args, started, setups, chosen).map(|(_, refreshed)| refreshed))
}

fn print_nothing(args: &Refresh) -> anyhow::Result<()> {
    output::result(&args.report, &Refreshed::default(), String::new)
}

/// The configurations, with `$releasever`; nothing where nothing is due.
fn setups_if_due(args: &Refresh) -> anyhow::Result<Option<Vec<Configured>>> {
    let setups = setups::read(args, Releasever::IfNamed)?;
    if due(args, &setups).is_empty() {
        return Ok(None);
    }
    let is_known = args.system.releasever.is_some();
    Ok(Some(if is_known { setups } else { setups::read(args, Releasever::Always)? }))
}

/// What is due, where there is something to begin with, and it may be changed.
fn due<'a>(args: &Refresh, setups: &'a [Configured]) -> Vec<(&'a Configured, &'a Repository)> {
    let (now, within) = (now(), Duration::from_secs(args.hook.expires_within.0));
    let mut due = Vec::new();
    for configured in setups {
        let check = ExpiryCheck::new(configured.manager, &configured.setup, now, within);
        let is_due = |repository: &&Repository| {
            is_enabled(repository, args)
                && check.is_due(repository)
                && access(&repository.cache, Access::WRITE_OK).is_ok()
                && one::can_begin(repository)
        };
        due.extend(configured.setup.repositories.iter().filter(is_due).map(|found| (configured, found)));
    }
    due
}

/// Whether the package manager is about to use it, as far as the hook tells.
fn is_enabled(repository: &Repository, args: &Refresh) -> bool {
    match &args.hook.enabled {
        Some(Ids(enabled)) => {
            enabled.contains(&repository.id) && (args.ids.is_empty() || args.ids.contains(&repository.id))
        }
        None => setups::is_chosen(repository, &args.ids),
    }
}
