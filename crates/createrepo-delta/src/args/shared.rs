//! Options that several commands have.

use std::num::NonZeroUsize;

use clap::Args;

use super::values::{Age, at_least_one};
use crate::settings::Settings;
use crate::words::Words;

/// How a command that does something reports.
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Print the result as one JSON object
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,

    /// Print nothing but warnings and errors, and the result if `--json` asks for it
    #[arg(short, long, help_heading = "Output")]
    pub(crate) quiet: bool,
}

/// How much a command that changes files or generations tells of them.
#[derive(Debug, Args)]
pub(crate) struct Details {
    /// Name every file or generation, too
    #[arg(short, long, conflicts_with = "quiet", help_heading = "Output")]
    pub(crate) verbose: bool,
}

/// How a command that only looks reports.
#[derive(Debug, Args)]
pub(crate) struct Json {
    /// Print the result as one JSON object
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
}

/// How many generations are kept.
#[derive(Debug, Args)]
pub(crate) struct Keep {
    /// Remember at most so many generations of each type [default: 56]
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = "History")]
    pub(crate) keep: Option<NonZeroUsize>,

    /// Remember generations up to this age, such as `14d`, `36h`, `90m` or seconds
    ///
    /// The age of a generation is measured from its timestamp to that of the newest one, not to the
    /// present. Generations without a timestamp have no age. By default all are kept that `--keep`
    /// allows.
    #[arg(long, value_name = "AGE", help_heading = "History")]
    pub(crate) keep_age: Option<Age>,
}

impl Keep {
    /// These options as settings.
    pub(crate) fn settings(&self) -> Settings {
        Settings { keep: self.keep, keep_age: self.keep_age, ..Settings::default() }
    }
}

/// What becomes of the signature of repomd.xml.
#[derive(Debug, Args)]
pub(crate) struct SigningArgs {
    /// Sign the new repomd.xml with this command before it is published
    ///
    /// A program and its arguments; the path of the new file is appended, and the signature must be
    /// left beside it, in a file of that name and `.asc`. Words are separated by white space; single
    /// and double quotes keep words together, and a backslash keeps the next character. No shell is
    /// involved: there are no variables, wildcards or pipes.
    ///
    /// Without this option a `repomd.xml.asc` that is no longer true is removed, and a message says
    /// so.
    #[arg(long, value_name = "COMMAND", help_heading = "Signing")]
    pub(crate) sign_command: Option<Words>,

    /// Fail and change nothing where repomd.xml is signed and would have to change
    #[arg(long, conflicts_with = "sign_command", help_heading = "Signing")]
    pub(crate) refuse_signed: bool,
}

impl SigningArgs {
    /// These options as settings.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            sign_command: self.sign_command.clone(),
            refuse_signed: self.refuse_signed.then_some(true),
            ..Settings::default()
        }
    }
}
