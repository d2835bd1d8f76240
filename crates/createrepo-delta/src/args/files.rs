//! `apply` and `diff`: single files, no repository.

use std::path::PathBuf;

use clap::Args;
use codec::Digest;

use super::Report;
use crate::settings::Bytes;

/// Apply a delta or a journal to an old metadata file
///
/// OLD may be open or compressed in any way that repositories use. NEW is written open, that is,
/// not compressed. It appears, or is replaced, only when it is complete and has the checksum and
/// the size that were asked for. Of a journal only the part that OLD needs is read.
///
/// `-` is standard input for OLD or DELTA, and standard output for NEW. Pipes and devices are read
/// from and written to; only a regular file is replaced.
#[derive(Debug, Args)]
#[command(after_long_help = APPLY)]
pub(crate) struct Apply {
    /// Take OLD for this type: `<data type="…">`
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) data_type: String,

    /// Require this `<open-checksum>` of NEW
    ///
    /// It is in repomd.xml: the checksum type, a colon and hexadecimal digits, such as `sha256:9f86d0…`. Without it the
    /// result is not verified: a delta that is not meant for OLD may give a wrong file.
    #[arg(long, value_name = "TYPE:HEX")]
    pub(crate) open_checksum: Option<Digest>,

    /// Require this `<open-size>` of NEW
    ///
    /// It is in repomd.xml, in bytes.
    #[arg(long, value_name = "BYTES")]
    pub(crate) open_size: Option<u64>,

    /// Refuse a larger NEW, such as `500M` [default: 16 GiB]
    ///
    /// In bytes, or with K, M or G, which are 1024 bytes, 1024 K and 1024 M. For deltas that are not
    /// trusted, where `--open-size` is not known.
    #[arg(long, value_name = "SIZE", help_heading = "Limits")]
    pub(crate) max_size: Option<Bytes>,

    /// The SHA-256 of OLD when open, as sha256:HEX
    ///
    /// A journal is read by it. Without it OLD is read once more to compute it.
    #[arg(long, value_name = "sha256:HEX", help_heading = "Limits")]
    pub(crate) old_checksum: Option<Digest>,

    /// The old metadata file
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,

    /// The delta file or journal
    #[arg(value_name = "DELTA")]
    pub(crate) delta: PathBuf,

    /// Where the new metadata file is written
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,

    #[command(flatten)]
    pub(crate) report: Report,
}

const APPLY: &str = "\
Examples:
  createrepo-delta apply --type primary \\
      --open-checksum sha256:HEX old.xml.gz \\
      repodata/HEX-primary.xml.delta0.bz2 primary.xml

Exit status: see `createrepo-delta --help`.";

/// Make a delta from old metadata files to a new one
///
/// The delta serves every one of the old files. All files but the delta may be open or compressed
/// in any way that repositories use.
///
/// `-` is standard input for one of the files that are read, and standard output for the delta.
/// Pipes and devices are read from and written to.
#[derive(Debug, Args)]
#[command(
    override_usage = "createrepo-delta diff [OPTIONS] --type <TYPE> <OLD>... <NEW> <DELTA>",
    after_long_help = DIFF
)]
pub(crate) struct Diff {
    /// Take the files for this type: `<data type="…">`
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) data_type: String,

    /// Old files, the new file, and last the delta to write
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) report: Report,
}

const DIFF: &str = "\
Examples:
  createrepo-delta diff --type primary \\
      old.xml.gz new.xml.gz delta.bz2
  createrepo-delta diff --type primary \\
      monday.xml tuesday.xml new.xml delta.bz2

Exit status: see `createrepo-delta --help`.";
