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
  createrepo-delta generate --history /var/lib/createrepo-delta/repo /srv/repo
  createrepo-delta generate --history HIST --types primary --max-size 40% REPO
  createrepo-delta generate --history HIST --keep-age 14d \\
      --sign-command 'gpg --batch --yes --detach-sign --armor' REPO
  createrepo-delta generate --config /etc/createrepo-delta.toml --jobs 2

JSON (docs/operations.md describes every field):
  changed          whether repomd.xml was replaced
  types            for each type: type, skipped (why, or null), shared_with (the
                   type whose deltas these are, or null), recorded,
                   generations, full_size, open_size; deltas: timestamp,
                   generations, literal_bytes, size, file (null if too large),
                   written; smallest_delta (estimated bytes, where all would be
                   too large, or null); journal (what it serves of the type, or
                   null): generations, reads (the bytes that a client of each of
                   them reads, the youngest first), recipe (its number, or null)
  journal          null if there is to be none: file (null if it would serve
                   nobody), size, head_size, reads (the bytes that a client of
                   all types reads, by publish, the youngest first), runs,
                   steps_encoded, steps_reused, anchors_encoded, text_bytes
                   (encoded in this run), written
  history_created  whether this run made the history
  withdrawn        what was served and is no more: type, generations (or null)
  collected        delta files deleted
  signature        none, kept, removed or signed
  reduced          why fewer deltas are served than asked for: reason_code,
                   message; not empty with status 3
  warnings         what the operator should know
  notes            what is the same in every run
  phases           where the time went: name (intake, commit, journal, windows,
                   deltas, publish), wall_us and cpu_us in microseconds, and how
                   much of the latter bzip2 took to compress (bzip2_us) and, for
                   the proof, to decompress (unbzip2_us)

JSON, with --config:
  repositories  for each: name, path, history, status (as below), error (what
                went wrong, or null), and generated (the object above, or null)

Exit status: see `createrepo-delta --help`.";
