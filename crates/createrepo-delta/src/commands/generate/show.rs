//! What `generate` did, as tables on standard output.

use delta_publish::options::{Options, Threshold};
use delta_publish::report::{DeltaGenerated, Generated, TypeGenerated, Unserved};

use crate::args::Generate;
use crate::table::{Table, or_dash, reasons_by_name};
use crate::{number, time};

/// What clients download of each type, and why there is nothing else than full files; with `--verbose` the
/// files, too. Nothing after a first publish: that is told in a sentence.
pub(super) fn text(done: &Generated, options: &Options, args: &Generate) -> String {
    let mut text = clients(done).render();
    let reason = |of_type: &'_ TypeGenerated| why_none(of_type, options);
    text += &reasons_by_name(done.types.iter().filter_map(|one| Some((&*one.data_type, reason(one)?))));
    text += &no_journal(done, options).unwrap_or_default();
    if args.details.verbose {
        let files = files(done, args.dry_run).render();
        text += if text.is_empty() || files.is_empty() { "" } else { "\n" };
        text += &files;
    }
    text
}

/// The types of which clients download something: those that have a past, and those of which the history has none
/// and past publishes had other content.
fn with_past(done: &Generated) -> impl Iterator<Item = &TypeGenerated> {
    done.types.iter().filter(|of_type| of_type.generations > 1 || of_type.is_other)
}

/// One row for each of these types.
fn clients(done: &Generated) -> Table {
    let mut table = Table::new(&["TYPE", ">FULL FILE", "CLIENTS DOWNLOAD", "SERVES"]);
    for of_type in with_past(done) {
        if matches!(of_type.unserved, Some(Unserved::NotAskedFor)) {
            continue;
        }
        let past = number::count(of_type.generations.saturating_sub(1), "generation");
        table.row([
            of_type.data_type.clone(),
            number::bytes(of_type.full_size),
            downloads(of_type).unwrap_or_else(|| "the full file".to_owned()),
            format!("{} of {past}", of_type.served),
        ]);
    }
    if let Some(row) = all_types(done) {
        table.row(row);
    }
    table
}

/// The sum of the rows: what clients of all types read of the journal. Nothing where there is one row only, or
/// something else than the journal is downloaded.
fn all_types(done: &Generated) -> Option<[String; 4]> {
    let rows: Vec<&TypeGenerated> = with_past(done).collect();
    let journal = done.journal.as_ref().filter(|journal| journal.file.is_some())?;
    if rows.len() < 2 || !rows.iter().all(|of_type| is_by_journal(of_type)) {
        return None;
    }
    Some([
        "all types".to_owned(),
        number::bytes(rows.iter().map(|of_type| of_type.full_size).sum()),
        number::range(journal.reads.iter().copied())?,
        number::count(journal.reads.len(), "publish"),
    ])
}

/// Whether the journal serves all that is served of a type.
fn is_by_journal(of_type: &TypeGenerated) -> bool {
    of_type.journal.as_ref().is_some_and(|journal| journal.generations >= of_type.served.max(1))
}

/// What clients of what is served download: of the journal, and of deltas where that serves less. A twin takes
/// nothing of its own.
fn downloads(of_type: &TypeGenerated) -> Option<String> {
    let journal = of_type.journal.as_ref();
    let is_all = is_by_journal(of_type);
    if let Some(twin) = of_type.shared_with.as_ref().filter(|_| is_all) {
        return Some(format!("as `{twin}`"));
    }
    let deltas = of_type.deltas.iter().filter(|delta| !is_all && delta.file.is_some());
    let reads = journal.iter().flat_map(|journal| journal.reads.iter().copied());
    number::range(reads.chain(deltas.map(|delta| delta.size)))
}

/// Why nothing of a type is served, where that is told type by type.
fn why_none(of_type: &TypeGenerated, options: &Options) -> Option<String> {
    if let Some(why) = &of_type.skipped {
        return Some(format!("left alone: {why}"));
    }
    let smallest = of_type.smallest_delta.unwrap_or_default();
    let size = number::bytes(smallest);
    let share = number::percent(smallest, of_type.full_size);
    Some(match of_type.unserved? {
        Unserved::TooLarge if smallest <= options.max_size.bytes(of_type.full_size) => {
            format!("with all types clients would download more than {}", allowed(options))
        }
        Unserved::TooLarge => {
            format!("a delta would be {size}, {share} of the file; {}", allowed(options))
        }
        Unserved::NotWorthListing => {
            format!(
                "a delta would be {size}, {share} of the file, and listing it would cost all clients more"
            )
        }
        // Told in sentences of their own.
        _ => return None,
    })
}

/// That there is no journal because the full files are too small for one, where they are.
fn no_journal(done: &Generated, options: &Options) -> Option<String> {
    let least = options.journal.as_ref().filter(|_| done.journal.is_none())?.min_full;
    let has_past = done.types.iter().any(|of_type| of_type.generations > 1);
    let own = done.types.iter().filter(|of_type| of_type.skipped.is_none() && of_type.shared_with.is_none());
    let full: u64 = own.map(|of_type| of_type.full_size).sum();
    (has_past && full < least).then(|| {
        format!(
            "no journal: all full files together have {}, and below {} they are cheaper in full\n",
            number::bytes(full),
            number::bytes(least)
        )
    })
}

fn allowed(options: &Options) -> String {
    match options.max_size {
        Threshold::Bytes(bytes) => format!("`--max-size` allows {}", number::bytes(bytes)),
        share @ Threshold::Share(_) => {
            format!("`--max-size` allows {} %", share.to_string().trim_end_matches('%'))
        }
    }
}

/// One row for each file.
fn files(done: &Generated, dry_run: bool) -> Table {
    let mut table = Table::new(&["TYPE", ">SIZE", ">SERVES", "SINCE (UTC)", "STATE", "FILE"]);
    for of_type in done.types.iter().filter(|of_type| of_type.shared_with.is_none()) {
        for delta in &of_type.deltas {
            table.row([
                of_type.data_type.clone(),
                number::bytes(delta.size),
                delta.generations.to_string(),
                time::utc(delta.timestamp),
                state(delta, dry_run).to_owned(),
                delta.file.clone().unwrap_or_default(),
            ]);
        }
    }
    if let Some(journal) = done.journal.as_ref().filter(|journal| journal.file.is_some()) {
        table.row([
            "journal".to_owned(),
            number::bytes(journal.size),
            journal.reads.len().to_string(),
            or_dash(None),
            if journal.written { written(dry_run) } else { "in place" }.to_owned(),
            journal.file.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn state(delta: &DeltaGenerated, dry_run: bool) -> &'static str {
    match (&delta.file, delta.written) {
        (None, _) => "too large",
        (Some(_), true) => written(dry_run),
        (Some(_), false) => "in place",
    }
}

/// The state of a file that this run made.
fn written(dry_run: bool) -> &'static str {
    if dry_run { "to be made" } else { "new" }
}
