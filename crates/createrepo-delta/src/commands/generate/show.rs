//! What `generate` did, as a table on standard output.

use delta_publish::report::{DeltaGenerated, Generated, JournalGenerated, TypeGenerated, TypeInJournal};

use crate::args::Generate;
use crate::table::{Table, or_dash};
use crate::{number, time};

/// One row for what the journal serves of a type and one per delta, or one for a type that has none; and one for
/// the journal.
pub(super) fn table(done: &Generated, args: &Generate) -> Table {
    let mut columns = vec!["TYPE", ">FULL", "KIND", ">SIZE", ">SHARE", ">SERVES", "SINCE (UTC)", "STATE"];
    if args.details.verbose {
        columns.extend([">LITERALS", "FILE"]);
    }
    let mut table = Table::new(&columns);
    for of_type in &done.types {
        let mut first = [of_type.data_type.clone(), full(of_type)];
        if let Some(journal) = &of_type.journal {
            let cells = type_cells(journal, of_type);
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
                number::bytes(delta.size),
                number::percent(delta.size, of_type.full_size),
                number::count(delta.generations, "generation"),
                time::utc(delta.timestamp),
                state(delta, args.dry_run).to_owned(),
            ];
            if args.details.verbose {
                cells.push(number::bytes(delta.literal_bytes));
                cells.extend(delta.file.clone());
            }
            table.row(std::mem::take(&mut first).into_iter().chain(cells));
        }
    }
    if let Some(journal) = &done.journal {
        table.row(journal_cells(journal, done, args));
    }
    table
}

/// What the journal serves of a type; the share is that of the client furthest behind.
fn type_cells(journal: &TypeInJournal, of_type: &TypeGenerated) -> Vec<String> {
    vec![
        "journal".to_owned(),
        "-".to_owned(),
        share(&journal.reads, of_type.full_size),
        number::count(journal.generations, "generation"),
        "-".to_owned(),
        "in the journal".to_owned(),
    ]
}

/// The journal as a file.
fn journal_cells(journal: &JournalGenerated, done: &Generated, args: &Generate) -> Vec<String> {
    let state = match (&journal.file, journal.written) {
        (None, _) => "serves nobody",
        (Some(_), true) => written_state(args.dry_run),
        (Some(_), false) => "in place",
    };
    // A twin is in it with the one that it shares its content with.
    let in_journal =
        done.types.iter().filter(|of_type| of_type.journal.is_some() && of_type.shared_with.is_none());
    let full = in_journal.map(|of_type| of_type.full_size).sum();
    let mut cells = vec![
        "all of them".to_owned(),
        number::bytes(full),
        "journal".to_owned(),
        number::bytes(journal.size),
        share(&journal.reads, full),
        number::count(journal.reads.len(), "publish"),
        "-".to_owned(),
        state.to_owned(),
    ];
    if args.details.verbose {
        cells.push(String::new());
        cells.extend(journal.file.clone());
    }
    cells
}

/// The most that a client reads, as a share of the full files.
fn share(reads: &[u64], full: u64) -> String {
    reads.iter().max().map_or("-".to_owned(), |most| format!("<= {}", number::percent(*most, full)))
}

fn full(of_type: &TypeGenerated) -> String {
    or_dash(of_type.skipped.is_none().then(|| number::bytes(of_type.full_size)))
}

fn why_none(of_type: &TypeGenerated) -> String {
    match &of_type.skipped {
        Some(why) => format!("left alone: {why}"),
        None if of_type.generations == 0 => "-".to_owned(),
        None if of_type.generations == 1 => "remembered".to_owned(),
        None => match of_type.smallest_delta {
            Some(bytes) => format!(
                "a delta would be {}, {} of the full file",
                number::bytes(bytes),
                number::percent(bytes, of_type.full_size)
            ),
            None => "no older generation that clients could select".to_owned(),
        },
    }
}

/// The state of a file that this run made.
fn written_state(dry_run: bool) -> &'static str {
    if dry_run { "to be made" } else { "new" }
}

fn state(delta: &DeltaGenerated, dry_run: bool) -> &'static str {
    match (&delta.file, delta.written) {
        (None, _) => "too large",
        (Some(_), true) => written_state(dry_run),
        (Some(_), false) => "in place",
    }
}
