//! `createrepo-delta history verify`.

use history::History;
use serde::Serialize;

use super::KEEP_ALL;
use crate::args::Check;
use crate::exit::Status;
use crate::table::{Align, Table};
use crate::{messages, output, size};

/// What `--json` prints.
#[derive(Serialize)]
struct Checked {
    types: Vec<OfType>,
}

#[derive(Serialize)]
struct OfType {
    #[serde(rename = "type")]
    data_type: String,
    generations: usize,
    damage: Vec<String>,
    /// Whether the history on disk is whole again; the exit status says so to
    /// programs.
    #[serde(skip)]
    forgotten: bool,
}

pub(super) fn run(args: &Check) -> anyhow::Result<Status> {
    let mut history = History::read(&args.dir)?;
    if args.repair {
        history = History::open(&args.dir)?;
    }
    let mut checked = Checked { types: Vec::new() };
    for data_type in history.types()? {
        let mut track = history.track(&data_type)?;
        track.verify()?;
        let mut forgotten = false;
        if args.repair {
            track.commit(&KEEP_ALL)?;
            forgotten = history.track(&data_type)?.damage().is_empty();
        }
        checked.types.push(OfType {
            generations: track.generations().len(),
            damage: track.damage().iter().map(ToString::to_string).collect(),
            forgotten,
            data_type,
        });
    }
    if args.report.json {
        output::json(&checked)?;
    } else if !args.report.quiet {
        let mut table = Table::new(&[
            ("TYPE", Align::Left),
            ("WHOLE GENERATIONS", Align::Right),
            ("DAMAGE", Align::Right),
        ]);
        for of_type in &checked.types {
            let (generations, damage) = (of_type.generations.to_string(), of_type.damage.len().to_string());
            table.row([of_type.data_type.clone(), generations, damage]);
        }
        output::text(&table.render())?;
    }
    Ok(conclude(&checked, args))
}

fn conclude(checked: &Checked, args: &Check) -> Status {
    let dir = args.dir.display();
    let damaged: Vec<&OfType> = checked.types.iter().filter(|of_type| !of_type.damage.is_empty()).collect();
    let damage = || damaged.iter().flat_map(|of_type| &of_type.damage);
    if damaged.is_empty() {
        if !args.report.quiet {
            messages::note(format_args!("`{dir}` is whole"));
        }
        return Status::Done;
    }
    if damaged.iter().all(|of_type| of_type.forgotten) {
        damage().for_each(messages::warning);
        messages::warning(format_args!("forgot what was damaged in `{dir}`"));
        return Status::Done;
    }
    damage().for_each(messages::problem);
    messages::problem(format_args!("`{dir}` is damaged in {}", size::count(damage().count(), "place")));
    if args.repair {
        messages::hint("the next `createrepo-delta generate` starts anew what could not be repaired");
    } else {
        messages::hint(format_args!(
            "`createrepo-delta history verify --repair {dir}` forgets what is damaged"
        ));
    }
    Status::Failed
}
