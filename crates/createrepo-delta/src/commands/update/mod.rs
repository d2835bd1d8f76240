//! `createrepo-delta update`.

mod bars;
mod check;
mod sources;

use delta_client::options::Options;
use delta_client::report::{PathTaken, TypeUpdated, Updated};
use repomd::files::REPODATA;

use super::reckoning;
use crate::args::Update;
use crate::exit::Status;
use crate::table::{Table, or_dash};
use crate::{messages, number, output};
use bars::Bars;

pub(super) fn run(args: &Update) -> anyhow::Result<Status> {
    if args.offline {
        return check::run(args);
    }
    let opened = sources::open(args).map_err(|error| sources::explained(error, args))?;
    let sources: Vec<_> = opened.iter().map(AsRef::as_ref).collect();
    let bars = Bars::new(args.report.quiet);
    let done = delta_client::update(&sources, &args.cache, &options(args), &bars);
    bars.clear();
    let done = done.map_err(|error| sources::explained(error.into(), args))?;
    output::result(&args.report, &done, || {
        let reckoning = args.rebuilding.verbose.then(|| reckoning::table([(None, &*done.types)]));
        table(&done).render() + &reckoning.unwrap_or_default()
    })?;
    if !args.report.quiet {
        print_messages(&done, args);
    }
    Ok(Status::Success)
}

fn options(args: &Update) -> Options {
    let mut options = Options::default();
    options.types.clone_from(&args.types);
    options.keyring.clone_from(&args.trust.keyring);
    options.allow_rollback = args.trust.allow_rollback;
    options.copy = args.form.copy();
    options.complete = args.form.complete;
    options.store_as = args.form.compress.store_as();
    options.dry_run = args.dry_run;
    options.fresh = args.network.fresh;
    args.network.servers.apply(&mut options);
    args.rebuilding.apply(&mut options);
    options
}

fn table(done: &Updated) -> Table {
    let mut table = Table::new(&["TYPE", "PATH", ">DOWNLOADED", ">FULL", "REASON"]);
    for of_type in &done.types {
        table.row([
            of_type.data_type.clone(),
            path(of_type).to_owned(),
            number::bytes(of_type.bytes_downloaded),
            or_dash(of_type.bytes_full.map(number::bytes)),
            of_type.reason.clone(),
        ]);
    }
    table
}

fn path(of_type: &TypeUpdated) -> &'static str {
    match of_type.path {
        PathTaken::Current => "current",
        PathTaken::Rebuilt => "rebuilt",
        PathTaken::Journal => "journal",
        PathTaken::Delta => "delta",
        _ => "full",
    }
}

fn print_messages(done: &Updated, args: &Update) {
    let repodata = args.cache.join(REPODATA);
    let repodata = repodata.display();
    let downloaded = number::bytes(done.bytes_downloaded);
    messages::note(match (done.dry_run, done.changed) {
        (true, true) => format!("dry run: nothing was written; `{repodata}` would change"),
        (true, false) => format!("dry run: nothing was written; `{repodata}` is up to date"),
        (false, true) => format!("`{repodata}` was brought up to date with {downloaded}"),
        (false, false) => format!("`{repodata}` was up to date"),
    });
}
