//! Options that say what journals are to be.

use clap::Args;
use delta_publish::Threshold;

use super::Bytes;
use crate::settings::Settings;

/// What journals serve, and what making them may cost.
#[derive(Debug, Args)]
pub(crate) struct JournalArgs {
    /// Write no journal
    ///
    /// The journal is one file per type from which clients of every remembered generation read just
    /// what they lack. Files of less than 16 KiB get none in any case.
    #[arg(long, help_heading = "Journal")]
    pub(crate) no_journal: bool,

    /// Most past generations that the journal serves [default: all that are remembered]
    #[arg(long, conflicts_with = "no_journal", value_name = "N", help_heading = "Journal")]
    pub(crate) journal_keep: Option<usize>,

    /// Most that a client may have to read of the journal, in bytes or percent of the full file [default: 60%]
    ///
    /// A generation whose clients would read more is not served by it.
    #[arg(long, conflicts_with = "no_journal", value_name = "SIZE", help_heading = "Journal")]
    pub(crate) journal_max_size: Option<Threshold>,

    /// Most text that one run encodes for journals, in bytes [default: 64M]
    ///
    /// A publish encodes what is new since the last one, and now and then shortcuts for clients far
    /// behind. What does not fit into this budget comes with the next publishes.
    #[arg(long, conflicts_with = "no_journal", value_name = "BYTES", help_heading = "Journal")]
    pub(crate) journal_text: Option<Bytes>,

    /// Publish no recipes, by which clients rebuild the very files of the repository
    ///
    /// A recipe tells the encoder and level that made a file. It is found when a file is published with
    /// a journal for the first time, and confirmed on the beginning of each one after that.
    #[arg(long, conflicts_with = "no_journal", help_heading = "Journal")]
    pub(crate) no_recipe: bool,
}

impl JournalArgs {
    /// What the command line says, and nothing else.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            no_journal: self.no_journal.then_some(true),
            journal_keep: self.journal_keep,
            journal_max_size: self.journal_max_size,
            journal_text: self.journal_text,
            no_recipe: self.no_recipe.then_some(true),
            ..Settings::default()
        }
    }
}
