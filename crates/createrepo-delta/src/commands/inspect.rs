//! `createrepo-delta inspect`, of one repository or file, or of the repositories of a
//! configuration file.

use std::path::Path;

use delta_publish::report::{DeltaInspected, JournalInspected, RepositoryInspected};
use durable::streams::Input;

use super::many::{self, How};
use crate::args::Inspect;
use crate::config::Target;
use crate::exit::Status;
use crate::failure::Refusal;
use crate::settings::Settings;
use crate::table::{Align, Table, facts};
use crate::{messages, output, size, time};

pub(super) fn run(args: &Inspect) -> anyhow::Result<Status> {
    if let Some(file) = &args.repositories.config {
        return several(args, file);
    }
    let path = args.repositories.one()?;
    refuse_url(path)?;
    if path.is_dir() {
        let found = delta_publish::inspect::repository(path, args.history.as_deref())?;
        if args.output.json {
            output::json(&found)?;
        } else {
            output::text(&text(&found, args, args.history.is_some()))?;
        }
        tell_what_is_missing(args, args.history.is_some());
        return Ok(Status::Done);
    }
    let file = Input::open(path)?;
    tell_what_is_missing(args, false);
    if delta_publish::inspect::is_journal(&file)? {
        return journal(&file, args.output.json);
    }
    delta(&file, args.output.json)
}

fn several(args: &Inspect, file: &Path) -> anyhow::Result<Status> {
    let targets = args.repositories.of(file, args.history.as_deref(), Settings::default(), false)?;
    let how = How { done: "inspected", key: "inspected", json: args.output.json, quiet: false };
    let inspect =
        |target: &Target| Ok(delta_publish::inspect::repository(&target.path, target.history.as_deref())?);
    many::run(&targets, &args.repositories.jobs(), &how, inspect, |target, found, is_first| {
        if !how.is_silent() {
            many::under_name(target, is_first, &text(found, args, target.history.is_some()))?;
        }
        Ok(Status::Done)
    })
}

/// Nothing is fetched here.
fn refuse_url(path: &Path) -> Result<(), Refusal> {
    let shown = path.to_string_lossy();
    if !shown.contains("://") {
        return Ok(());
    }
    let message =
        format!("`{shown}`: expected a local directory that contains repodata/, a delta file or a journal");
    Err(Refusal::usage(message).hint(format!(
        "`createrepo-delta update --complete {shown} DIR` fetches a repository with its deltas and journals; \
         then `createrepo-delta inspect DIR`"
    )))
}

/// Ages of clients mean nothing where no client is known.
fn tell_what_is_missing(args: &Inspect, with_history: bool) {
    if args.verbose && !with_history {
        messages::note(format_args!(
            "`--verbose` has nothing to add without `--history DIR` of a repository"
        ));
    }
}

fn text(found: &RepositoryInspected, args: &Inspect, with_history: bool) -> String {
    let revision = found.revision.clone().unwrap_or_else(|| "-".to_owned());
    let signed = if found.signed { "yes" } else { "no" }.to_owned();
    let head = facts(&[("revision", revision), ("signed", signed)]);
    let mut parts = vec![head, records(found).render()];
    if with_history {
        parts.push(clients(found).render());
    }
    if with_history && args.verbose {
        parts.push(ages(found).render());
    }
    parts.join("\n")
}

/// What clients download on average, one row per record with deltas.
fn clients(found: &RepositoryInspected) -> Table {
    let mut table = Table::new(&[
        ("CLIENTS OF", Align::Left),
        ("AGES", Align::Right),
        ("FULL", Align::Right),
        ("EXPECTED", Align::Right),
        ("SHARE", Align::Right),
        ("LISTING", Align::Right),
        ("ONE DELTA PER AGE", Align::Right),
        ("WITH THE JOURNAL", Align::Right),
    ]);
    for record in &found.records {
        let (Some(expected), Some(full)) = (&record.expected, record.size) else { continue };
        table.row([
            record.data_type.clone(),
            expected.ages.len().to_string(),
            size::human(full),
            size::human(expected.bytes),
            size::percent(expected.bytes, full),
            size::human(expected.listing_bytes),
            size::human(expected.alone_bytes),
            expected.journal_bytes.map_or("-".to_owned(), size::human),
        ]);
    }
    table
}

/// What the clients of each age download.
fn ages(found: &RepositoryInspected) -> Table {
    let mut table = Table::new(&[
        ("CLIENTS OF", Align::Left),
        ("BEHIND", Align::Right),
        ("TIMESTAMP (UTC)", Align::Left),
        ("DELTA", Align::Right),
        ("DOWNLOAD", Align::Right),
        ("OWN DELTA", Align::Right),
        ("JOURNAL", Align::Right),
    ]);
    for record in &found.records {
        for (behind, age) in (1..).zip(record.expected.iter().flat_map(|e| &e.ages)) {
            let behind: u32 = behind;
            table.row([
                record.data_type.clone(),
                behind.to_string(),
                time::utc(age.timestamp),
                age.delta.map_or("-".to_owned(), |at| (at + 1).to_string()),
                size::human(age.bytes),
                size::human(age.alone_bytes),
                age.journal.map_or("-".to_owned(), size::human),
            ]);
        }
    }
    table
}

/// One row per record, and one below it per delta.
fn records(found: &RepositoryInspected) -> Table {
    let mut table = Table::new(&[
        ("TYPE", Align::Left),
        ("TIMESTAMP (UTC)", Align::Left),
        ("SIZE", Align::Right),
        ("OPEN", Align::Right),
        ("NOTE", Align::Left),
        ("LOCATION", Align::Left),
    ]);
    let human = |bytes: Option<u64>| bytes.map_or("-".to_owned(), size::human);
    for record in &found.records {
        table.row([
            record.data_type.clone(),
            time::utc_or_dash(record.timestamp),
            human(record.size),
            human(record.open_size),
            record.left_alone.clone().unwrap_or_default(),
            record.location.clone().unwrap_or_else(|| "-".to_owned()),
        ]);
        if let Some(journal) = &record.journal {
            let serves = journal.generations.map(|n| format!("serves {}", size::count(n, "generation")));
            let reads = journal
                .reads
                .map(|(least, most)| format!(", which read {} to {}", size::human(least), size::human(most)));
            let missing = if journal.present { "damaged" } else { "missing" };
            table.row([
                "  journal".to_owned(),
                String::new(),
                size::human(journal.size),
                String::new(),
                serves.map_or(missing.to_owned(), |serves| serves + &reads.unwrap_or_default()),
                journal.location.clone(),
            ]);
        }
        for delta in &record.deltas {
            table.row([
                "  delta".to_owned(),
                time::utc(delta.timestamp),
                size::human(delta.size),
                String::new(),
                if delta.present { String::new() } else { "missing".to_owned() },
                delta.location.clone(),
            ]);
        }
    }
    table
}

fn journal(file: &Input, json: bool) -> anyhow::Result<Status> {
    let found = delta_publish::inspect::journal(file)?;
    if json {
        output::json(&found)?;
    } else {
        let head = facts(&[
            ("size", size::human(found.size)),
            ("sha256", found.sha256.clone()),
            ("head", size::human(found.head_size)),
            ("runs", found.runs.to_string()),
        ]);
        output::text(&format!("{head}\n{}", ways(&found).render()))?;
    }
    Ok(Status::Done)
}

/// What holders of each generation read, one row per place where it is served.
fn ways(found: &JournalInspected) -> Table {
    let mut table = Table::new(&[
        ("GENERATION", Align::Left),
        ("STEPS", Align::Right),
        ("FROM BYTE", Align::Right),
        ("READS", Align::Right),
        ("WITH THE HEAD", Align::Right),
    ]);
    for way in &found.ways {
        table.row([
            way.generation.clone(),
            way.steps.to_string(),
            way.start.to_string(),
            size::human(way.bytes),
            size::human(way.bytes + found.head_size),
        ]);
    }
    table
}

fn delta(file: &Input, json: bool) -> anyhow::Result<Status> {
    let found = delta_publish::inspect::delta(file)?;
    if json {
        output::json(&found)?;
    } else {
        output::text(&tokens(&found))?;
    }
    Ok(Status::Done)
}

fn tokens(found: &DeltaInspected) -> String {
    facts(&[
        ("size", size::human(found.size)),
        ("sha256", found.sha256.clone()),
        ("open size", size::human(found.open_size)),
        (
            "references",
            format!(
                "{}, of which {} empty; the longest prefix has {}",
                found.references,
                found.empty_references,
                size::digits(found.longest_prefix)
            ),
        ),
        ("literals", format!("{} with {}", found.literals, size::human(found.literal_bytes))),
    ])
}
