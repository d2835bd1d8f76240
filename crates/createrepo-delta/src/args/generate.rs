//! `generate`.

use std::path::PathBuf;

use clap::Args;

use super::{Details, Report, Repositories};
use crate::settings::Settings;

/// Publish deltas beside the metadata of a repository
///
/// Run it after `createrepo_c` and before repomd.xml is signed. It records the metadata in the
/// history, writes deltas that bring the metadata of past publishes up to date, applies each of
/// them to prove it, and lists them in repomd.xml. repomd.xml is replaced last, so the repository
/// is complete at every instant. Where nothing changed, nothing is written.
///
/// Clients of this program read the journal: one file for all types that serves every remembered
/// publish. Other clients apply deltas of format 1. Each of these serves a window: a row of past
/// publishes. Windows are chosen such that clients download as little as possible on average; what
/// a listed delta adds to repomd.xml counts.
///
/// One run publishes several repositories with `--config`, a file that has their paths and settings.
/// An option of the command line wins over the file.
#[derive(Debug, Args)]
#[command(
    override_usage = "createrepo-delta generate [OPTIONS] --history <DIR> <REPO>\n       \
                      createrepo-delta generate [OPTIONS] --config <FILE> [NAME]...",
    after_long_help = AFTER
)]
pub(crate) struct Generate {
    /// Remember publishes here, outside REPO
    ///
    /// Each repository has a directory of its own; it is made if need be. It must not be inside the
    /// repository, because that tree is mirrored. `--deltamd` is another name for this option.
    #[arg(long, alias = "deltamd", value_name = "DIR")]
    pub(crate) history: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) settings: Settings,

    #[command(flatten)]
    pub(crate) repositories: Repositories,

    /// Print all settings as a configuration file, and do nothing else
    #[arg(
        long,
        requires = "config",
        conflicts_with_all = ["json", "quiet"],
        help_heading = "Configuration"
    )]
    pub(crate) print_config: bool,

    /// Say what would be done, and write nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) report: Report,

    #[command(flatten)]
    pub(crate) details: Details,
}

const AFTER: &str = "\
Examples:
  createrepo-delta generate \\
      --history /var/lib/createrepo-delta/repo /srv/repo
  createrepo-delta generate --history HIST \\
      --types primary --max-size 40% REPO
  createrepo-delta generate --history HIST --keep-age 14d \\
      --sign-command \\
      'gpg --batch --yes --detach-sign --armor' REPO
  createrepo-delta generate --jobs 2 \\
      --config /etc/createrepo-delta.toml

Exit status: see `createrepo-delta --help`.";
