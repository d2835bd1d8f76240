//! Every setting: its name, its kind, what it means. The comments are the help; the
//! defaults are the library's (`Settings::standard`), and a test compares what the help
//! says of them.

use clap::builder::{PathBufValueParser, TypedValueParser as _};

use super::kinds::{Age, Bytes, Count, Flag, Place, Size, TypeName, Wait, WindowSize};
use super::layer::layer;
use super::value;
use super::words::Words;

layer! {
    /// How many generations are remembered.
    struct Keep {
        /// Remember N generations per type [default: 56]
        #[arg(long, value_name = "N")]
        keep: Count<1>,

        /// Remember generations up to this age
        ///
        /// In days, hours or minutes with `d`, `h` or `m`, or in seconds: `14d`, `36h`, `90m`, `3600`. The
        /// age of a generation is measured from its timestamp to that of the newest one, not to the present.
        /// Generations without a timestamp have no age. By default all are kept that `--keep` allows.
        #[arg(long, value_name = "AGE", help_heading = "History")]
        keep_age: Age,
    }
}

layer! {
    /// What the journal serves, and what making them may cost.
    struct Journal {
        /// Write no journal
        ///
        /// The journal is one file for all types from which clients of every remembered publish read just
        /// what they lack. Files of less than 4 KiB together get none in any case.
        #[arg(long, num_args = 0, default_missing_value = "true", help_heading = "Journal")]
        no_journal: Flag,

        /// Encode at most so much text in one run [default: 64M]
        ///
        /// In bytes, or with K, M or G, which are 1024 bytes, 1024 K and 1024 M. A publish encodes what is new
        /// since the last one, and now and then shortcuts for clients far behind. What does not fit into this
        /// budget comes with the next publishes. A small part of it, 1/32, is for the deltas of format 1 that
        /// are made beside a journal when neither `--windows` nor `--sizes` asks for more: they serve the
        /// newest generations, as far back as that goes.
        #[arg(long, conflicts_with = "no_journal", value_name = "SIZE", help_heading = "Journal")]
        budget: Bytes,

        /// Publish no recipes, by which clients rebuild the published files byte for byte
        ///
        /// A recipe tells the encoder and level that made a file. It is found when a file is published with
        /// a journal for the first time, and confirmed on the beginning of each one after that.
        #[arg(
            long,
            num_args = 0,
            default_missing_value = "true",
            conflicts_with = "no_journal",
            help_heading = "Journal"
        )]
        no_recipe: Flag,
    }
}

layer! {
    /// Which types get deltas, and which generations these serve.
    struct Deltas {
        /// Publish deltas of these types, with commas [default: all that are known]
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
        #[serde(deserialize_with = "value::list")]
        types: Vec<TypeName>,

        /// Write no deltas of format 1
        ///
        /// Clients that read no journal then download full files.
        #[arg(
            long,
            num_args = 0,
            default_missing_value = "true",
            conflicts_with_all = ["windows", "sizes"],
            help_heading = "Deltas"
        )]
        no_deltas: Flag,

        /// List at most N deltas per type [default: 1 within --budget, or 5 with --no-journal]
        ///
        /// Each delta serves a window: a row of past publishes. Fewer are used where one more would cost
        /// clients more than it saves. With this option windows reach all remembered generations, whatever
        /// that costs. N is at least 1; `--no-deltas` writes none.
        #[arg(long, value_name = "N", help_heading = "Deltas")]
        windows: Count<1>,

        /// End windows at these sizes instead, such as 0.1%,0.5%,2%,10%,60%
        ///
        /// Separated by commas, in bytes, or with K, M or G, which are 1024 bytes, 1024 K and 1024 M, or with %
        /// as a share of the full compressed file: `60` is 60 bytes, `60%` is 60 percent. The first window
        /// starts with the generation before the current one and takes in older ones until the delta, as
        /// estimated, reaches the first size. The generation that reaches it is still in the window, so a
        /// delta may be somewhat larger, and so are those after it that add nothing. The next window goes on
        /// with the next size. There are at most as many deltas as sizes.
        #[arg(
            long,
            visible_alias = "deltamd-sizes",
            value_name = "LIST",
            value_delimiter = ',',
            conflicts_with = "windows",
            help_heading = "Deltas"
        )]
        #[serde(deserialize_with = "value::list")]
        sizes: Vec<WindowSize>,

        /// Serve no client that would download more than this [default: 60%]
        ///
        /// With % a share of the full compressed file, or in bytes, or with K, M or G, which are 1024 bytes,
        /// 1024 K and 1024 M: `60%` is 60 percent, `64K` is 65536 bytes. A number below 1024 needs a unit, and
        /// is refused without one: `60B` is 60 bytes. Windows end before their
        /// deltas grow beyond this size. A generation whose own delta is larger gets none, and one whose
        /// clients would read more of the journal is not served by it.
        #[arg(long, value_name = "SIZE", help_heading = "Deltas")]
        max_size: Size,

        /// Keep the delta files of N states before this one [default: 3]
        ///
        /// Mirrors lag, so clients may have an older repomd.xml. Delta files that only still older states
        /// name are deleted.
        #[arg(long, value_name = "N", help_heading = "Deltas")]
        keep_states: Count<0>,
    }
}

layer! {
    /// What becomes of the signature of repomd.xml.
    struct Signing {
        /// Sign the new repomd.xml with this command
        ///
        /// A program and its arguments; the path of the new file is appended, and the command must leave the
        /// signature beside it, in a file of that name and `.asc`. The text is split into words as a shell
        /// splits it, with quotes, backslashes and comments after `#`. No shell is involved: variables, pipes
        /// and the like are refused outside of single quotes, and wildcards are passed on as they are.
        ///
        /// Without this option a `repomd.xml.asc` that no longer fits is removed, and a message says so.
        #[arg(long, value_name = "COMMAND")]
        sign_command: Words,

        /// Wait at most so long for the signing command [default: 5m]
        ///
        /// In seconds, or with `m` in minutes.
        #[arg(long, value_name = "WAIT", help_heading = "Signing")]
        sign_timeout: Wait,

        /// Check the signature of the signing command with the keys in this file
        ///
        /// Keys as `gpg --export` writes them, armored or not. A signature that is not by one of them counts
        /// as a signing command that failed.
        #[arg(
            long,
            value_name = "FILE",
            value_parser = PathBufValueParser::new().map(Place),
            help_heading = "Signing"
        )]
        keyring: Place,

        /// Remove the old signature without a warning
        ///
        /// For callers that sign after this command.
        #[arg(
            long,
            num_args = 0,
            default_missing_value = "true",
            conflicts_with_all = ["sign_command", "refuse_signed"]
        )]
        sign_later: Flag,

        /// Change nothing, and fail, where repomd.xml is signed and would have to change
        #[arg(
            long,
            num_args = 0,
            default_missing_value = "true",
            conflicts_with = "sign_command",
            help_heading = "Signing"
        )]
        refuse_signed: Flag,
    }
}

impl Deltas {
    /// This layer on top of another. Sizes of windows and their number exclude each
    /// other: what this layer says takes the place of both.
    pub(crate) fn over(self, below: &Self) -> Self {
        let mut below = below.clone();
        if self.sizes.is_some() {
            below.windows = None;
        }
        if self.windows.is_some() {
            below.sizes = None;
        }
        self.fill(&below)
    }
}

impl Signing {
    /// This layer on top of another. What becomes of the signature is one decision: what
    /// this layer says of it takes the place of all that the other does.
    pub(crate) fn over(self, below: &Self) -> Self {
        let mut below = below.clone();
        if !self.decisions().is_empty() {
            (below.sign_command, below.sign_later, below.refuse_signed) = (None, None, None);
        }
        self.fill(&below)
    }

    /// The settings that say what becomes of the signature; more than one make no sense.
    pub(crate) fn decisions(&self) -> Vec<&'static str> {
        let is = |flag: Option<Flag>| flag == Some(Flag(true));
        let said = [
            (self.sign_command.is_some(), "sign-command"),
            (is(self.sign_later), "sign-later"),
            (is(self.refuse_signed), "refuse-signed"),
        ];
        said.into_iter().filter_map(|(said, name)| said.then_some(name)).collect()
    }
}
