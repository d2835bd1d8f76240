//! What commands are told about a repository, in layers: the command line, the
//! repository's table of a configuration file, tables of defaults. A layer says what it
//! wants to say, and leaves the rest to the layer below; what no layer says is the
//! library's default. Nothing is read or written here.
//!
//! `groups` is the one definition of each setting, `kinds` are their values, `value` and
//! `layer` what these are made with.

mod groups;
mod kinds;
mod layer;
mod value;
mod words;

use std::path::{Path, PathBuf};

use clap::{Args, Command};
use delta_publish::Options;
use delta_publish::options::{JournalOptions, SignCommand, Windows};
use history::Retention;
use serde::{Deserialize, Serialize};

use crate::failure::Refusal;
pub(crate) use groups::{Deltas, Journal, Keep, Signing};
pub(crate) use kinds::{Age, Bytes, Count, Flag, Place, Size, TypeName, Wait};
pub(crate) use value::Text;
pub(crate) use words::Words;

/// One layer.
#[derive(Clone, Debug, Default, PartialEq, Args, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Settings {
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) keep: Keep,
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) deltas: Deltas,
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) journal: Journal,
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) signing: Signing,
}

impl Settings {
    /// The names of all settings, as a configuration file has them.
    pub(crate) fn names() -> Vec<String> {
        let options = Self::augment_args(Command::new("settings"));
        options.get_arguments().filter_map(|option| option.get_long().map(str::to_owned)).collect()
    }

    /// This layer on top of another. Where two settings exclude each other, what
    /// this layer says takes both places.
    pub(crate) fn over(self, below: &Self) -> Self {
        Self {
            keep: self.keep.fill(&below.keep),
            deltas: self.deltas.over(&below.deltas),
            journal: self.journal.fill(&below.journal),
            signing: self.signing.over(&below.signing),
        }
    }

    /// The same layer with what `other` says besides, whether or not that makes sense.
    pub(crate) fn and(self, other: &Self) -> Self {
        Self {
            keep: self.keep.fill(&other.keep),
            deltas: self.deltas.fill(&other.deltas),
            journal: self.journal.fill(&other.journal),
            signing: self.signing.fill(&other.signing),
        }
    }

    /// Two settings of this layer that exclude each other.
    pub(crate) fn contradiction(&self) -> Option<(&'static str, &'static str)> {
        match (&self.deltas, &self.signing.decisions()[..]) {
            (Deltas { sizes: Some(_), windows: Some(_), .. }, _) => Some(("sizes", "windows")),
            (_, [one, other, ..]) => Some((one, other)),
            _ => None,
        }
    }

    /// Takes paths from `directory`.
    pub(crate) fn resolve(&mut self, directory: &Path) {
        if let Some(Place(keyring)) = &mut self.signing.keyring {
            *keyring = directory.join(&*keyring);
        }
    }

    /// The layer below all others: the library's defaults, where they are something that
    /// can be said: that windows are chosen cannot. Beside a journal, as `self` says, others than without.
    pub(crate) fn standard(&self) -> Self {
        let with_journal = self.journal.no_journal != Some(Flag(true));
        let options = Options::default();
        Self {
            keep: Keep { keep: Some(Count::from_len(options.retention.generations)), keep_age: None },
            deltas: Deltas {
                max_size: Some(Size(options.max_size)),
                keep_states: Some(Count::from_len(options.keep_states)),
                ..Deltas::default()
            },
            journal: Journal {
                budget: Some(Bytes(options.budget)).filter(|_| with_journal),
                ..Journal::default()
            },
            signing: Signing {
                sign_timeout: Some(Wait(SignCommand::new(Vec::new()).time_limit))
                    .filter(|_| self.signing.sign_command.is_some()),
                refuse_signed: Some(Flag(false)),
                ..Signing::default()
            },
        }
    }

    /// What the library is asked for.
    pub(crate) fn options(&self, dry_run: bool) -> Options {
        let Deltas { types, no_deltas, windows, sizes, max_size, keep_states } = &self.deltas;
        let mut options = Options::default();
        options.types = types.as_ref().map(|types| types.iter().map(|name| name.0.clone()).collect());
        options.journal = self.journal.options();
        options.deltas = *no_deltas != Some(Flag(true));
        if let Some(sizes) = sizes {
            options.windows = Windows::Thresholds(sizes.iter().map(|size| size.0).collect());
        } else if let Some(most) = windows {
            options.windows = Windows::Cheapest { most: most.len() };
        }
        options.budget = self.journal.budget.map_or(options.budget, |budget| budget.0);
        options.max_size = max_size.map_or(options.max_size, |size| size.0);
        options.keep_states = keep_states.map_or(options.keep_states, Count::len);
        options.retention = self.keep.retention();
        options.signing = self.signing.options();
        options.dry_run = dry_run;
        options
    }
}

impl Journal {
    /// What the journal is to be.
    fn options(&self) -> Option<JournalOptions> {
        let mut options = JournalOptions::default();
        options.recipe = self.no_recipe != Some(Flag(true));
        (self.no_journal != Some(Flag(true))).then_some(options)
    }
}

impl Keep {
    /// How many generations are kept.
    pub(crate) fn retention(&self) -> Retention {
        let base = Retention::default();
        Retention {
            generations: self.keep.map_or(base.generations, Count::len),
            max_age: self.keep_age.map(|age| age.0).or(base.max_age),
        }
    }
}

impl Signing {
    /// What becomes of the signature of repomd.xml.
    pub(crate) fn options(&self) -> delta_publish::options::Signing {
        match &self.sign_command {
            Some(Words(words)) => delta_publish::options::Signing::Command(self.command(words)),
            None if self.refuse_signed == Some(Flag(true)) => delta_publish::options::Signing::Refuse,
            None => delta_publish::options::Signing::Remove,
        }
    }

    fn command(&self, words: &[String]) -> SignCommand {
        let mut command = SignCommand::new(words.to_vec());
        if let Some(Place(keyring)) = &self.keyring {
            command = command.with_keyring(keyring.clone());
        }
        match self.sign_timeout {
            Some(Wait(limit)) => command.with_time_limit(limit),
            None => command,
        }
    }

    /// The keys that signatures are verified by.
    pub(crate) fn keyring_file(&self) -> Option<PathBuf> {
        self.keyring.as_ref().map(|Place(path)| path.clone())
    }

    /// A setting of the signing command where there is none, and nothing else is decided
    /// that could have taken its place.
    pub(crate) fn idle(&self) -> Option<&'static str> {
        if !self.decisions().is_empty() {
            return None;
        }
        let said = [(self.keyring.is_some(), "keyring"), (self.sign_timeout.is_some(), "sign-timeout")];
        said.into_iter().find_map(|(said, name)| said.then_some(name))
    }

    /// Refuses a setting that would have no effect, as the command line has it.
    ///
    /// # Errors
    /// A [`Refusal`] that names it.
    pub(crate) fn refuse_idle(&self) -> Result<(), Refusal> {
        self.idle().map_or(Ok(()), |name| {
            let message = format!("`--{name}` has no effect without `--sign-command`");
            Err(Refusal::usage(message).hint("leave it out, or name the command that signs"))
        })
    }

    /// Whether the caller signs next.
    pub(crate) fn is_later(&self) -> bool {
        self.sign_later == Some(Flag(true))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn settings(text: &str) -> Settings {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn the_upper_layer_wins_and_the_lower_one_fills_in() {
        let both = settings("keep-states = 1").over(&settings("keep-states = 2\nwindows = 3\nkeep = 4"));
        assert_eq!(both, settings("keep-states = 1\nwindows = 3\nkeep = 4"));
    }

    #[test]
    fn what_excludes_each_other_is_replaced_together() {
        let cases = [
            ("sizes = ['5%']", "windows = 2", "sizes = ['5%']"),
            ("windows = 2", "sizes = ['5%']", "windows = 2"),
            ("sign-command = 'sign'", "refuse-signed = true", "sign-command = 'sign'"),
            ("sign-command = 'sign'", "sign-later = true", "sign-command = 'sign'"),
            ("refuse-signed = true", "sign-command = 'sign'", "refuse-signed = true"),
            ("refuse-signed = true", "sign-later = true", "refuse-signed = true"),
            ("sign-later = true", "sign-command = 'sign'", "sign-later = true"),
            ("sign-later = true", "refuse-signed = true", "sign-later = true"),
            ("refuse-signed = false", "refuse-signed = true", "refuse-signed = false"),
            (
                "refuse-signed = false",
                "sign-command = 'sign'",
                "sign-command = 'sign'\nrefuse-signed = false",
            ),
        ];
        for (upper, lower, both) in cases {
            assert_eq!(settings(upper).over(&settings(lower)), settings(both), "{upper} over {lower}");
        }
    }

    #[test]
    fn what_nobody_says_is_the_default() {
        let (ours, theirs) = (Settings::default().options(true), Options::default());
        assert!(ours.dry_run);
        assert_eq!((ours.windows, ours.budget), (theirs.windows, theirs.budget));
        assert_eq!((ours.journal, ours.deltas), (theirs.journal, theirs.deltas));
        assert_eq!((ours.max_size, ours.keep_states), (theirs.max_size, theirs.keep_states));
        assert_eq!(ours.retention, theirs.retention);
        assert_eq!(ours.signing, theirs.signing);
    }

    #[test]
    fn the_defaults_that_are_printed_are_those_of_the_library() {
        for text in ["", "no-journal = true", "sign-command = 'sign'"] {
            let settings = settings(text);
            let all = settings.clone().over(&settings.standard());
            let (mut ours, mut theirs) = (all.options(false), settings.options(false));
            (ours.jobs, theirs.jobs) =
                (delta_publish::options::Jobs::default(), delta_publish::options::Jobs::default());
            assert_eq!(format!("{ours:?}"), format!("{theirs:?}"), "{text}");
        }
    }

    #[test]
    fn the_help_names_the_defaults() {
        let printed = |text: &str| {
            let settings = settings(text);
            toml::Table::try_from(settings.standard()).unwrap()
        };
        let defaults = printed("sign-command = 'sign'");
        let options = Settings::augment_args(Command::new("settings"));
        let mut compared = 0;
        for option in options.get_arguments() {
            let (name, help) = (option.get_long().unwrap(), option.get_help().unwrap().to_string());
            let Some(default) = defaults.get(name) else { continue };
            let default = default.as_str().map_or(default.to_string(), str::to_owned);
            if default == "false" {
                continue;
            }
            assert!(help.contains(&format!("[default: {default}")), "{name}: {help} should say {default}");
            compared += 1;
        }
        assert!(compared >= 5, "{compared}");
        let help =
            options.get_arguments().find(|o| o.get_long() == Some("windows")).unwrap().get_help().unwrap();
        assert!(
            help.to_string().contains(&format!("or {} with --no-journal", Windows::MOST_ALONE)),
            "{help}"
        );
    }

    #[test]
    fn the_reference_has_every_setting_with_its_default_and_an_example() {
        let document = include_str!("../../../../docs/reference-config.md");
        let section = document.split("\n## Settings\n").nth(1).unwrap().split("\n## ").next().unwrap();
        let rows: Vec<Vec<&str>> = (section.lines().filter(|line| line.starts_with("| `")))
            .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect())
            .collect();
        let keys: BTreeSet<String> = rows.iter().map(|row| row[0].to_owned()).collect();
        assert_eq!(keys, Settings::names().into_iter().collect());
        let defaults = toml::Table::try_from(settings("sign-command = 'sign'").standard()).unwrap();
        for row in rows {
            let [key, _, default, example, _] = row[..] else { panic!("{row:?}") };
            if let Some(value) = defaults.get(key) {
                assert_eq!(default, value.to_string(), "{key}");
            }
            let said = toml::Table::try_from(settings(example)).unwrap();
            assert_eq!(said.keys().collect::<Vec<_>>(), [key]);
        }
    }

    #[test]
    fn values_of_a_file_are_those_of_the_command_line() {
        let cases = [
            ("types = ['primary', 'other']", "types = 'primary,other'"),
            ("max-size = 20000", "max-size = '20000'"),
            ("sizes = ['64K', 7]", "sizes = '65536,7'"),
            ("keep-age = '1h'", "keep-age = 3600"),
            ("sign-timeout = '2m'", "sign-timeout = 120"),
            ("sign-command = ['sign', 'a b']", "sign-command = \"sign 'a b'\""),
            ("windows = 0x10", "windows = 16"),
            ("budget = '1M'", "budget = 1_048_576"),
            ("budget = '2G'", "budget = '2048MiB'"),
            ("max-size = '60B'", "max-size = '60b'"),
        ];
        for (one, other) in cases {
            assert_eq!(settings(one), settings(other), "{one}");
        }
    }

    #[test]
    fn wrong_values_say_what_is_expected_and_what_was_found() {
        let long = format!("windows = '{}'", "x".repeat(1000));
        let cases = [
            ("types = []", "expected names of metadata types such as `primary`, found an empty array"),
            ("types = ['primary', 1]", "found the number 1"),
            ("types = ''", "found an empty text"),
            ("windows = -1", "expected a whole number of at least 1, found the number -1"),
            ("windows = 0", "expected a whole number of at least 1, found the number 0"),
            ("windows = 1.5", "found the number 1.5"),
            ("windows = 'five'", "found the text `\"five\"`"),
            ("keep = 0", "expected a whole number of at least 1"),
            ("windows = 4294967296", "found the number 4294967296"),
            ("sizes = ['5 %']", "expected sizes such as `5%`"),
            (
                "max-size = ['5%']",
                "expected a size such as `5%`, `64K`, `2M`, `1G` or `20000`, found an array",
            ),
            ("max-size = 60", "did you mean `60%`?"),
            ("keep-age = '1w'", "found the text `\"1w\"`"),
            ("keep-states = true", "expected a whole number of at least 0, found `true`"),
            (
                "sign-command = {}",
                "expected a command, as a text or an array of words, found a table or a date",
            ),
            ("sign-command = ''", "expected a program, found nothing"),
            ("sign-command = 'sign | tee log'", "found `|`, and no shell is involved"),
            ("sign-command = \"gpg 'x\"", "expected quotes that are closed"),
            ("sign-timeout = 0", "more than 0"),
            ("refuse-signed = 2026-11-24", "expected `true` or `false`, found a table or a date"),
            ("refuse-signed = 'true'", "expected `true` or `false`, found the text"),
            ("keyring = ''", "expected a path that is not empty"),
            (&long, "xxx…\"`"),
        ];
        for (text, part) in cases {
            let error = toml::from_str::<Settings>(text).unwrap_err();
            assert!(error.message().contains(part), "{text}: {}", error.message());
            assert!(error.message().len() < 250, "{}", error.message());
        }
    }
}
