//! The repositories of a configuration file, some at a time. Each is published
//! by itself: one that fails does not stop the others, and results are told in
//! the order of the file, whichever is ready first.

use std::path::Path;

use delta_publish::Generated;
use serde::Serialize;

use super::{show, tell};
use crate::args::Generate;
use crate::config::{self, Target, Wanted};
use crate::exit::Status;
use crate::{failure, messages, output};

/// The result with `--json`.
#[derive(Serialize)]
struct Repositories {
    repositories: Vec<Entry>,
}

/// One repository of it.
#[derive(Serialize)]
struct Entry {
    name: String,
    path: String,
    history: Option<String>,
    status: u8,
    error: Option<String>,
    generated: Option<Generated>,
}

pub(super) fn run(args: &Generate, file: &Path) -> anyhow::Result<Status> {
    let wanted = Wanted {
        names: args.repos.iter().map(|name| name.to_string_lossy().into_owned()).collect(),
        history: args.history.clone(),
        settings: args.settings.clone(),
        needs_history: true,
    };
    let targets = config::select(&config::load(file)?, &wanted)?;
    config::refuse_conflicts(&targets)?;
    if args.several.print_config {
        output::text(&config::print(&targets)?)?;
        return Ok(Status::Done);
    }
    let mut worst = Status::Done;
    let mut entries = Vec::new();
    let mut printed = Ok(());
    let jobs = args.jobs();
    let publish = |target: &Target| {
        let mut options = target.settings.options(args.dry_run);
        options.jobs = jobs.clone();
        delta_publish::generate(&target.path, target.history()?, &options).map_err(anyhow::Error::from)
    };
    jobs.each_in_order(&targets, publish, |target, result| {
        let status = result.as_ref().map_or_else(failure::status, Status::of_generated);
        worst = worst.worse(status);
        // What cannot be printed must not stop what is being published.
        let told = report(target, &result, args, entries.is_empty());
        printed = std::mem::replace(&mut printed, Ok(())).and(told);
        entries.push(entry(target, status, result));
    });
    printed?;
    if args.report.json {
        output::json(&Repositories { repositories: entries })?;
    }
    Ok(worst)
}

fn report(
    target: &Target,
    result: &anyhow::Result<Generated>,
    args: &Generate,
    is_first: bool,
) -> anyhow::Result<()> {
    let done = match result {
        Ok(done) => done,
        Err(error) => {
            messages::failure_of(&target.name, error);
            return Ok(());
        }
    };
    let printed = if args.report.json || args.report.quiet {
        Ok(())
    } else {
        let gap = if is_first { "" } else { "\n" };
        let (name, path) = (&target.name, target.path.display());
        output::text(&format!("{gap}{name}  {path}\n{}", show::table(done, args).render()))
    };
    let subject = tell::Subject {
        name: Some(&target.name),
        repo: &target.path,
        history: target.history.as_deref().unwrap_or(&target.path),
        signs_later: target.settings.signing.is_later(),
    };
    tell::tell(done, &subject, args);
    printed
}

fn entry(target: &Target, status: Status, result: anyhow::Result<Generated>) -> Entry {
    let error = result.as_ref().err().map(|error| messages::texts(error).join(": "));
    Entry {
        name: target.name.clone(),
        path: target.path.display().to_string(),
        history: target.history.as_ref().map(|history| history.display().to_string()),
        status: status.code(),
        error,
        generated: result.ok(),
    }
}
