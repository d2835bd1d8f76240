//! `generate`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use delta_publish::{Jobs, Threshold};

use super::values::at_least_one;
use super::{Details, JournalArgs, Keep, Report, SigningArgs};
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
    /// The directory that contains repodata/; with `--config` names of repositories [default: all]
    #[arg(value_name = "REPO", required_unless_present = "config")]
    pub(crate) repos: Vec<PathBuf>,

    /// Where past generations are remembered: one directory per repository, outside of it
    ///
    /// It is made if need be. It must not be inside the repository, because that tree is mirrored.
    #[arg(long, visible_alias = "deltamd", value_name = "DIR", help_heading = "History")]
    pub(crate) history: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) keep: Keep,

    /// Metadata types that get deltas, separated by commas [default: all that are known]
    ///
    /// Known are primary, filelists, filelists-ext, other, susedata, updateinfo, group, modules,
    /// prestodelta, deltainfo, patches, appdata and appstream, and their twins such as `group_gz` or
    /// `primary_zck`. Another type that is text gets deltas where it is named, and is cut at lines.
    #[arg(
        long,
        visible_alias = "deltamd-types",
        value_name = "LIST",
        value_delimiter = ',',
        help_heading = "Deltas"
    )]
    pub(crate) types: Option<Vec<String>>,

    #[command(flatten)]
    pub(crate) journal: JournalArgs,

    /// Write no deltas of format 1
    ///
    /// Clients that know no journal then fetch full files.
    #[arg(long, conflicts_with_all = ["windows", "half_life", "sizes", "max_size"], help_heading = "Deltas")]
    pub(crate) no_deltas: bool,

    /// Most windows, and so deltas, per type [default: 2, or 5 with --no-journal]
    ///
    /// Fewer are used where one more would cost everybody more than it saves.
    #[arg(long, value_name = "N", help_heading = "Deltas")]
    pub(crate) windows: Option<usize>,

    /// A client is half as likely to be N publications further behind [default: as likely]
    ///
    /// By default clients are taken to hold every remembered publication with the same probability.
    /// With a half-life those count more that update often.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Deltas")]
    pub(crate) half_life: Option<u32>,

    /// End windows at these sizes instead, separated by commas, such as 0.1%,0.5%,2%,10%,60%
    ///
    /// In bytes, with the suffix K or M in units of 1024 or 1024 times 1024 bytes, or with % as a
    /// share of the full compressed file. The first window starts with the generation before the
    /// current one and takes in older ones until the delta, as estimated, reaches the first size. The
    /// generation that reaches it is still in the window, so that a delta may be somewhat larger, and so
    /// are those after it that add nothing. The next window goes on with the next size. There are at
    /// most as many deltas as sizes.
    #[arg(
        long,
        visible_alias = "deltamd-sizes",
        value_name = "LIST",
        value_delimiter = ',',
        conflicts_with_all = ["windows", "half_life"],
        help_heading = "Deltas"
    )]
    pub(crate) sizes: Option<Vec<Threshold>>,

    /// Largest delta that is published, in bytes or percent of the full file [default: 60%]
    ///
    /// Windows end before they grow beyond it, and a generation that is beyond it alone gets no delta.
    #[arg(long, value_name = "SIZE", help_heading = "Deltas")]
    pub(crate) max_size: Option<Threshold>,

    /// Keep the delta files of so many published states before this one [default: 3]
    ///
    /// Mirrors lag, so that clients may hold an older repomd.xml. Delta files that only older states
    /// name are deleted.
    #[arg(long, value_name = "N", help_heading = "Deltas")]
    pub(crate) keep_states: Option<usize>,

    #[command(flatten)]
    pub(crate) signing: SigningArgs,

    #[command(flatten)]
    pub(crate) several: Several,

    /// Use so many threads at most [default: the number of processors, at most 8]
    ///
    /// They are shared by all repositories of the run and by the types of each. Memory grows with
    /// their number; fewer are slower, and make the same files.
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// Say what would be done, and write nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) report: Report,

    #[command(flatten)]
    pub(crate) details: Details,
}

/// More than one repository in a run.
#[derive(Debug, Args)]
pub(crate) struct Several {
    /// Publish the repositories that this TOML file describes
    ///
    /// It has a table `[repository.NAME]` for each, with `path` and, if need be, `history`, and a table
    /// `[defaults]` for what they have in common, such as `history-root`, the directory in which each
    /// has its history under its name. All other keys are named as the options are, without the
    /// hyphens in front. Paths are taken from the directory of the file. Keys that are not known are
    /// warned of.
    #[arg(long, value_name = "FILE", help_heading = "Several repositories")]
    pub(crate) config: Option<PathBuf>,

    /// Print the settings of every repository as a configuration file, and do nothing else
    #[arg(
        long,
        requires = "config",
        conflicts_with_all = ["json", "quiet"],
        help_heading = "Several repositories"
    )]
    pub(crate) print_config: bool,
}

impl Generate {
    /// How much is done at a time.
    pub(crate) fn jobs(&self) -> Jobs {
        self.jobs.map_or_else(Jobs::default, Jobs::new)
    }

    /// What the command line says, and nothing else.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            types: self.types.clone(),
            no_deltas: self.no_deltas.then_some(true),
            windows: self.windows,
            half_life: self.half_life,
            sizes: self.sizes.clone(),
            max_size: self.max_size,
            keep_states: self.keep_states,
            ..self.keep.settings().over(&self.signing.settings()).over(&self.journal.settings())
        }
    }
}

const AFTER: &str = "\
Examples:
  createrepo-delta generate --history /var/lib/createrepo-delta/repo /srv/repo
  createrepo-delta generate --history HIST --types primary --sizes 64K,5%,50% REPO
  createrepo-delta generate --history HIST --keep-age 14d \\
      --sign-command 'gpg --batch --yes --detach-sign --armor' REPO
  createrepo-delta generate --config /etc/createrepo-delta.toml --jobs 2

JSON:
  changed    whether repomd.xml was replaced
  types      for each type: type, skipped (why, or null), shared_with (the type
             whose deltas and journal these are, or null), recorded, generations,
             full_size, open_size; deltas: timestamp, generations,
             literal_bytes, size, file (null if too large), written; journal
             (null if there is to be none): file (null if it would serve
             nobody), size, head_size, generations, reads (the bytes that a
             client of each of them reads, the youngest first), runs,
             steps_encoded, steps_reused, anchors_encoded, text_bytes
             (encoded in this run), recipe (its number, or null), written
  collected  delta files deleted
  signature  none, kept, removed or signed
  warnings   what the operator should know
  phases     where the time went: name (intake, commit, journals, windows,
             deltas, publish), wall_us and cpu_us in microseconds, and how much of the
             latter bzip2 took to compress (bzip2_us) and, for the proof, to
             decompress (unbzip2_us)

JSON, with --config:
  repositories  for each: name, path, history, status (as below), error (what
                went wrong, or null), and generated (the object above, or null)

Exit status, the worst of all repositories, first 1, then 2, then 75:
  0   done
  1   the repository or the history is damaged, or must not change
  2   wrong usage, or an unexpected error
  75  createrepo_c or another createrepo-delta is at work: try again later";
