//! `createrepo-delta history import`.

use std::sync::Arc;

use delta_publish::options::{ImportOptions, Jobs};
use delta_publish::report::Imported;

use crate::args::Import;
use crate::exit::Status;
use crate::progress::Bars;
use crate::table::Table;
use crate::{messages, output, places};

pub(super) fn run(args: &Import) -> anyhow::Result<Status> {
    places::refuse_history_inside_any(&args.dir)?;
    let types = args.types.as_ref().map(|types| types.iter().map(|name| name.0.clone()).collect());
    let options = ImportOptions::default()
        .with_types(types)
        .with_retention(args.keep.retention())
        .with_dry_run(args.dry_run);
    let bars = Arc::new(Bars::new(args.report.quiet));
    let options = options.with_jobs(Jobs::default().with_progress(Arc::clone(&bars) as Arc<_>));
    let done = delta_publish::import(&args.dir, &args.repodata, &options);
    bars.clear();
    let done = done?;
    for directory in &done.directories {
        for skipped in &directory.skipped {
            messages::warning(format_args!("`{}`: {skipped}", directory.directory));
        }
        directory.warnings.iter().for_each(messages::warning);
    }
    output::result(&args.report, &done, || table(&done).render())?;
    if args.dry_run && !args.report.json && !args.report.quiet {
        messages::say("Dry run, nothing was written");
    }
    Ok(Status::Success)
}

fn table(done: &Imported) -> Table {
    let mut table = Table::new(&["DIRECTORY", "IMPORTED"]);
    for directory in &done.directories {
        let types =
            if directory.types.is_empty() { "nothing".to_owned() } else { directory.types.join(", ") };
        table.row([directory.directory.clone(), types]);
    }
    table
}
