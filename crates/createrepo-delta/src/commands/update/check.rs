//! `createrepo-delta update --offline`: nothing but the cache is looked at.

use delta_client::options::Options;
use delta_client::report::Checked;

use crate::args::Update;
use crate::exit::Status;
use crate::progress::Bars;
use crate::table::{Table, or_dash};
use crate::{messages, number, output, time};

pub(super) fn run(args: &Update) -> anyhow::Result<Status> {
    let mut options = Options::default();
    options.keyring.clone_from(&args.trust.keyring);
    let bars = Bars::new(args.report.quiet);
    let found = delta_client::check(&args.cache, &options, &bars);
    bars.clear();
    let found = found?;
    let printed = output::result(&args.report, &found, || table(&found).render());
    for problem in &found.problems {
        messages::problem(problem);
    }
    let cache = args.cache.display();
    if !found.problems.is_empty() {
        messages::problem(format_args!("`{cache}` has {}", number::count(found.problems.len(), "problem")));
        messages::hint(
            "`createrepo-delta update` without `--offline` fetches what it finds missing; to have \
             all of it read again, remove repodata/ first",
        );
        return printed.map(|()| Status::Broken);
    }
    if !args.report.quiet {
        messages::say(format_args!("`{cache}` is whole"));
    }
    printed.map(|()| Status::Success)
}

fn table(found: &Checked) -> Table {
    let mut table = Table::new(&["TYPE", "STATE", ">SIZE", "TIMESTAMP (UTC)", "FILE"]);
    for of_type in &found.types {
        table.row([
            of_type.data_type.clone(),
            if of_type.whole { "whole" } else { "damaged" }.to_owned(),
            or_dash(of_type.size.map(number::bytes)),
            or_dash(of_type.timestamp.map(time::utc)),
            of_type.file.clone(),
        ]);
    }
    table
}
