//! What `generate` is asked to do, and the defaults.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

pub use history::Retention;

pub use crate::jobs::Jobs;

/// Which part of the budget windows beside a journal have. Compressing and proving it by bzip2, a third of a
/// second for each megabyte, takes a tenth of the time that reading the metadata of a distribution does.
const WINDOWS_OF_BUDGET: u64 = 32;

/// The methods by which options are built, each with the type of what it takes.
macro_rules! with_methods {
    ($options:ident { $($method:ident: $field:ident = $value:ty;)* }) => {
        impl $options {
            $(
                #[doc = concat!("Sets [`", stringify!($options), "::", stringify!($field), "`].")]
                #[must_use]
                pub fn $method(mut self, $field: $value) -> Self {
                    self.$field = $field.into();
                    self
                }
            )*
        }
    };
}

/// Options of [`generate`](crate::generate).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Metadata types that get deltas. By default every type of the repository that
    /// has a rule of its own ([`Rule::is_known`](delta_core::Rule::is_known)), twins included. A text
    /// type that has none is cut at lines where it is named here.
    pub types: Option<Vec<String>>,
    /// Types that other repositories have which get the same options: naming one of them
    /// is no mistake, though this repository lacks it. Default: none.
    pub types_elsewhere: Vec<String>,
    /// The journal, which serves every generation; nothing for none.
    pub journal: Option<JournalOptions>,
    /// Whether deltas of format 1 are made. Default: yes.
    pub deltas: bool,
    /// Which past generations share a delta of format 1. Default: [`Windows::Chosen`].
    pub windows: Windows,
    /// Most bytes of text that one run encodes, for the journal and for the windows that this library
    /// chooses beside it. Default: 64 MiB.
    pub budget: u64,
    /// How many generations are remembered.
    pub retention: Retention,
    /// A delta larger than this is not published, and no generation is served by the
    /// journal whose clients would read more of it. Default: 60 % of the full file.
    pub max_size: Threshold,
    /// Deltas named by so many published states before the newest one stay on
    /// disk, for clients of mirrors that lag. Default: 3.
    pub keep_states: usize,
    /// What becomes of the signature of repomd.xml.
    pub signing: Signing,
    /// How much is done at a time; clones share it. Default: as many threads as there
    /// are processors, at most 8.
    pub jobs: Jobs,
    /// Say what would be done, and write nothing.
    pub dry_run: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            types: None,
            types_elsewhere: Vec::new(),
            journal: Some(JournalOptions::default()),
            deltas: true,
            windows: Windows::default(),
            budget: 64 << 20,
            retention: Retention::default(),
            max_size: Threshold::percent(60),
            keep_states: 3,
            signing: Signing::default(),
            jobs: Jobs::default(),
            dry_run: false,
        }
    }
}

with_methods!(Options {
    with_types: types = impl Into<Option<Vec<String>>>;
    with_types_elsewhere: types_elsewhere = Vec<String>;
    with_journal: journal = impl Into<Option<JournalOptions>>;
    with_deltas: deltas = bool;
    with_windows: windows = Windows;
    with_budget: budget = u64;
    with_retention: retention = Retention;
    with_max_size: max_size = Threshold;
    with_keep_states: keep_states = usize;
    with_signing: signing = Signing;
    with_jobs: jobs = Jobs;
    with_dry_run: dry_run = bool;
});

impl Options {
    /// The part of the budget that is set aside for windows beside a journal, where those are chosen.
    ///
    /// It is a part of its own, so that windows depend on the metadata and not on how much of a journal was
    /// left to encode.
    pub(crate) fn budget_of_windows(&self) -> u64 {
        let are_chosen = self.deltas && self.journal.is_some() && self.windows == Windows::Chosen;
        if are_chosen { self.budget / WINDOWS_OF_BUDGET } else { 0 }
    }

    /// A [budget](Self::budget) of which the journal may have so many bytes.
    #[must_use]
    pub fn budget_for_journal(bytes: u64) -> u64 {
        bytes.saturating_add(bytes / (WINDOWS_OF_BUDGET - 1))
    }

    /// The part of the budget that the journal may have.
    pub(crate) fn budget_of_journal(&self) -> u64 {
        self.budget - self.budget_of_windows()
    }
}

/// Options of [`strip`](crate::strip()).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct StripOptions {
    /// What becomes of the signature of repomd.xml.
    pub signing: Signing,
    /// Say what would be done, and write nothing.
    pub dry_run: bool,
}

with_methods!(StripOptions {
    with_signing: signing = Signing;
    with_dry_run: dry_run = bool;
});

/// Options of [`verify`](crate::verify()).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// The keys by one of which repomd.xml must be signed, as `gpg --export` writes them; nothing where its signature
    /// is only compared with its bytes.
    pub keyring: Option<PathBuf>,
    /// How much is done at a time, as [`Options::jobs`] says.
    pub jobs: Jobs,
}

with_methods!(VerifyOptions {
    with_keyring: keyring = impl Into<Option<PathBuf>>;
    with_jobs: jobs = Jobs;
});

/// Options of [`import`](crate::import()).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ImportOptions {
    /// Metadata types that are taken in; by default as [`Options::types`] says.
    pub types: Option<Vec<String>>,
    /// How many generations are remembered.
    pub retention: Retention,
    /// How much is done at a time, as [`Options::jobs`] says.
    pub jobs: Jobs,
    /// Say what would be done, and write nothing.
    pub dry_run: bool,
}

with_methods!(ImportOptions {
    with_jobs: jobs = Jobs;
    with_types: types = impl Into<Option<Vec<String>>>;
    with_retention: retention = Retention;
    with_dry_run: dry_run = bool;
});

/// What the journal serves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JournalOptions {
    /// Whether the recipes of full files are found and published with it, so that clients can rebuild those
    /// very files. Default: yes.
    pub recipe: bool,
    /// Full files that have fewer bytes all together get no journal: listing it would cost as much as it
    /// saves. Default: 4 KiB.
    pub min_full: u64,
}

impl Default for JournalOptions {
    fn default() -> Self {
        Self { recipe: true, min_full: 4 << 10 }
    }
}

with_methods!(JournalOptions {
    with_recipe: recipe = bool;
    with_min_full: min_full = u64;
});

/// How past generations are divided into windows; each window gets one delta.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Windows {
    /// As this library chooses. For a type that the journal has, one window of the newest generations, as far
    /// back as its share of [`Options::budget`] goes: all that is older is served by the journal. For any
    /// other type as [`Cheapest`](Self::Cheapest), with at most [`Windows::MOST_ALONE`], which reach all
    /// generations.
    #[default]
    Chosen,
    /// So that clients download the fewest bytes on average, repomd.xml included
    /// ([`cheapest`](history::windows::cheapest)), whatever that costs.
    Cheapest {
        /// Most windows.
        most: usize,
    },
    /// Each window ends where its delta reaches a size, newest first; at most as
    /// many windows as sizes ([`by_thresholds`](history::windows::by_thresholds)), whatever that costs.
    Thresholds(Vec<Threshold>),
}

impl Windows {
    /// Most windows of a type that no journal has, where nothing else is said.
    pub const MOST_ALONE: usize = 5;
}

/// What becomes of `repomd.xml.asc` when repomd.xml changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Signing {
    /// It is removed, because it is no longer true, and that is said.
    #[default]
    Remove,
    /// The repository is left alone when it is signed and would change.
    Refuse,
    /// A command signs the new repomd.xml before it is published.
    Command(SignCommand),
}

/// A command that signs: it gets a private copy of repomd.xml, and leaves an armored
/// signature beside it, in `repomd.xml.asc`.
///
/// The copy is in a directory of its own, mode 0700, in the temporary directory, and
/// removed afterwards. What is published is never read from there: a copy that the
/// command changed is an error. Standard input is empty, and no shell is involved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignCommand {
    /// A program and its arguments; the path of the copy is appended.
    pub words: Vec<String>,
    /// Keys, one of which must have made the signature; binary, or armored. By default
    /// only the armor is checked.
    pub keyring: Option<PathBuf>,
    /// How long it may take before it is ended. Default: 5 minutes.
    pub time_limit: Duration,
}

impl SignCommand {
    /// A program and its arguments.
    #[must_use]
    pub fn new(words: Vec<String>) -> Self {
        Self { words, keyring: None, time_limit: Duration::from_secs(300) }
    }

    /// Has gpgv verify each signature by the keys in this file.
    #[must_use]
    pub fn with_keyring(mut self, keyring: PathBuf) -> Self {
        self.keyring = Some(keyring);
        self
    }

    /// Ends the command, with all that it started, when it takes longer.
    #[must_use]
    pub fn with_time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }
}

/// A size in bytes, or as a share of the full compressed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// Bytes.
    Bytes(u64),
    /// Hundredths of a percent: 10,000 is the size of the full file.
    Share(u32),
}

impl Threshold {
    /// A share of so many percent.
    #[must_use]
    pub fn percent(percent: u32) -> Self {
        Self::Share(percent.saturating_mul(100))
    }

    /// The size in bytes for a full compressed file of `full` bytes.
    #[must_use]
    pub fn bytes(self, full: u64) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Share(share) => {
                let bytes = u128::from(full) * u128::from(share) / 10_000;
                u64::try_from(bytes).unwrap_or(u64::MAX)
            }
        }
    }
}

/// Why a text is no [`Threshold`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected bytes (`20000`, `64K`, `2M`, `1G`) or a percentage of the full file (`5%`, `0.5%`), found `{found}`"
)]
pub struct ThresholdError {
    found: String,
}

impl FromStr for Threshold {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        parse(text.trim()).ok_or_else(|| ThresholdError { found: text.to_owned() })
    }
}

fn parse(text: &str) -> Option<Threshold> {
    let digits = |s: &str| -> Option<u64> {
        if s.is_empty() || !s.bytes().all(|b| b.is_ascii_digit()) { None } else { s.parse().ok() }
    };
    if let Some(percent) = text.strip_suffix('%') {
        let (whole, hundredths) = match percent.split_once('.') {
            None => (percent, 0),
            Some((whole, fraction)) if fraction.len() == 1 => (whole, digits(fraction)? * 10),
            Some((whole, fraction)) if fraction.len() == 2 => (whole, digits(fraction)?),
            Some(_) => return None,
        };
        let share = digits(whole)?.checked_mul(100)?.checked_add(hundredths)?;
        return Some(Threshold::Share(u32::try_from(share).ok()?));
    }
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        _ => return None,
    };
    Some(Threshold::Bytes(digits(number)?.checked_mul(unit)?))
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{bytes}"),
            Self::Share(share) if share.is_multiple_of(100) => write!(f, "{}%", share / 100),
            Self::Share(share) => write!(f, "{}.{:02}%", share / 100, share % 100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_as_people_write_them() {
        let cases = [
            ("0", Threshold::Bytes(0)),
            ("20000", Threshold::Bytes(20_000)),
            ("64K", Threshold::Bytes(65_536)),
            (" 2m ", Threshold::Bytes(2 << 20)),
            ("7B", Threshold::Bytes(7)),
            ("3KiB", Threshold::Bytes(3072)),
            ("1gib", Threshold::Bytes(1 << 30)),
            ("5%", Threshold::Share(500)),
            ("0.5%", Threshold::Share(50)),
            ("12.25%", Threshold::Share(1225)),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in [
            "",
            "K",
            "%",
            "-1",
            "+1",
            "1T",
            "1MB",
            "1.5",
            "2 K",
            "1.234%",
            ".5%",
            "99999999999999999999",
            "5 %",
        ] {
            assert!(text.parse::<Threshold>().is_err(), "{text}");
        }
    }

    #[test]
    fn shares_are_of_the_full_file() {
        assert_eq!(Threshold::percent(5).bytes(1000), 50);
        assert_eq!(Threshold::Share(1).bytes(u64::MAX), u64::MAX / 10_000);
        assert_eq!(Threshold::Bytes(7).bytes(1000), 7);
    }
}
