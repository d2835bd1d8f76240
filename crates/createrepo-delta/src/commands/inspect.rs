//! `createrepo-delta inspect`.

use std::path::Path;

use delta_publish::{DeltaInspected, RepositoryInspected};

use crate::args::Inspect;
use crate::exit::Status;
use crate::table::{Align, Table, facts};
use crate::{output, size, time};

pub(super) fn run(args: &Inspect) -> anyhow::Result<Status> {
    if args.path.is_dir() {
        repository(&args.path, args.output.json)
    } else {
        delta(&args.path, args.output.json)
    }
}

fn repository(path: &Path, json: bool) -> anyhow::Result<Status> {
    let found = delta_publish::inspect_repository(path)?;
    if json {
        output::json(&found)?;
    } else {
        let revision = found.revision.clone().unwrap_or_else(|| "-".to_owned());
        let signed = if found.signed { "yes" } else { "no" }.to_owned();
        let head = facts(&[("revision", revision), ("signed", signed)]);
        output::text(&format!("{head}\n{}", records(&found).render()))?;
    }
    Ok(Status::Done)
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

fn delta(path: &Path, json: bool) -> anyhow::Result<Status> {
    let found = delta_publish::inspect_delta(path)?;
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
