//! `createrepo-delta history import`.

use delta_publish::options::ImportOptions;
use delta_publish::report::Imported;

use crate::args::Import;
use crate::exit::Status;
use crate::table::Table;
use crate::{messages, output};

pub(super) fn run(args: &Import) -> anyhow::Result<Status> {
    let options = ImportOptions::default()
        .with_types(args.types.clone())
        .with_retention(args.keep.retention())
        .with_dry_run(args.dry_run);
    let done = delta_publish::import(&args.dir, &args.repodata, &options)?;
    for directory in &done.directories {
        for skipped in &directory.skipped {
            messages::warning(format_args!("`{}`: {skipped}", directory.directory));
        }
        directory.warnings.iter().for_each(messages::warning);
    }
    output::result(&args.report, &done, || table(&done).render())?;
    if args.dry_run && !args.report.json && !args.report.quiet {
        messages::note("dry run: nothing was written");
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
