//! `createrepo-delta strip`, of one repository or of those of a configuration file.

use delta_publish::options::StripOptions;
use delta_publish::report::Stripped;

use super::many::How;
use super::{reduced, signature};
use crate::args::Strip;
use crate::config::Target;
use crate::exit::Status;
use crate::settings::Settings;
use crate::table::facts;
use crate::{messages, number, places};

pub(super) fn run(args: &Strip) -> anyhow::Result<Status> {
    let line = Settings { signing: args.signing.clone(), ..Settings::default() };
    let targets = args.repositories.targets(args.history.as_deref(), line, false)?;
    if let ([target], Some(history), None) = (&targets[..], &args.history, &args.repositories.config) {
        places::refuse_history_inside(&target.path, history)?;
    }
    let past = if args.dry_run { "would strip" } else { "stripped" };
    let how = How::new(&args.repositories, &args.report, "stripped").with_past(past);
    let work = |target: &Target| {
        let signing = target.settings.signing.options();
        let options = StripOptions::default().with_signing(signing).with_dry_run(args.dry_run);
        Ok(delta_publish::strip(&target.path, target.history.as_deref(), &options)?)
    };
    how.run(&targets, work, |target, done, is_first| {
        let printed = how.print(target, done, is_first, || facts(&rows(done, args.dry_run)));
        print_messages(done, target, args);
        printed.map(|()| Status::of_stripped(done))
    })
}

fn print_messages(done: &Stripped, target: &Target, args: &Strip) {
    let (prefix, repo) = (target.prefix(), &target.path);
    if args.details.verbose {
        let verb = if args.dry_run { "would delete" } else { "deleted" };
        done.removed.iter().for_each(|file| messages::say(format_args!("{prefix}{verb} `{file}`")));
    }
    for warning in &done.warnings {
        messages::warning(format_args!("{prefix}{warning}"));
    }
    reduced::warn(&done.reduced, &prefix, target.history.as_ref().unwrap_or(repo));
    let is_later = target.settings.signing.is_later();
    signature::report(done.signature, repo, args.dry_run, args.report.quiet, is_later);
}

fn rows(done: &Stripped, dry_run: bool) -> [(&'static str, String); 2] {
    let repomd = match (done.changed, dry_run) {
        (true, true) => "would be restored",
        (true, false) => "restored",
        (false, _) => "had no deltas",
    };
    let deleted = if dry_run { "would delete" } else { "deleted" };
    [("repomd.xml", repomd.to_owned()), (deleted, number::files(&done.removed))]
}
