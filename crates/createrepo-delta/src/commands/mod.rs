//! What each command does: options to the library, results to text. One file
//! per command.

mod apply;
mod diff;
mod generate;
mod history;
mod inspect;
mod many;
mod recipes;
mod reckoning;
mod reduced;
mod refresh;
mod shell;
mod signature;
mod strip;
mod update;
mod verify;

use std::time::SystemTime;

use crate::args::Command;
use crate::exit::Status;

/// What the clock of this machine says.
#[expect(clippy::disallowed_methods, reason = "the command line reads the clock")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// Runs a command to its end.
pub(crate) fn run(command: &Command) -> anyhow::Result<Status> {
    match command {
        Command::Generate(args) => generate::run(args),
        Command::Update(args) => update::run(args),
        Command::Refresh(args) => refresh::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Inspect(args) => inspect::run(args),
        Command::Strip(args) => strip::run(args),
        Command::Apply(args) => apply::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Recipes(args) => recipes::run(args),
        Command::History(args) => history::run(&args.action),
        Command::Completions(args) => shell::completions(args),
        Command::Man(args) => shell::manual(args),
    }
}
