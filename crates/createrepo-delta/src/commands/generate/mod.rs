//! `createrepo-delta generate`, of one repository or of those of a configuration file;
//! `show` and `tell` say what was done.

mod show;
mod tell;
mod types;

use std::path::Path;

use super::many::{self, How};
use crate::args::Generate;
use crate::config::{self, Target};
use crate::exit::Status;
use crate::failure::Refusal;
use crate::{output, places};

pub(super) fn run(args: &Generate) -> anyhow::Result<Status> {
    match &args.repositories.config {
        Some(file) => several(args, file),
        None => one(args),
    }
}

fn one(args: &Generate) -> anyhow::Result<Status> {
    let repo = args.repositories.one()?;
    let history = history(args)?;
    args.settings.signing.refuse_idle()?;
    places::refuse_history_inside(repo, history)?;
    let mut options = args.settings.options(args.dry_run);
    options.jobs = args.repositories.jobs();
    let done = delta_publish::generate(repo, history, &options)?;
    let printed = output::result(&args.report, &done, || show::table(&done, args).render());
    tell::tell(
        &done,
        &tell::Subject { name: None, repo, history, signs_later: args.settings.signing.is_later() },
        args,
    );
    printed.map(|()| Status::of_generated(&done))
}

fn several(args: &Generate, file: &Path) -> anyhow::Result<Status> {
    let targets = args.repositories.of(file, args.history.as_deref(), args.settings.clone(), true)?;
    if args.print_config {
        output::text(&config::print(&targets)?)?;
        return Ok(Status::Done);
    }
    let jobs = args.repositories.jobs();
    let how = How {
        done: if args.dry_run { "would publish" } else { "published" },
        key: "generated",
        json: args.report.json,
        quiet: args.report.quiet,
    };
    let types = types::asked_for(&targets);
    let options = |target: &Target| {
        let mut options = target.settings.options(args.dry_run);
        options.jobs = jobs.clone();
        options.types_elsewhere.clone_from(&types);
        options
    };
    types::refuse_unknown(&targets, options)?;
    let publish =
        |target: &Target| Ok(delta_publish::generate(&target.path, target.history()?, &options(target))?);
    many::run(&targets, &jobs, &how, publish, |target, done, is_first| {
        let table = || show::table(done, args).render();
        let printed = if how.is_silent() { Ok(()) } else { many::under_name(target, is_first, &table()) };
        let subject = tell::Subject {
            name: Some(&target.name),
            repo: &target.path,
            history: target.history()?,
            signs_later: target.settings.signing.is_later(),
        };
        tell::tell(done, &subject, args);
        printed.map(|()| Status::of_generated(done))
    })
}

fn history(args: &Generate) -> Result<&Path, Refusal> {
    args.history.as_deref().ok_or_else(|| {
        Refusal::usage("no history is given, so there is nothing to make deltas from").hint(
            "name the directory in which past generations are remembered, outside the repository: \
             `--history /var/lib/createrepo-delta/NAME`",
        )
    })
}
