//! Which repositories a command works on: one by its path, or those of a configuration
//! file by their names.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use delta_publish::options::Jobs;

use super::values::at_least_one;
use crate::config::{self, Selection, Target};
use crate::failure::Refusal;
use crate::settings::Settings;

/// One repository, or several.
#[derive(Debug, Args)]
pub(crate) struct Repositories {
    /// The directory that contains repodata/; with --config, names
    ///
    /// With `--config` it takes names of repositories in that file [default: all].
    #[arg(value_name = "REPO", required_unless_present = "config")]
    repos: Vec<PathBuf>,

    /// Take repositories and settings from this file
    ///
    /// It is a TOML file with a table `[repository.NAME]` for each repository, with its `path` and, if
    /// need be, its `history`, and a table `[defaults]` for what they have in common. All other keys
    /// have the names of the options of `generate`, without the hyphens in front. See
    /// createrepo-delta.toml(5).
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Use at most so many threads [default: one per processor, at most 8]
    ///
    /// All repositories of the run share them. Fewer threads take less memory and more time; the
    /// result is the same.
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = "Resources")]
    jobs: Option<NonZeroUsize>,
}

impl Repositories {
    /// How much is done at a time.
    pub(crate) fn jobs(&self) -> Jobs {
        self.jobs.map_or_else(Jobs::default, Jobs::new)
    }

    /// The one that is named by its path.
    pub(crate) fn one(&self) -> Result<&Path, Refusal> {
        if let [repo] = &self.repos[..] {
            return Ok(repo);
        }
        let (number, first) = (self.repos.len(), self.repos.iter().take(3));
        let names: Vec<String> = first.map(|path| format!("`{}`", path.display())).collect();
        let more = if number > names.len() { ", …" } else { "" };
        let message = format!("expected one repository, found {number}: {}{more}", names.join(", "));
        Err(Refusal::usage(message).hint(
            "several go in one run with `--config FILE`, a file that says where the history of each is",
        ))
    }

    /// Those of the configuration file, with what else the command line says, or else the one
    /// that is named by its path, which has no name.
    pub(crate) fn targets(
        &self,
        history: Option<&Path>,
        settings: Settings,
        needs_history: bool,
    ) -> Result<Vec<Target>, Refusal> {
        let history = history.map(Path::to_owned);
        let Some(file) = &self.config else {
            if needs_history && history.is_none() {
                return Err(no_history());
            }
            let path = self.one()?.to_owned();
            settings.signing.refuse_idle()?;
            return Ok(vec![Target { name: String::new(), path, history, settings }]);
        };
        let names = self.repos.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        let selection = Selection { names, history, settings, needs_history };
        let targets = config::select(&config::load(file)?, &selection)?;
        config::refuse_conflicts(&targets)?;
        Ok(targets)
    }
}

fn no_history() -> Refusal {
    Refusal::usage("no history is given, so there is nothing to make deltas from").hint(
        "name the directory in which past generations are remembered, outside the repository: \
         `--history /var/lib/createrepo-delta/NAME`",
    )
}
