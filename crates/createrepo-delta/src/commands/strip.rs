//! `createrepo-delta strip`, of one repository or of those of a configuration file.

use std::path::Path;

use delta_publish::options::StripOptions;
use delta_publish::report::Stripped;

use super::many::{self, How};
use super::{reduced, signature};
use crate::args::Strip;
use crate::config::Target;
use crate::exit::Status;
use crate::settings::{Settings, Signing};
use crate::table::facts;
use crate::{messages, output, places, size};

pub(super) fn run(args: &Strip) -> anyhow::Result<Status> {
    match &args.repositories.config {
        Some(file) => several(args, file),
        None => one(args),
    }
}

fn one(args: &Strip) -> anyhow::Result<Status> {
    let repo = args.repositories.one()?;
    args.signing.refuse_idle()?;
    if let Some(history) = &args.history {
        places::refuse_history_inside(repo, history)?;
    }
    let done = strip(args, repo, args.history.as_deref(), &args.signing)?;
    let printed = output::result(&args.report, &done, || facts(&rows(&done, args.dry_run)));
    tell(&done, "", (repo, args.history.as_deref()), args, &args.signing);
    printed.map(|()| Status::of_stripped(&done))
}

fn several(args: &Strip, file: &Path) -> anyhow::Result<Status> {
    let line = Settings { signing: args.signing.clone(), ..Settings::default() };
    let targets = args.repositories.of(file, args.history.as_deref(), line, false)?;
    let how = How {
        done: if args.dry_run { "would strip" } else { "stripped" },
        key: "stripped",
        json: args.report.json,
        quiet: args.report.quiet,
    };
    let work =
        |target: &Target| strip(args, &target.path, target.history.as_deref(), &target.settings.signing);
    many::run(&targets, &args.repositories.jobs(), &how, work, |target, done, is_first| {
        let rows = || facts(&rows(done, args.dry_run));
        let printed = if how.is_silent() { Ok(()) } else { many::under_name(target, is_first, &rows()) };
        tell(
            done,
            &format!("{}: ", target.name),
            (&target.path, target.history.as_deref()),
            args,
            &target.settings.signing,
        );
        printed.map(|()| Status::of_stripped(done))
    })
}

fn strip(args: &Strip, repo: &Path, history: Option<&Path>, signing: &Signing) -> anyhow::Result<Stripped> {
    let options = StripOptions::default().with_signing(signing.options()).with_dry_run(args.dry_run);
    Ok(delta_publish::strip(repo, history, &options)?)
}

fn tell(
    done: &Stripped,
    prefix: &str,
    (repo, history): (&Path, Option<&Path>),
    args: &Strip,
    signing: &Signing,
) {
    if args.details.verbose {
        let verb = if args.dry_run { "would delete" } else { "deleted" };
        done.removed.iter().for_each(|file| messages::note(format_args!("{prefix}{verb} `{file}`")));
    }
    for warning in &done.warnings {
        messages::warning(format_args!("{prefix}{warning}"));
    }
    reduced::tell(&done.reduced, prefix, history.unwrap_or(repo));
    signature::tell(done.signature, repo, args.dry_run, args.report.quiet, signing.is_later());
}

fn rows(done: &Stripped, dry_run: bool) -> [(&'static str, String); 2] {
    let repomd = match (done.changed, dry_run) {
        (true, true) => "would be restored",
        (true, false) => "restored",
        (false, _) => "had no deltas",
    };
    let deleted = if dry_run { "would delete" } else { "deleted" };
    [("repomd.xml", repomd.to_owned()), (deleted, size::count(done.removed.len(), "delta file"))]
}
