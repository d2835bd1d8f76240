//! `createrepo-delta inspect`, of one repository or file, or of the repositories of a
//! configuration file.

use std::path::Path;

use delta_publish::report::{DeltaInspected, JournalInspected, RepositoryInspected, SignatureFound};
use durable::streams::Input;

use super::many::How;
use crate::args::{Inspect, Report};
use crate::config::Target;
use crate::exit::Status;
use crate::failure::Refusal;
use crate::settings::Settings;
use crate::table::{Table, facts, or_dash};
use crate::{messages, number, output, time};

pub(super) fn run(args: &Inspect) -> anyhow::Result<Status> {
    if args.repositories.config.is_none() {
        let path = args.repositories.one()?;
        refuse_url(path)?;
        if !path.is_dir() {
            let file = Input::open(path)?;
            note_missing_history(args, false);
            let is_journal = delta_publish::inspect::is_journal(&file)?;
            let show = if is_journal { journal } else { delta };
            return show(&file, args.output.json);
        }
    }
    let targets = args.repositories.targets(args.history.as_deref(), Settings::default(), false)?;
    let report = Report { json: args.output.json, quiet: false };
    let how = How::new(&args.repositories, &report, "inspected");
    let inspect =
        |target: &Target| Ok(delta_publish::inspect::repository(&target.path, target.history.as_deref())?);
    how.run(&targets, inspect, |target, found, is_first| {
        let with_history = target.history.is_some();
        how.print(target, found, is_first, || text(found, args, with_history))?;
        if args.repositories.config.is_none() {
            note_missing_history(args, with_history);
        }
        Ok(Status::Success)
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
fn note_missing_history(args: &Inspect, with_history: bool) {
    if args.verbose && !with_history {
        messages::note(format_args!(
            "`--verbose` has nothing to add without `--history DIR` of a repository"
        ));
    }
}

fn text(found: &RepositoryInspected, args: &Inspect, with_history: bool) -> String {
    let revision = or_dash(found.revision.clone());
    let head = facts(&[("revision", revision), ("signed", signed(found.signature).to_owned())]);
    let mut parts = vec![head, records(found).render()];
    if with_history {
        parts.push(clients(found).render());
    }
    if with_history && args.verbose {
        parts.push(ages(found).render());
    }
    parts.join("\n")
}

/// What is known of the signature without a key.
fn signed(signature: SignatureFound) -> &'static str {
    match signature {
        SignatureFound::None => "no",
        SignatureFound::Stale => {
            "repomd.xml.asc does not seem to be of this repomd.xml; `verify --keyring` verifies it"
        }
        _ => "repomd.xml.asc, which was not verified; `verify --keyring` does that",
    }
}

/// What clients download on average, one row per record with deltas.
fn clients(found: &RepositoryInspected) -> Table {
    let mut table = Table::new(&["CLIENTS OF", ">AGES", ">FULL", ">BY DELTA", ">ONE PER AGE", ">JOURNAL"]);
    for record in &found.records {
        let (Some(expected), Some(full)) = (&record.expected, record.size) else { continue };
        table.row([
            record.data_type.clone(),
            expected.ages.len().to_string(),
            number::bytes(full),
            number::bytes(expected.bytes),
            number::bytes(expected.alone_bytes),
            or_dash(expected.journal_bytes.map(number::bytes)),
        ]);
    }
    table
}

/// What the clients of each age download.
fn ages(found: &RepositoryInspected) -> Table {
    let mut table = Table::new(&[
        "CLIENTS OF",
        ">BEHIND",
        "TIMESTAMP (UTC)",
        ">DELTA",
        ">BY DELTA",
        ">OWN DELTA",
        ">JOURNAL",
    ]);
    for record in &found.records {
        for (behind, age) in (1..).zip(record.expected.iter().flat_map(|e| &e.ages)) {
            let behind: u32 = behind;
            table.row([
                record.data_type.clone(),
                behind.to_string(),
                time::utc(age.timestamp),
                or_dash(age.delta.map(|at| (at + 1).to_string())),
                number::bytes(age.bytes),
                number::bytes(age.alone_bytes),
                or_dash(age.journal.map(number::bytes)),
            ]);
        }
    }
    table
}

/// One row per record, and one below it per delta.
fn records(found: &RepositoryInspected) -> Table {
    let mut table = Table::new(&["TYPE", "TIMESTAMP (UTC)", ">SIZE", ">OPEN", "LOCATION"]);
    for record in &found.records {
        table.row([
            record.data_type.clone(),
            or_dash(record.timestamp.map(time::utc)),
            or_dash(record.size.map(number::bytes)),
            or_dash(record.open_size.map(number::bytes)),
            with_note(&or_dash(record.location.clone()), record.left_alone.as_deref()),
        ]);
        if let Some(journal) = &record.journal {
            let serves = format!("serves {}", number::count(journal.generations, "generation"));
            let none = || String::new();
            table.row(["  journal".to_owned(), none(), none(), none(), serves + &which_read(journal.reads)]);
        }
        for delta in &record.deltas {
            table.row([
                "  delta".to_owned(),
                time::utc(delta.timestamp),
                number::bytes(delta.size),
                String::new(),
                with_note(&delta.location, (!delta.present).then_some("missing")),
            ]);
        }
    }
    if let Some(journal) = &found.journal {
        let damaged = if journal.present { "damaged" } else { "missing" };
        let serves = journal.publishes.map(|number| {
            format!("serves {}{}", number::count(number, "publish"), which_read(journal.reads))
        });
        table.row([
            "journal".to_owned(),
            String::new(),
            number::bytes(journal.size),
            String::new(),
            with_note(&journal.location, Some(serves.as_deref().unwrap_or(damaged))),
        ]);
    }
    table
}

/// What the holders of what is served read, where it is known: the fewest and the most bytes.
fn which_read(bytes: Option<(u64, u64)>) -> String {
    let range = bytes.and_then(|(least, most)| number::range([least, most]));
    range.map(|range| format!(", which read {range}")).unwrap_or_default()
}

/// A place, and what is to be said of it.
fn with_note(location: &str, note: Option<&str>) -> String {
    note.map_or_else(|| location.to_owned(), |note| format!("{location} ({note})"))
}

fn journal(file: &Input, json: bool) -> anyhow::Result<Status> {
    let found = delta_publish::inspect::journal(file)?;
    if json {
        output::json(&found)?;
    } else {
        let head = facts(&[
            ("size", number::bytes(found.size)),
            ("sha256", found.sha256.clone()),
            ("head", number::bytes(found.head_size)),
            ("runs", found.runs.to_string()),
            ("sequence", found.sequence.to_string()),
        ]);
        output::text(&format!("{head}\n{}", ways(&found).render()))?;
    }
    Ok(Status::Success)
}

/// What holders of each generation read, one row per place where it is served.
fn ways(found: &JournalInspected) -> Table {
    let mut table = Table::new(&["TYPE", "GENERATION", ">RUN", ">PARTS", ">READS", ">WITH THE HEAD"]);
    for way in &found.ways {
        table.row([
            way.data_type.clone(),
            way.generation.clone(),
            way.run.to_string(),
            way.parts.to_string(),
            number::bytes(way.bytes),
            number::bytes(way.bytes + found.head_size),
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
    Ok(Status::Success)
}

fn tokens(found: &DeltaInspected) -> String {
    facts(&[
        ("size", number::bytes(found.size)),
        ("sha256", found.sha256.clone()),
        ("open size", number::bytes(found.open_size)),
        (
            "references",
            format!(
                "{}, of which {} empty; the longest prefix has {}",
                found.references,
                found.empty_references,
                number::count(found.longest_prefix, "digit")
            ),
        ),
        ("literals", format!("{} with {}", found.literals, number::bytes(found.literal_bytes))),
    ])
}
