//! What `generate` did, for people: a table on standard output, sentences on
//! standard error.

use std::path::Path;

use delta_publish::{DeltaGenerated, Generated, TypeGenerated};

use super::super::signature;
use crate::args::Generate;
use crate::table::{Align, Table};
use crate::{messages, size, time};

/// One row per delta, or one for a type that has none.
pub(super) fn table(done: &Generated, args: &Generate) -> Table {
    let mut columns = vec![
        ("TYPE", Align::Left),
        ("FULL", Align::Right),
        ("DELTA", Align::Right),
        ("SHARE", Align::Right),
        ("SERVES", Align::Right),
        ("SINCE (UTC)", Align::Left),
        ("STATE", Align::Left),
    ];
    if args.details.verbose {
        columns.extend([("LITERALS", Align::Right), ("FILE", Align::Left)]);
    }
    let mut table = Table::new(&columns);
    for of_type in &done.types {
        let mut first = [of_type.data_type.clone(), full(of_type)];
        if of_type.deltas.is_empty() {
            let [name, full] = first.clone();
            let none = ["-", "-", "-", "-"].map(str::to_owned);
            table.row([name, full].into_iter().chain(none).chain([why_none(of_type)]));
        }
        if let Some(other) = of_type.shared_with.as_ref().filter(|_| !of_type.deltas.is_empty()) {
            let none = ["-", "-", "-", "-"].map(str::to_owned);
            table.row(first.into_iter().chain(none).chain([format!("the deltas of {other}")]));
            continue;
        }
        for delta in &of_type.deltas {
            let mut cells = vec![
                size::human(delta.size),
                size::percent(delta.size, of_type.full_size),
                size::count(delta.generations, "generation"),
                time::utc(delta.timestamp),
                state(delta, args.dry_run).to_owned(),
            ];
            if args.details.verbose {
                cells.push(size::human(delta.literal_bytes));
                cells.extend(delta.file.clone());
            }
            table.row(std::mem::take(&mut first).into_iter().chain(cells));
        }
    }
    table
}

fn full(of_type: &TypeGenerated) -> String {
    if of_type.skipped.is_some() { "-".to_owned() } else { size::human(of_type.full_size) }
}

fn why_none(of_type: &TypeGenerated) -> String {
    match &of_type.skipped {
        Some(why) => format!("left alone: {why}"),
        None if of_type.generations <= 1 => "first generation".to_owned(),
        None => "no older generation to serve".to_owned(),
    }
}

fn state(delta: &DeltaGenerated, dry_run: bool) -> &'static str {
    match (dry_run, &delta.file, delta.written) {
        (true, ..) => "estimated",
        (false, None, _) => "too large",
        (false, Some(_), true) => "new",
        (false, Some(_), false) => "in place",
    }
}

/// The sentences about the repository at `repo`, as far as they are wanted.
pub(super) fn tell(done: &Generated, repo: &Path, args: &Generate) {
    if !args.report.quiet {
        tell_what_was_done(done, repo, args);
    }
    signature::tell(done.signature, repo, args.dry_run, args.report.quiet);
}

fn tell_what_was_done(done: &Generated, repo: &Path, args: &Generate) {
    if !done.collected.is_empty() {
        let files = size::count(done.collected.len(), "delta file");
        messages::note(format_args!("deleted {files} that no recent repomd.xml names"));
        if args.details.verbose {
            done.collected.iter().for_each(|file| messages::note(format_args!("deleted `{file}`")));
        }
    }
    let repomd = repo.join("repodata/repomd.xml");
    let repomd = repomd.display();
    messages::note(match (args.dry_run, done.changed) {
        (true, true) => format!("dry run: nothing was written; `{repomd}` would change"),
        (true, false) => format!("dry run: nothing was written; `{repomd}` would stay as it is"),
        (false, true) => format!("`{repomd}` lists the deltas"),
        (false, false) => format!("`{repomd}` is up to date"),
    });
}
