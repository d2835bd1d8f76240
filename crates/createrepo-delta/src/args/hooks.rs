//! What hooks of package managers tell `refresh`.

use std::convert::Infallible;
use std::ffi::OsString;
use std::str::FromStr;

use clap::Args;

/// Options for hooks.
#[derive(Clone, Debug, Args)]
pub(crate) struct Hook {
    /// For hooks: refresh only caches that dnf takes for too old
    ///
    /// A cache is due when dnf itself would ask for repomd.xml: by its age (`metadata_expire`), by a
    /// newer `.repo` file, or after `dnf clean expire-cache`. Where no cache is due, where there are no
    /// deltas, and for ordinary users, nothing is fetched and nothing is written.
    ///
    /// The exit status is 0 whatever happens, wrong usage included, and a failure is one line on
    /// standard error. It implies `--quiet`, and unless they are given `--max-time 15`,
    /// `--connect-timeout 5`, `--timeout 5` and `--retries 0`; it waits for no package manager. One
    /// second after `--max-time` the command ends in any case; each cache is then as it was, or current.
    /// Where no server answered in time, those of that repository are not asked again for five minutes.
    /// Ids, files and directories that are not there are ignored.
    #[arg(long, conflicts_with_all = ["zypper", "dry_run"])]
    pub(crate) if_expired: bool,

    /// Refresh caches, too, that will be too old in so many seconds
    ///
    /// For timers that refresh ahead of time (`metadata_timer_sync`), and with a number beyond any age
    /// for `dnf --refresh`. Caches that never expire are left alone. What is not a number counts as 0.
    #[arg(long, value_name = "SECONDS", default_value = "0", hide_default_value = true)]
    #[arg(requires = "if_expired", help_heading = "Hooks", allow_hyphen_values = true)]
    pub(crate) expires_within: Seconds,

    /// Refresh these repositories, whatever is configured
    ///
    /// A list with commas, as `${conf.*.enabled=1}` of dnf5's actions: `ID.enabled=1,…`.
    #[arg(long, value_name = "LIST", requires = "if_expired", help_heading = "Hooks")]
    pub(crate) enabled: Option<Ids>,

    /// Do nothing where this setting of dnf5 is a word other than `none`
    #[arg(long, value_name = "WORD", requires = "if_expired", help_heading = "Hooks")]
    #[arg(num_args = 0..=1, default_missing_value = "", allow_hyphen_values = true)]
    pub(crate) cacheonly: Option<String>,

    /// Do nothing for commands of this dnf5 process that need no metadata
    ///
    /// These are `history list`, `clean`, `repo list`, `remove`, `list --installed` and the like. Its
    /// `--releasever` is used. What is not the number of a process is ignored.
    #[arg(long, value_name = "PID", requires = "if_expired", help_heading = "Hooks")]
    #[arg(allow_hyphen_values = true)]
    pub(crate) caller: Option<String>,
}

/// Whether this command line, which makes no sense, is that of a hook.
pub(crate) fn is_hook(words: impl Iterator<Item = OsString>) -> bool {
    words.take_while(|word| word != "--").any(|word| word == "--if-expired")
}

/// A number of seconds, as package managers configure them: what is none is 0, and a large one
/// is the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seconds(pub(crate) u64);

impl FromStr for Seconds {
    type Err = Infallible;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        Ok(Self(if is_number { word.parse().unwrap_or(u64::MAX) } else { 0 }))
    }
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

    #[test]
    fn odd_numbers_of_seconds_are_none() {
        for (word, seconds) in [
            ("10800", 10800),
            ("never", 0),
            ("-1", 0),
            ("", 0),
            ("+5", 0),
            ("99999999999999999999999", u64::MAX),
        ] {
            assert_eq!(word.parse::<Seconds>().unwrap().0, seconds, "{word}");
        }
    }
}
