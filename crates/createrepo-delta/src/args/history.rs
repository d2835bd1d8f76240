//! `history …`: the directory of the history comes first.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::values::at_least_one;
use super::{Details, Json, Report, Selector};
use crate::settings::{Age, Keep, TypeName};

/// Show, fill and tidy a history
///
/// A history is the directory in which `createrepo-delta generate --history DIR` remembers past
/// publishes: one generation of each metadata type in each publish that changed it. Every command
/// takes the directory first. A generation is named by its number in `history show`, where 0 is the
/// newest, or by at least eight digits of its SHA-256.
#[derive(Debug, Args)]
#[command(disable_help_subcommand = true, after_long_help = HISTORY)]
pub(crate) struct History {
    #[command(subcommand)]
    pub(crate) action: Action,
}

const HISTORY: &str = "\
Examples:
  createrepo-delta history list HIST
  createrepo-delta history show HIST primary

Exit status: see `createrepo-delta --help`.";

/// What to do with a history.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    List(List),
    Show(Show),
    Import(Import),
    Drop(Drop),
    Prune(Prune),
    Verify(Check),
}

/// Show what a history has of each metadata type
#[derive(Debug, Args)]
#[command(after_long_help = LIST)]
pub(crate) struct List {
    /// The directory of the history
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,

    #[command(flatten)]
    pub(crate) output: Json,
}

const LIST: &str = "\
Examples:
  createrepo-delta history list HIST

Exit status: see `createrepo-delta --help`.";

/// Show the generations of a metadata type, or write one to a file
///
/// Generations are listed newest first. With `--generation` and `--output` the open content of one is
/// written to a file, which appears only when it is complete and has its SHA-256.
#[derive(Debug, Args)]
#[command(after_long_help = SHOW)]
pub(crate) struct Show {
    /// The directory of the history
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,

    /// The metadata type
    #[arg(value_name = "TYPE")]
    pub(crate) data_type: String,

    /// Show this generation only
    #[arg(long, value_name = "GENERATION")]
    pub(crate) generation: Option<Selector>,

    /// Write its open content to this file
    #[arg(long, short, value_name = "FILE", requires = "generation")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) format: Json,
}

const SHOW: &str = "\
Examples:
  createrepo-delta history show HIST primary
  createrepo-delta history show HIST primary \\
      --generation 3 --output primary.xml

Exit status: see `createrepo-delta --help`.";

/// Record old repodata directories in a history
///
/// Generations are put in the order of their timestamps; where these are equal, in the order given,
/// so give the oldest directory first. Metadata that a directory does not have, or that is damaged,
/// is left out, and a message says so.
#[derive(Debug, Args)]
#[command(after_long_help = IMPORT)]
pub(crate) struct Import {
    /// The directory of the history; it is made if need be
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,

    /// Old repositories, or copies of their repodata/, oldest first
    #[arg(value_name = "REPODATA", required = true)]
    pub(crate) repodata: Vec<PathBuf>,

    /// Metadata types to record, with commas [default: all known]
    #[arg(long, alias = "deltamd-types", value_name = "LIST", value_delimiter = ',')]
    pub(crate) types: Option<Vec<TypeName>>,

    #[command(flatten)]
    pub(crate) keep: Keep,

    /// Say what would be done, and write nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) report: Report,
}

const IMPORT: &str = "\
Examples:
  createrepo-delta history import HIST \\
      backup/monday/repodata backup/tuesday/repodata

Exit status: see `createrepo-delta --help`.";

/// Forget generations of a publish that was discarded
///
/// For a publish that nobody saw: `--newest` forgets the newest generation of every type. A
/// generation that was also published under another timestamp is kept, because the publish that was
/// discarded did not change it.
#[derive(Debug, Args)]
#[command(
    override_usage = "createrepo-delta history drop [OPTIONS] <DIR> <TYPE> <GENERATION>...\n       \
                      createrepo-delta history drop [OPTIONS] --newest <DIR>",
    after_long_help = DROP
)]
pub(crate) struct Drop {
    /// The directory of the history
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,

    /// The metadata type
    #[arg(value_name = "TYPE", required_unless_present = "newest")]
    pub(crate) data_type: Option<String>,

    /// The generations
    #[arg(value_name = "GENERATION", required_unless_present = "newest")]
    pub(crate) generations: Vec<Selector>,

    /// Forget the newest generation of every type
    #[arg(long, conflicts_with_all = ["data_type", "generations"])]
    pub(crate) newest: bool,

    /// Say what would be done, and write nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) report: Report,

    #[command(flatten)]
    pub(crate) details: Details,
}

const DROP: &str = "\
Examples:
  createrepo-delta history drop HIST primary 2 5e884898da28
  createrepo-delta history drop --newest HIST

Exit status: see `createrepo-delta --help`.";

/// Forget generations that are too many or too old
///
/// The newest generation of each type always stays.
#[derive(Debug, Args)]
#[command(
    override_usage = "createrepo-delta history prune [OPTIONS] --keep <N> <DIR>\n       \
                      createrepo-delta history prune [OPTIONS] --keep-age <AGE> <DIR>",
    after_long_help = PRUNE
)]
#[group(id = "limit", args = ["keep", "keep_age"], required = true, multiple = true)]
pub(crate) struct Prune {
    /// The directory of the history
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,

    /// Keep at most N generations of each type
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub(crate) keep: Option<NonZeroUsize>,

    /// Keep generations up to this age, such as `14d`
    ///
    /// In days, hours or minutes with `d`, `h` or `m`, or in seconds: `14d`, `36h`, `90m`, `3600`. The
    /// age of a generation is measured from its timestamp to that of the newest one, not to the present.
    /// Generations without a timestamp have no age.
    #[arg(long, value_name = "AGE")]
    pub(crate) keep_age: Option<Age>,

    /// Say what would be done, and write nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) report: Report,

    #[command(flatten)]
    pub(crate) details: Details,
}

const PRUNE: &str = "\
Examples:
  createrepo-delta history prune HIST --keep 20
  createrepo-delta history prune HIST --keep-age 14d

Exit status: see `createrepo-delta --help`.";

/// Read a whole history, and check every generation
///
/// A damaged generation costs clients bytes, and nothing else: every other command leaves it out.
/// With `--repair` it is forgotten, and the damaged files are set aside.
#[derive(Debug, Args)]
#[command(after_long_help = REPAIR)]
pub(crate) struct Check {
    /// The directory of the history
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,

    /// Forget what is damaged, and set its files aside
    #[arg(long)]
    pub(crate) repair: bool,

    #[command(flatten)]
    pub(crate) report: Report,
}

const REPAIR: &str = "\
Examples:
  createrepo-delta history verify HIST
  createrepo-delta history verify --repair HIST

Exit status: see `createrepo-delta --help`.";
