//! The configuration file: several repositories, each with its settings, in TOML.
//! `docs/reference-config.md` describes it for operators.
//!
//! `source` finds lines and words errors, `read` turns tables into settings, `include`
//! finds further files, `select` picks repositories and puts the command line on top, and
//! `print` writes the outcome as TOML again. What is wrong is gathered in `problems` and
//! told at once. Which settings there are, and what their values may be, is not known
//! here. Nothing is published here.

mod include;
mod print;
mod problems;
mod read;
mod select;
mod source;

use std::path::{Path, PathBuf};

use crate::failure::Refusal;
use crate::settings::Settings;

pub(crate) use print::print;
pub(crate) use problems::Problems;
pub(crate) use read::load;
pub(crate) use select::{Selection, refuse_conflicts, select};

/// A configuration file and those that it includes, read.
#[derive(Debug)]
pub(crate) struct Config {
    /// Where it was read.
    pub(crate) file: PathBuf,
    /// The repositories in the order of the files.
    repositories: Vec<Entry>,
}

/// One `[repository.NAME]`, with everything that the files say of it.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    name: String,
    path: PathBuf,
    history: Option<PathBuf>,
    settings: Settings,
    /// The file and the line where it is.
    place: String,
}

/// A repository with everything that is to be known of it.
#[derive(Debug)]
pub(crate) struct Target {
    /// Its name in the file; empty for the one that the command line names by its path.
    pub(crate) name: String,
    /// The directory that contains repodata/.
    pub(crate) path: PathBuf,
    /// Where its past is remembered.
    pub(crate) history: Option<PathBuf>,
    /// All layers in one.
    pub(crate) settings: Settings,
}

impl Target {
    /// What messages begin with, where there may be several.
    pub(crate) fn prefix(&self) -> String {
        if self.name.is_empty() { String::new() } else { format!("{}: ", self.name) }
    }

    /// Where its past is remembered.
    ///
    /// # Errors
    /// A [`Refusal`] where nothing says that.
    pub(crate) fn history(&self) -> Result<&Path, Refusal> {
        let missing = || Refusal::usage(format!("`[repository.{}]` has no history", self.name));
        self.history.as_deref().ok_or_else(missing)
    }
}
