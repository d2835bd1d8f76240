//! `createrepo-delta verify`, of one repository or of those of a configuration file.

use std::path::Path;

use delta_publish::report::Verified;

use super::many::{self, How};
use crate::args::Verify;
use crate::config::Target;
use crate::exit::Status;
use crate::settings::Settings;
use crate::table::{Align, Table};
use crate::{hints, messages, output, size};

pub(super) fn run(args: &Verify) -> anyhow::Result<Status> {
    match &args.repositories.config {
        Some(file) => several(args, file),
        None => one(args),
    }
}

fn one(args: &Verify) -> anyhow::Result<Status> {
    let (repo, history) = (args.repositories.one()?, args.history.as_deref());
    let found = delta_publish::verify(repo, history, &args.repositories.jobs())?;
    let printed = output::result(&args.report, &found, || table(&found, history.is_some()).render());
    tell(&found, "", (repo, history), args.report.quiet);
    printed.map(|()| Status::of_verified(&found))
}

fn several(args: &Verify, file: &Path) -> anyhow::Result<Status> {
    let targets = args.repositories.of(file, args.history.as_deref(), Settings::default(), false)?;
    let jobs = args.repositories.jobs();
    let how = How { done: "verified", key: "verified", json: args.report.json, quiet: args.report.quiet };
    let verify = |target: &Target| Ok(delta_publish::verify(&target.path, target.history.as_deref(), &jobs)?);
    many::run(&targets, &jobs, &how, verify, |target, found, is_first| {
        let table = || table(found, target.history.is_some()).render();
        let printed = if how.is_silent() { Ok(()) } else { many::under_name(target, is_first, &table()) };
        tell(found, &format!("{}: ", target.name), (&target.path, target.history.as_deref()), how.quiet);
        printed.map(|()| Status::of_verified(found))
    })
}

fn table(found: &Verified, with_history: bool) -> Table {
    let mut table = Table::new(&[
        ("TYPE", Align::Left),
        ("DELTAS", Align::Right),
        ("PROVEN", Align::Right),
        ("PROVEN BY JOURNAL", Align::Right),
    ]);
    let known = |number: usize| if with_history { number.to_string() } else { "-".to_owned() };
    for of_type in &found.types {
        table.row([
            of_type.data_type.clone(),
            of_type.deltas.to_string(),
            known(of_type.proven),
            known(of_type.journal_proven),
        ]);
    }
    table
}

fn tell(found: &Verified, prefix: &str, (repo, history): (&Path, Option<&Path>), quiet: bool) {
    for problem in &found.problems {
        messages::problem(format_args!("{prefix}{problem}"));
    }
    for problem in &found.history_problems {
        messages::warning(format_args!("{prefix}{problem}"));
    }
    if !quiet {
        for left in &found.left_alone {
            messages::note(format_args!("{prefix}not verified: {left}"));
        }
    }
    for file in &found.unnamed {
        messages::warning(format_args!(
            "{prefix}no state that is remembered names `{file}`; `generate` deletes it, at the latest after `--keep-states` publishes"
        ));
    }
    let shown = repo.display();
    if !found.problems.is_empty() {
        let problems = size::count(found.problems.len(), "problem");
        messages::problem(format_args!("{prefix}`{shown}` has {problems}"));
        messages::hint(hints::of_problems(repo, history));
    } else if !found.history_problems.is_empty() {
        messages::warning(format_args!("{prefix}`{shown}` is whole, but its history is not"));
    } else if !quiet {
        messages::note(format_args!("{prefix}`{shown}` is whole"));
    }
}
