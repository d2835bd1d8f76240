//! `createrepo-delta history …`.

mod drop;
mod import;
mod list;
mod prune;
mod select;
mod show;
mod verify;

use history::{Retention, Track};
use serde::Serialize;

use crate::args::{Action, Details, Report};
use crate::exit::Status;
use crate::table::{Align, Table};
use crate::{messages, output, size};

pub(super) fn run(action: &Action) -> anyhow::Result<Status> {
    match action {
        Action::List(args) => list::run(args),
        Action::Show(args) => show::run(args),
        Action::Import(args) => import::run(args),
        Action::Drop(args) => drop::run(args),
        Action::Prune(args) => prune::run(args),
        Action::Verify(args) => verify::run(args),
    }
}

/// Keeps everything: for commits that are not to forget more than was asked.
const KEEP_ALL: Retention = Retention { generations: usize::MAX, max_age: None };

/// Says what of a track is lost.
fn warn_of_damage(track: &Track) {
    for damage in track.damage() {
        messages::warning(damage);
    }
}

/// What was forgotten: the result of `drop` and `prune`.
#[derive(Default, Serialize)]
struct Forgotten {
    types: Vec<ForgottenOfType>,
}

/// What was forgotten of one type.
#[derive(Serialize)]
struct ForgottenOfType {
    #[serde(rename = "type")]
    data_type: String,
    dropped: Vec<String>,
    generations: usize,
}

impl Forgotten {
    fn print(&self, report: &Report, details: &Details) -> anyhow::Result<Status> {
        if report.json {
            output::json(self)?;
        } else if !report.quiet {
            let mut table =
                Table::new(&[("TYPE", Align::Left), ("DROPPED", Align::Right), ("LEFT", Align::Right)]);
            for of_type in &self.types {
                let dropped = of_type.dropped.len().to_string();
                table.row([of_type.data_type.clone(), dropped, of_type.generations.to_string()]);
            }
            output::text(&table.render())?;
        }
        if details.verbose {
            for of_type in &self.types {
                for sha256 in &of_type.dropped {
                    messages::note(format_args!("dropped {} {sha256}", of_type.data_type));
                }
            }
        }
        Ok(Status::Done)
    }
}

/// `2 generations`, for tables and messages.
fn generations(number: usize) -> String {
    size::count(number, "generation")
}
