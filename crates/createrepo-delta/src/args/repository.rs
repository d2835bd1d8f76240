//! `verify`, `inspect` and `strip`.

use std::path::PathBuf;

use clap::Args;

use super::{Details, Json, Report, Repositories};
use crate::settings::Signing;

/// Check the files of a repository, and prove its deltas
///
/// Every file that repomd.xml names must have the size and the checksums that it says, deltas
/// included. With `--history` the delta that a client would select is applied to every remembered
/// generation, and must make the current file. Each problem is an error on standard error.
#[derive(Debug, Args)]
#[command(
    override_usage = "createrepo-delta verify [OPTIONS] <REPO>\n       \
                      createrepo-delta verify [OPTIONS] --config <FILE> [NAME]...",
    after_long_help = VERIFY
)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) repositories: Repositories,

    /// Prove the deltas on the generations of this history
    #[arg(long, alias = "deltamd", value_name = "DIR")]
    pub(crate) history: Option<PathBuf>,

    /// Verify the signature by the keys in this file
    ///
    /// As `gpg --export` writes them; `gpgv` verifies. Without it the signature is only compared with the bytes of
    /// repomd.xml.
    #[arg(long, value_name = "FILE")]
    pub(crate) keyring: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) report: Report,
}

const VERIFY: &str = "\
Examples:
  createrepo-delta verify /srv/repo
  createrepo-delta verify \\
      --history /var/lib/createrepo-delta/repo /srv/repo
  createrepo-delta verify \\
      --config /etc/createrepo-delta.toml

Exit status: see `createrepo-delta --help`.";

/// Show what is in a repository, a delta or a journal
///
/// A directory is taken as a repository, anything else as a delta file or a journal. Nothing is
/// fetched, and no checksum is compared: `createrepo-delta verify` does that.
///
/// With `--history` it shows what clients of the remembered generations download on average: by
/// deltas, with their share of repomd.xml, beside the full file, and beside a delta for each
/// generation of its own. Clients that read the journal take the cheapest way; they are shown
/// apart.
#[derive(Debug, Args)]
#[command(
    override_usage = "createrepo-delta inspect [OPTIONS] <REPO|FILE>\n       \
                      createrepo-delta inspect [OPTIONS] --config <FILE> [NAME]...",
    mut_arg("repos", |repos| repos
        .value_name("REPO|FILE")
        .help("The directory that contains repodata/, a delta or a journal")
        .long_help("The directory that contains repodata/, a delta or a journal\n\n\
                    With `--config` it takes names of repositories in that file [default: all].")),
    after_long_help = INSPECT
)]
pub(crate) struct Inspect {
    #[command(flatten)]
    pub(crate) repositories: Repositories,

    /// Show what clients of this history download
    #[arg(long, alias = "deltamd", value_name = "DIR")]
    pub(crate) history: Option<PathBuf>,

    /// Show each remembered generation
    #[arg(short, long)]
    pub(crate) verbose: bool,

    #[command(flatten)]
    pub(crate) output: Json,
}

const INSPECT: &str = "\
Examples:
  createrepo-delta inspect /srv/repo
  createrepo-delta inspect \\
      --history /var/lib/createrepo-delta/repo /srv/repo
  createrepo-delta inspect \\
      repodata/HEX-primary.xml.delta0.bz2
  createrepo-delta inspect repodata/HEX-repodata.journal

Exit status: see `createrepo-delta --help`.";

/// Remove every delta from a repository
///
/// repomd.xml becomes byte for byte what it was before deltas were listed, and the delta files and
/// journals in repodata/ are deleted, those of older states, too. The history keeps its generations:
/// the next `createrepo-delta generate` publishes deltas again.
#[derive(Debug, Args)]
#[command(
    override_usage = "createrepo-delta strip [OPTIONS] <REPO>\n       \
                      createrepo-delta strip [OPTIONS] --config <FILE> [NAME]...",
    after_long_help = STRIP
)]
pub(crate) struct Strip {
    #[command(flatten)]
    pub(crate) repositories: Repositories,

    /// Tell this history that the deltas are gone
    ///
    /// The delta files of older states are deleted with and without it.
    #[arg(long, alias = "deltamd", value_name = "DIR")]
    pub(crate) history: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) signing: Signing,

    /// Say what would be done, and write nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) report: Report,

    #[command(flatten)]
    pub(crate) details: Details,
}

const STRIP: &str = "\
Examples:
  createrepo-delta strip \\
      --history /var/lib/createrepo-delta/repo /srv/repo

Exit status: see `createrepo-delta --help`.";
