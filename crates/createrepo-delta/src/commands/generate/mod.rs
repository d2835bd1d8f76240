//! `createrepo-delta generate`, of one repository or of those of a configuration file;
//! `show` and `summary` say what was done.

mod show;
mod summary;
mod types;

use super::many::How;
use crate::args::Generate;
use crate::config::{self, Target};
use crate::exit::Status;
use crate::{output, places};

pub(super) fn run(args: &Generate) -> anyhow::Result<Status> {
    let targets = args.repositories.targets(args.history.as_deref(), args.settings.clone(), true)?;
    if args.print_config {
        output::text(&config::print(&targets)?)?;
        return Ok(Status::Success);
    }
    let is_several = args.repositories.config.is_some();
    let types = if is_several { types::asked_for(&targets) } else { Vec::new() };
    let options = |target: &Target| {
        let mut options = target.settings.options(args.dry_run);
        options.types_elsewhere.clone_from(&types);
        options
    };
    if is_several {
        types::refuse_unknown(&targets, options)?;
    } else if let [target] = &targets[..] {
        places::refuse_history_inside(&target.path, target.history()?)?;
    }
    let past = if args.dry_run { "would publish" } else { "published" };
    let how = How::new(&args.repositories, &args.report, "generated").with_past(past);
    let publish = |target: &Target| {
        let options = options(target).with_jobs(how.jobs(target));
        Ok(delta_publish::generate(&target.path, target.history()?, &options)?)
    };
    how.run(&targets, publish, |target, done, is_first| {
        let text = || show::text(done, &target.settings.options(args.dry_run), args);
        let printed = how.print(target, done, is_first, text);
        summary::print(done, target, target.history()?, args);
        printed.map(|()| Status::of_generated(done))
    })
}
