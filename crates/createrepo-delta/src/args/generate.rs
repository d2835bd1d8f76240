//! `generate`.

use std::path::PathBuf;

use clap::Args;

use super::{Details, Report, Repositories};
use crate::settings::Settings;

/// Write deltas beside the metadata of a repository and list them in repomd.xml
///
/// Run it right after `createrepo_c` and before repomd.xml is signed. The
/// current metadata is recorded in the history; deltas are made that bring past
/// generations up to date, each of them is proved, and repomd.xml is replaced
/// last, so that the repository is complete at every instant. Where nothing
/// changed nothing is written.
///
/// A delta serves a window of past generations, one after another. They are
/// chosen such that a client downloads as little as possible on average,
/// counting what each listed delta adds to repomd.xml for everybody. With
/// `--sizes` they end at sizes instead.
///
/// Several repositories are published in one run with `--config`, a file that
/// names them and their settings. Options given beside it win over the file.
#[derive(Debug, Args)]
#[command(
    override_usage = "createrepo-delta generate [OPTIONS] --history <DIR> <REPO>\n       \
                      createrepo-delta generate [OPTIONS] --config <FILE> [NAME]...",
    after_long_help = AFTER
)]
pub(crate) struct Generate {
    #[command(flatten)]
    pub(crate) repositories: Repositories,

    /// Where past generations are remembered: one directory per repository, outside of it
    ///
    /// It is made if need be. It must not be inside the repository, because that tree is mirrored.
    #[arg(long, visible_alias = "deltamd", value_name = "DIR", help_heading = "History")]
    pub(crate) history: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) settings: Settings,

    /// Print the settings of every repository as a configuration file, and do nothing else
    #[arg(
        long,
        requires = "config",
        conflicts_with_all = ["json", "quiet"],
        help_heading = "Several repositories"
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
  createrepo-delta generate --history HIST --types primary --sizes 64K,5%,50% REPO
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
