//! What every command has in common: which options `-h` shows, and how it ends.
//!
//! An option without a heading is often used, and `-h` shows it. An option with a heading
//! is rarer: only `--help` shows it, below that heading.

use std::collections::BTreeSet;

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command, CommandFactory as _, FromArgMatches as _};

use super::Cli;
use crate::terminal;

/// The heading of options that `-h` shows, where there are others.
const OFTEN: &str = "Often used";

/// The whole command line.
pub(crate) fn command() -> Command {
    finished(Cli::command())
}

/// What the words of this process's command line say.
pub(crate) fn parse() -> Result<Cli, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

fn finished(command: Command) -> Command {
    let topics = topics(&command);
    let end = end(&command, &topics);
    let heading = (!topics.is_empty()).then_some(OFTEN);
    let mut command = command.disable_help_flag(true).args([color(), help()]).after_help(end);
    if command.has_subcommands() {
        command = command.mut_arg("help", |help| help.hide_short_help(true));
    }
    let command = command.mut_args(|arg| match arg.get_help_heading() {
        Some(_) => arg.hide_short_help(true),
        None if arg.is_positional() => arg,
        None => arg.help_heading(heading),
    });
    command.mut_subcommands(finished)
}

/// Whether there are colours: looked for by `terminal` in the words themselves.
fn color() -> Arg {
    Arg::new("color")
        .long("color")
        .value_name("WHEN")
        .value_parser(terminal::CHOICES)
        .hide_short_help(true)
        .hide_possible_values(true)
        .help("Colours: auto (on a terminal), always or never [default: auto]")
}

fn help() -> Arg {
    Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .help("Print help (see more with '--help')")
        .long_help("Print help (see a summary with '-h')")
}

/// The headings of options that `-h` leaves out, in their order.
fn topics(command: &Command) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let headings = command.get_arguments().filter(|arg| !arg.is_hide_set()).filter_map(Arg::get_help_heading);
    headings.filter(|heading| seen.insert(*heading)).map(str::to_owned).collect()
}

/// The end of `-h`: an example, and what there is in `--help`.
fn end(command: &Command, topics: &[String]) -> String {
    let example = command.get_after_long_help().and_then(first_example);
    let example = example.map(|example| format!("Example:\n{example}"));
    let more = if command.has_subcommands() {
        Some("More: see --help, and -h of each command".to_owned())
    } else {
        (!topics.is_empty()).then(|| format!("More: see --help ({})", topics.join(", ")))
    };
    example.into_iter().chain(more).collect::<Vec<_>>().join("\n")
}

/// The first command of the examples, with the lines that continue it.
fn first_example(text: &StyledStr) -> Option<String> {
    let text = text.to_string();
    let mut lines = text.lines().skip_while(|line| !line.starts_with("  createrepo-delta "));
    let mut example = lines.next()?.to_owned();
    while example.ends_with('\\') {
        example = format!("{example}\n{}", lines.next()?);
    }
    Some(example)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A terminal of this size shows all of `-h`.
    const COLUMNS: usize = 80;
    const LINES: usize = 24;
    /// A terminal of so many columns does not break an example.
    const NARROW: usize = 60;

    fn every(command: Command) -> Vec<Command> {
        let below: Vec<Command> = command.get_subcommands().cloned().flat_map(every).collect();
        [command].into_iter().chain(below).collect()
    }

    /// Every command with its whole name.
    fn commands() -> Vec<Command> {
        let mut command = command().term_width(COLUMNS);
        command.build();
        every(command)
    }

    #[test]
    fn short_help_fits_one_screen() {
        let commands = commands();
        assert!(commands.len() > 18, "{}", commands.len());
        for command in commands {
            let help = command.term_width(COLUMNS).render_help().to_string();
            let lines = help.trim_end().lines().count();
            assert!(lines <= LINES, "{lines} lines:\n{help}");
            for line in help.lines() {
                assert!(line.chars().count() <= COLUMNS, "{line}\n{help}");
            }
        }
    }

    #[test]
    fn examples_fit_as_they_are_written() {
        for command in commands() {
            let text = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            for line in text.lines() {
                assert!(line.chars().count() <= COLUMNS, "{}: {line}", command.get_name());
            }
            let examples = text.split("\n\n").find(|block| block.starts_with("Examples:\n"));
            for line in examples.unwrap_or_default().lines() {
                assert!(line.len() <= NARROW, "{}: {line}", command.get_name());
            }
        }
    }

    #[test]
    fn long_help_fits_the_columns() {
        for mut command in commands() {
            let help = command.render_long_help().to_string();
            for line in help.lines() {
                assert!(line.chars().count() <= COLUMNS, "{line}\n{help}");
            }
        }
    }

    #[test]
    fn short_help_has_an_example_and_names_what_it_leaves_out() {
        let find = |name: &str| commands().into_iter().find(|command| command.get_name() == name).unwrap();
        let help = find("generate").render_help().to_string();
        for part in
            ["Often used:\n", "Example:\n  createrepo-delta generate ", "More: see --help (History, Deltas, "]
        {
            assert!(help.contains(part), "{part}:\n{help}");
        }
        assert!(!help.contains("--windows"), "{help}");
        let help = find("generate").render_long_help().to_string();
        assert!(help.contains("\nDeltas:\n") && help.contains("--windows"), "{help}");
    }
}
