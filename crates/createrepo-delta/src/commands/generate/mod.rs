//! `createrepo-delta generate`: one repository here, those of a configuration
//! file in `many`; `show` and `tell` say what was done.

mod many;
mod show;
mod tell;

use std::path::Path;

use crate::args::Generate;
use crate::exit::Status;
use crate::failure::Refusal;
use crate::{output, places};

pub(super) fn run(args: &Generate) -> anyhow::Result<Status> {
    match &args.several.config {
        Some(file) => many::run(args, file),
        None => one(args),
    }
}

fn one(args: &Generate) -> anyhow::Result<Status> {
    let repo = only(args)?;
    let history = history(args)?;
    places::refuse_history_inside(repo, history)?;
    let mut options = args.settings.options(args.dry_run);
    options.jobs = args.jobs();
    let done = delta_publish::generate(repo, history, &options)?;
    if args.report.json {
        output::json(&done)?;
    } else if !args.report.quiet {
        output::text(&show::table(&done, args).render())?;
    }
    tell::tell(
        &done,
        &tell::Subject { name: None, repo, history, signs_later: args.settings.signing.is_later() },
        args,
    );
    Ok(Status::of_generated(&done))
}

fn only(args: &Generate) -> Result<&Path, Refusal> {
    if let [repo] = &args.repos[..] {
        return Ok(repo);
    }
    let message = format!("expected one repository, found {}", args.repos.len());
    Err(Refusal::usage(message).hint(
        "several are published in one run with `--config FILE`, a file that says where the history of \
         each is",
    ))
}

fn history(args: &Generate) -> Result<&Path, Refusal> {
    args.history.as_deref().ok_or_else(|| {
        Refusal::usage("no history is given, so there is nothing to make deltas from").hint(
            "name the directory in which past generations are remembered, outside the repository: \
             `--history /var/lib/createrepo-delta/NAME`",
        )
    })
}
