//! `createrepo-delta history list`.

use history::History;
use serde::Serialize;

use super::warn_of_damage;
use crate::args::List;
use crate::exit::Status;
use crate::table::{Table, or_dash};
use crate::{number, output, time};

/// What `--json` prints.
#[derive(Serialize)]
struct Listed {
    types: Vec<OfType>,
}

#[derive(Serialize)]
struct OfType {
    #[serde(rename = "type")]
    data_type: String,
    generations: usize,
    oldest: Option<u64>,
    newest: Option<u64>,
    index_bytes: u64,
    pack_bytes: u64,
    damage: Vec<String>,
}

pub(super) fn run(args: &List) -> anyhow::Result<Status> {
    let history = History::read(&args.dir)?;
    let mut listed = Listed { types: Vec::new() };
    for data_type in history.types()? {
        let track = history.track(&data_type)?;
        warn_of_damage(&track);
        let (index_bytes, pack_bytes) = track.disk_bytes()?;
        let timestamps = || track.generations().iter().flat_map(|generation| &generation.timestamps);
        listed.types.push(OfType {
            generations: track.generations().len(),
            oldest: timestamps().min().copied(),
            newest: timestamps().max().copied(),
            index_bytes,
            pack_bytes,
            damage: track.damage().iter().map(ToString::to_string).collect(),
            data_type,
        });
    }
    if args.output.json {
        output::json(&listed)?;
    } else {
        output::text(&table(&listed).render())?;
    }
    Ok(Status::Success)
}

fn table(listed: &Listed) -> Table {
    let mut table = Table::new(&["TYPE", ">GENERATIONS", "OLDEST (UTC)", "NEWEST (UTC)", ">DISK"]);
    for of_type in &listed.types {
        table.row([
            of_type.data_type.clone(),
            of_type.generations.to_string(),
            or_dash(of_type.oldest.map(time::utc)),
            or_dash(of_type.newest.map(time::utc)),
            number::bytes(of_type.index_bytes + of_type.pack_bytes),
        ]);
    }
    table
}
