//! `createrepo-delta strip`.

use history::History;

use super::signature;
use crate::args::Strip;
use crate::exit::Status;
use crate::table::facts;
use crate::{messages, output, places, size};

pub(super) fn run(args: &Strip) -> anyhow::Result<Status> {
    if let Some(history) = &args.history {
        places::refuse_history_inside(&args.repo, history)?;
        // Only looked at: a history that is not there is not to be made.
        History::read(history)?;
    }
    let done = delta_publish::strip(&args.repo, args.history.as_deref(), &args.signing.options())?;
    if args.report.json {
        output::json(&done)?;
    } else if !args.report.quiet {
        let repomd = if done.changed { "restored" } else { "had no deltas" };
        let deleted = size::count(done.removed.len(), "delta file");
        output::text(&facts(&[("repomd.xml", repomd.to_owned()), ("deleted", deleted)]))?;
    }
    if args.details.verbose {
        done.removed.iter().for_each(|file| messages::note(format_args!("deleted `{file}`")));
    }
    done.warnings.iter().for_each(messages::warning);
    signature::tell(done.signature, &args.repo, false, args.report.quiet, args.signing.is_later());
    Ok(Status::Done)
}
