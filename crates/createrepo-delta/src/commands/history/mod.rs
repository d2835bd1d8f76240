//! `createrepo-delta history …`.

mod drop;
mod import;
mod list;
mod prune;
mod select;
mod show;
mod verify;

use delta_publish::report::Forgotten;
use history::{Retention, Track};

use crate::args::{Action, Details, Report};
use crate::exit::Status;
use crate::table::Table;
use crate::{messages, output};

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

/// Tells what `drop` and `prune` did.
fn print_forgotten(
    done: &Forgotten,
    dry_run: bool,
    report: &Report,
    details: &Details,
) -> anyhow::Result<Status> {
    let table = || {
        let mut table = Table::new(&["TYPE", ">DROPPED", ">LEFT"]);
        for of_type in &done.types {
            let dropped = of_type.dropped.len().to_string();
            table.row([of_type.data_type.clone(), dropped, of_type.generations.to_string()]);
        }
        table.render()
    };
    let printed = output::result(report, done, table);
    done.warnings.iter().for_each(messages::warning);
    if !report.quiet {
        done.notes.iter().for_each(messages::note);
    }
    if details.verbose {
        let verb = if dry_run { "would drop" } else { "dropped" };
        for of_type in &done.types {
            for sha256 in &of_type.dropped {
                messages::say(format_args!("{verb} {} {sha256}", of_type.data_type));
            }
        }
    }
    if dry_run && !report.quiet {
        messages::say("Dry run, nothing was written");
    }
    printed.map(|()| Status::Success)
}
