//! `createrepo-delta`: arguments in, library calls, text and exit status out.
//!
//! Everything that is worth knowing about deltas is in the libraries. This
//! program parses arguments (`args`) and the configuration file (`config`), in
//! layers (`settings`), runs one command (`commands`), prints
//! results to standard output (`output`, `table`) and everything else to
//! standard error (`messages`, with the hints of `hints`), and ends with one of
//! the statuses of `exit`.

mod args;
mod commands;
mod completions;
mod config;
mod exit;
mod failure;
mod hints;
mod man;
mod messages;
mod nearest;
mod number;
mod output;
mod places;
mod progress;
mod settings;
mod shown;
mod table;
mod terminal;
mod time;

use std::process::ExitCode;

use crate::exit::Status;

fn main() -> ExitCode {
    terminal::choose_colors(std::env::args_os());
    let status = match args::parse() {
        Ok(cli) => commands::run(&cli.command).unwrap_or_else(|error| {
            messages::failure(&error, (&cli.command).into());
            failure::status(&error)
        }),
        Err(help_or_error) if !help_or_error.use_stderr() => {
            // A closed pipe is no reason to fail.
            let _ = help_or_error.print();
            Status::Success
        }
        Err(error) if args::is_hook(std::env::args_os()) => {
            messages::hook_usage(&error);
            Status::Success
        }
        Err(error) => {
            messages::usage(&error);
            Status::Failed
        }
    };
    status.into()
}
