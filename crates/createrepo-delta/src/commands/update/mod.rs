//! `createrepo-delta update`.

mod check;
mod sources;

use delta_client::options::Options;
use delta_client::report::{PathTaken, RepomdFound, TypeUpdated, Updated, bytes_whole};
use repomd::files::{KEY, REPODATA, REPOMD, SIGNATURE};

use super::reckoning;
use crate::args::Update;
use crate::exit::Status;
use crate::failure::Refusal;
use crate::progress::Bars;
use crate::table::{Table, or_dash, reasons_by_name};
use crate::{hints, messages, number, output};

/// A reason that is not repeated.
const TOLD: &str = "see the warning";

pub(super) fn run(args: &Update) -> anyhow::Result<Status> {
    if hints::is_url(&args.cache) {
        let message = format!("CACHE is a directory of this machine, found `{}`", args.cache.display());
        return Err(Refusal::usage(message).hint("SOURCE comes first, then CACHE").into());
    }
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
        let table = table(&done, args.rebuilding.verbose).render();
        table + &reckoning.unwrap_or_else(|| reasons(&done))
    })?;
    let missing =
        args.types.iter().flatten().filter(|kind| !done.types.iter().any(|of| of.data_type == **kind));
    if !args.report.quiet {
        missing.filter_map(|kind| hints::of_misspelt(kind, &done)).for_each(messages::hint);
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
    options.now = Some(super::now());
    args.network.servers.apply(&mut options);
    args.rebuilding.apply(&mut options);
    options
}

/// One row for each file that was downloaded, and for each type: they add up to what the last line says.
fn table(done: &Updated, verbose: bool) -> Table {
    let mut columns = vec!["FILE", "HOW", ">DOWNLOADED", ">INSTEAD OF"];
    columns.extend(verbose.then_some("REASON"));
    let mut table = Table::new(&columns);
    for shared in &done.shared {
        // Deltas and journals are downloaded where they are not there.
        let is_document = [REPOMD, SIGNATURE, KEY].contains(&&*shared.file);
        let is_held = is_document && done.repomd != RepomdFound::New;
        let how = if is_held { "checked" } else { "new" };
        let bytes = number::bytes(shared.bytes_downloaded);
        table.row([shared.file.clone(), how.to_owned(), bytes, or_dash(None)]);
    }
    for of_type in &done.types {
        let cells = [
            of_type.data_type.clone(),
            path(of_type).to_owned(),
            number::bytes(of_type.bytes_downloaded),
            or_dash(instead_of(of_type).map(number::bytes)),
        ];
        let reason = || if of_type.told { TOLD.to_owned() } else { of_type.reason.clone() };
        table.row(cells.into_iter().chain(verbose.then(reason)));
    }
    table
}

/// Why files were downloaded whole, where that was not told.
fn reasons(done: &Updated) -> String {
    let full = done.types.iter().filter(|of_type| of_type.path == PathTaken::Full && !of_type.told);
    reasons_by_name(full.map(|of_type| (&*of_type.data_type, of_type.reason.clone())))
}

/// Bytes of the full file, where it need not be downloaded.
fn instead_of(of_type: &TypeUpdated) -> Option<u64> {
    of_type.bytes_full.filter(|_| !matches!(of_type.path, PathTaken::Full | PathTaken::Current))
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
    let bytes = done.bytes_downloaded;
    let downloaded = number::bytes(bytes);
    let full = bytes_whole(&done.types, bytes);
    messages::say(match (done.dry_run, done.changed) {
        (true, true) => {
            format!("Dry run, nothing was written: {downloaded} would be downloaded for `{repodata}`")
        }
        (true, false) => format!("Dry run, nothing was written: `{repodata}` is up to date"),
        (false, true) => format!("Up to date: {downloaded} downloaded{}.", number::instead_of(bytes, full)),
        (false, false) if bytes == 0 => format!("`{repodata}` was up to date (nothing downloaded)"),
        (false, false) => format!("`{repodata}` was up to date (checked with {downloaded})"),
    });
}
