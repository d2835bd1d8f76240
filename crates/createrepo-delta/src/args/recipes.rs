//! `recipes`.

use std::path::PathBuf;

use clap::Args;

use super::Json;

/// Tell whether published files can be rebuilt byte for byte
///
/// Clients that apply a delta have the open content of a metadata file. Where the encoder of the
/// publisher is known, they compress the content to the very file that was published, so that dnf
/// and zypper find what they would have downloaded. Such an encoder is a recipe. Run this command
/// on the files in repodata/ of a current publish before you adopt exact copies.
///
/// A file is decompressed, and compressed by each recipe that its first bytes allow. A zchunk file is
/// compressed chunk by chunk; where no recipe gives all chunks, the one that gives most is named.
/// Clients compress only the chunks that changed. They must know where chunks begin: where that
/// follows no rule, they download the file when it changes.
///
/// repomd.xml in the same directory is read for its revision, which some programs write into files,
/// and for the place of primary, whose chunks those of filelists and other follow. Nothing is
/// changed.
#[derive(Debug, Args)]
#[command(after_long_help = RECIPES)]
pub(crate) struct Recipes {
    /// Published metadata files; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) output: Json,
}

const RECIPES: &str = "\
Examples:
  createrepo-delta recipes /srv/repo/repodata/*.xml.*
  createrepo-delta recipes --json primary.xml.zst

Exit status: 0 also where a file has no recipe; see `createrepo-delta --help`.";
