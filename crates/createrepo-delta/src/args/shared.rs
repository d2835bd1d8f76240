//! Options that several commands have.

use clap::Args;

/// How a command that does something reports.
#[derive(Clone, Debug, Args)]
pub(crate) struct Report {
    /// Print the result as one JSON object
    ///
    /// docs/reference-json.md describes its fields.
    #[arg(long)]
    pub(crate) json: bool,

    /// Print nothing but warnings and errors
    ///
    /// With `--json` the result is printed, too.
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// How much a command that changes files or generations tells of them.
#[derive(Debug, Args)]
pub(crate) struct Details {
    /// Also print each file or generation
    #[arg(short, long, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
}

/// How a command that only looks reports.
#[derive(Debug, Args)]
pub(crate) struct Json {
    /// Print the result as one JSON object
    ///
    /// docs/reference-json.md describes its fields.
    #[arg(long)]
    pub(crate) json: bool,
}
