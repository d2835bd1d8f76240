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
        /// Remember at most so many generations of each type [default: 56]
        #[arg(long, value_name = "N", help_heading = "History")]
        keep: Count<1>,

        /// Remember generations up to this age, such as `14d`, `36h`, `90m` or seconds
        ///
        /// The age of a generation is measured from its timestamp to that of the newest one, not to the
        /// present. Generations without a timestamp have no age. By default all are kept that `--keep`
        /// allows.
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

        /// Most text that one run encodes, in bytes [default: 64M]
        ///
        /// A publish encodes what is new since the last one, and now and then shortcuts for clients far
        /// behind. What does not fit into this budget comes with the next publishes. A small part of it, 1/32,
        /// is for the deltas of format 1 that are made beside a journal when neither `--windows` nor `--sizes`
        /// asks for more: they serve the newest generations, as far back as that goes.
        #[arg(long, conflicts_with = "no_journal", value_name = "SIZE", help_heading = "Journal")]
        budget: Bytes,

        /// Publish no recipes, by which clients rebuild the very files of the repository
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
        #[serde(deserialize_with = "value::list")]
        types: Vec<TypeName>,

        /// Write no deltas of format 1
        ///
        /// Clients that know no journal then fetch full files.
        #[arg(
            long,
            num_args = 0,
            default_missing_value = "true",
            conflicts_with_all = ["windows", "sizes"],
            help_heading = "Deltas"
        )]
        no_deltas: Flag,

        /// Most windows, and so deltas, per type [default: 1 within --budget, or 5 with --no-journal]
        ///
        /// Fewer are used where one more would cost everybody more than it saves. With this option they
        /// reach all remembered generations, whatever that costs.
        #[arg(long, value_name = "N", help_heading = "Deltas")]
        windows: Count<1>,

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
            conflicts_with = "windows",
            help_heading = "Deltas"
        )]
        #[serde(deserialize_with = "value::list")]
        sizes: Vec<WindowSize>,

        /// Most that a client may download, in bytes or percent of the full file [default: 60%]
        ///
        /// Windows end before their deltas grow beyond it. A generation that is beyond it alone gets no
        /// delta, and one whose clients would read more of the journal is not served by it.
        #[arg(long, value_name = "SIZE", help_heading = "Deltas")]
        max_size: Size,

        /// Keep the delta files of so many published states before this one [default: 3]
        ///
        /// Mirrors lag, so that clients may hold an older repomd.xml. Delta files that only older states
        /// name are deleted.
        #[arg(long, value_name = "N", help_heading = "Deltas")]
        keep_states: Count<0>,
    }
}

layer! {
    /// What becomes of the signature of repomd.xml.
    struct Signing {
        /// Sign the new repomd.xml with this command before it is published
        ///
        /// A program and its arguments; the path of the new file is appended, and the signature must be
        /// left beside it, in a file of that name and `.asc`. It is split into words as a shell
        /// splits it, with quotes, backslashes and comments after `#`. No shell is involved: there are no
        /// variables, wildcards or pipes.
        ///
        /// Without this option a `repomd.xml.asc` that is no longer true is removed, and a message says
        /// so.
        #[arg(long, value_name = "COMMAND", help_heading = "Signing")]
        sign_command: Words,

        /// Longest time that the signing command may take [default: 5m]
        #[arg(long, value_name = "WAIT", help_heading = "Signing")]
        sign_timeout: Wait,

        /// Check the signature that the signing command made with the keys in this file
        ///
        /// Keys as `gpg --export` writes them, armored or not. A signature that is not by one of them is
        /// a signing command that failed.
        #[arg(
            long,
            value_name = "FILE",
            value_parser = PathBufValueParser::new().map(Place),
            help_heading = "Signing"
        )]
        keyring: Place,

        /// Say nothing of a signature that is removed: the caller signs next
        #[arg(
            long,
            num_args = 0,
            default_missing_value = "true",
            conflicts_with_all = ["sign_command", "refuse_signed"],
            help_heading = "Signing"
        )]
        sign_later: Flag,

        /// Fail and change nothing where repomd.xml is signed and would have to change
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
