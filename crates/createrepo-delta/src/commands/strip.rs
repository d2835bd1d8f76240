//! `createrepo-delta strip`.

use delta_publish::{StripOptions, Stripped};

use super::{reduced, signature};
use crate::args::Strip;
use crate::exit::Status;
use crate::table::facts;
use crate::{messages, output, places, size};

pub(super) fn run(args: &Strip) -> anyhow::Result<Status> {
    if let Some(history) = &args.history {
        places::refuse_history_inside(&args.repo, history)?;
    }
    let mut options = StripOptions::default();
    options.signing = args.signing.options();
    options.dry_run = args.dry_run;
    let done = delta_publish::strip(&args.repo, args.history.as_deref(), &options)?;
    if args.report.json {
        output::json(&done)?;
    } else if !args.report.quiet {
        output::text(&facts(&rows(&done, args.dry_run)))?;
    }
    if args.details.verbose {
        let verb = if args.dry_run { "would delete" } else { "deleted" };
        done.removed.iter().for_each(|file| messages::note(format_args!("{verb} `{file}`")));
    }
    done.warnings.iter().for_each(messages::warning);
    reduced::tell(&done.reduced, "");
    signature::tell(done.signature, &args.repo, args.dry_run, args.report.quiet, args.signing.is_later());
    Ok(Status::of_stripped(&done))
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
