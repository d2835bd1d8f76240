//! The configuration file of `generate`: several repositories, each with its
//! settings, in TOML. `docs/operations.md` describes it for operators.
//!
//! `source` finds lines and words errors, `keys` is the table of what may be
//! said where, `value` turns values into settings, `read` puts these together,
//! `select` picks repositories and puts the command line on top, and `print`
//! writes the outcome as TOML again. Nothing is published here.

mod keys;
mod print;
mod read;
mod select;
mod source;
mod value;

use std::path::PathBuf;

use crate::settings::Settings;

pub(crate) use print::print;
pub(crate) use read::load;
pub(crate) use select::{refuse_conflicts, select};

/// A configuration file, read.
#[derive(Debug)]
pub(crate) struct Config {
    /// Where it was read.
    pub(crate) file: PathBuf,
    /// Where the histories are of repositories that name none.
    history_root: Option<PathBuf>,
    /// What holds for every repository that does not say otherwise.
    defaults: Settings,
    /// The repositories in the order of the file.
    repositories: Vec<Entry>,
    /// What was not understood, each with its line.
    pub(crate) warnings: Vec<String>,
}

/// One `[repository.NAME]`.
#[derive(Debug)]
struct Entry {
    name: String,
    path: PathBuf,
    history: Option<PathBuf>,
    settings: Settings,
}

/// A repository with everything that is to be known of it.
#[derive(Debug)]
pub(crate) struct Target {
    /// Its name in the file.
    pub(crate) name: String,
    /// The directory that contains repodata/.
    pub(crate) path: PathBuf,
    /// Where its past is remembered.
    pub(crate) history: PathBuf,
    /// All layers in one.
    pub(crate) settings: Settings,
}
