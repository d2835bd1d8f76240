//! What `generate` did, for people: a table on standard output, sentences on
//! standard error.

use std::path::Path;

use delta_publish::{DeltaGenerated, Generated, JournalGenerated, TypeGenerated};

use super::super::signature;
use crate::args::Generate;
use crate::table::{Align, Table};
use crate::{messages, size, time};

/// One row per journal and per delta, or one for a type that has none.
pub(super) fn table(done: &Generated, args: &Generate) -> Table {
    let mut columns = vec![
        ("TYPE", Align::Left),
        ("FULL", Align::Right),
        ("KIND", Align::Left),
        ("SIZE", Align::Right),
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
        if let Some(journal) = &of_type.journal {
            let mut cells = journal_cells(journal, of_type, args);
            if args.details.verbose {
                cells.push(String::new());
                cells.extend(journal.file.clone());
            }
            table.row(std::mem::take(&mut first).into_iter().chain(cells));
        }
        if of_type.deltas.is_empty() && of_type.journal.is_none() {
            let [name, full] = first.clone();
            let none = ["-", "-", "-", "-", "-"].map(str::to_owned);
            table.row([name, full].into_iter().chain(none).chain([why_none(of_type)]));
        }
        if let Some(other) = of_type.shared_with.as_ref().filter(|_| !of_type.deltas.is_empty()) {
            let none = ["-", "-", "-", "-"].map(str::to_owned);
            table.row(first.into_iter().chain(none).chain([format!("the deltas of {other}")]));
            continue;
        }
        for delta in &of_type.deltas {
            let mut cells = vec![
                "delta".to_owned(),
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

/// The journal; its share is that of the client furthest behind.
fn journal_cells(journal: &JournalGenerated, of_type: &TypeGenerated, args: &Generate) -> Vec<String> {
    let most = journal.reads.iter().max();
    let state = match (args.dry_run, &journal.file, journal.written) {
        (true, ..) => "to be made",
        (false, None, _) => "serves nobody",
        (false, Some(_), true) => "new",
        (false, Some(_), false) => "in place",
    };
    vec![
        "journal".to_owned(),
        if args.dry_run { "-".to_owned() } else { size::human(journal.size) },
        most.map_or("-".to_owned(), |most| format!("<= {}", size::percent(*most, of_type.full_size))),
        size::count(journal.generations, "generation"),
        "-".to_owned(),
        state.to_owned(),
    ]
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

/// The sentences about the repository at `repo`, as far as they are wanted;
/// whether the caller signs `later`.
pub(super) fn tell(done: &Generated, repo: &Path, args: &Generate, later: bool) {
    if !args.report.quiet {
        tell_what_was_done(done, repo, args);
    }
    signature::tell(done.signature, repo, args.dry_run, args.report.quiet, later);
}

fn tell_what_was_done(done: &Generated, repo: &Path, args: &Generate) {
    let journals = done.types.iter().filter_map(|t| Some((&t.data_type, t.journal.as_ref()?)));
    for (data_type, journal) in journals.filter(|_| args.details.verbose && !args.dry_run) {
        messages::note(format_args!(
            "`{data_type}`: journal of {}: {} encoded ({} of text, {}), {} reused; a client reads {} to {}",
            size::count(journal.runs, "run"),
            size::count(journal.steps_encoded, "step"),
            size::human(journal.text_bytes),
            size::count(journal.anchors_encoded, "anchor"),
            journal.steps_reused,
            size::human(journal.reads.iter().min().copied().unwrap_or_default()),
            size::human(journal.reads.iter().max().copied().unwrap_or_default()),
        ));
    }
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
