//! What hooks of package managers tell `refresh`.

use std::convert::Infallible;
use std::str::FromStr;

use clap::Args;

/// Options for hooks.
#[derive(Clone, Debug, Args)]
pub(crate) struct Hook {
    /// Refresh only caches that dnf takes for too old, and say nothing: for its hooks
    ///
    /// A cache is due when dnf itself would ask for repomd.xml: by its age (`metadata_expire`), by a
    /// newer `.repo` file, or after `dnf clean expire-cache`. Where none is due, where there are
    /// no deltas, and for ordinary users, nothing is asked and nothing is written.
    ///
    /// The exit status is 0 whatever happens, and a failure is one line on standard error.
    /// Implies `--quiet`, and unless they are given `--max-time 30`, `--connect-timeout 5`,
    /// `--timeout 10` and `--retries 0`; no package manager is waited for. One second after `--max-time` the command
    /// ends, also in the middle; caches are as they were then, or current.
    /// Ids, files and directories that are not there are overlooked.
    #[arg(long, conflicts_with_all = ["zypper", "dry_run"], help_heading = "Hooks")]
    pub(crate) if_expired: bool,

    /// Also caches that will be too old so many seconds from now
    ///
    /// For timers that refresh ahead of time (`metadata_timer_sync`), and with a number beyond any age
    /// for `dnf --refresh`. Caches that never expire do not.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, hide_default_value = true)]
    #[arg(requires = "if_expired", help_heading = "Hooks")]
    pub(crate) expires_within: u64,

    /// The repositories that are enabled, whatever is configured
    ///
    /// A list with commas, as `${conf.*.enabled=1}` of dnf5's actions: `ID.enabled=1,…`.
    #[arg(long, value_name = "LIST", requires = "if_expired", help_heading = "Hooks")]
    pub(crate) enabled: Option<Ids>,

    /// The package manager's setting: where it is not `none`, nothing is done
    #[arg(long, value_name = "WORD", requires = "if_expired", help_heading = "Hooks")]
    pub(crate) cacheonly: Option<String>,

    /// The process of dnf5: for its commands that ask for no metadata nothing is done
    ///
    /// These are `history`, `clean`, `repo`, `remove` and the like.
    #[arg(long, value_name = "PID", requires = "if_expired", help_heading = "Hooks")]
    pub(crate) caller: Option<u32>,
}

/// Ids of repositories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ids(pub(crate) Vec<String>);

impl FromStr for Ids {
    type Err = Infallible;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        let words = list.split(',').filter(|word| !word.is_empty());
        let id = |word: &str| word.strip_suffix(".enabled=1").unwrap_or(word).to_owned();
        Ok(Self(words.map(id).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_with_their_setting_or_without() {
        for (list, ids) in [
            ("", &[][..]),
            ("demo.enabled=1", &["demo"]),
            ("a.b.enabled=1,c.enabled.enabled=1", &["a.b", "c.enabled"]),
            ("a,b", &["a", "b"]),
        ] {
            assert_eq!(list.parse::<Ids>().unwrap().0, ids, "{list}");
        }
    }
}
