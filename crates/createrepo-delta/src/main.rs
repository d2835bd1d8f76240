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

use clap::error::ContextKind;

use crate::exit::Status;
use crate::hints::Caller;

fn main() -> ExitCode {
    terminal::choose_colors(std::env::args_os());
    let status = match args::parse() {
        Ok(cli) => commands::run(&cli.command).unwrap_or_else(|error| failed(&error, (&cli.command).into())),
        Err(help) if !help.use_stderr() => match output::help(&help) {
            Ok(()) => Status::Success,
            Err(error) => failed(&error, Caller::Other),
        },
        Err(error) if args::is_hook(std::env::args_os()) => {
            messages::hook_usage(&error);
            Status::Success
        }
        Err(error) => {
            wrong_usage(error);
            Status::Failed
        }
    };
    status.into()
}

/// Says what is wrong with the command line.
fn wrong_usage(mut error: clap::Error) {
    let hint = hints::unquoted_command(&error, std::env::args_os());
    if hint.is_some() {
        // The option that is most like a word of another program is none that helps.
        error.remove(ContextKind::SuggestedArg);
    }
    messages::usage(&error);
    hint.iter().for_each(messages::hint);
}

/// Says why, and gives the status for it.
fn failed(error: &anyhow::Error, caller: Caller<'_>) -> Status {
    messages::failure(error, caller);
    failure::status(error)
}
