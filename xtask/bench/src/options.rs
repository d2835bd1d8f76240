//! What is measured, and on what.

use anyhow::{Context as _, Result};
use std::path::PathBuf;
use std::time::Duration;

/// The metadata types that are measured.
pub(crate) const TYPES: [&str; 3] = ["primary", "filelists", "other"];

/// One part of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// `generate`, by packages and generations.
    Publish,
    /// The size of the history.
    History,
    /// `apply`.
    Apply,
    /// `update`, over loopback.
    Update,
    /// Bytes per client age, beside the peers.
    Bytes,
    /// The journal, published in turn.
    Journal,
    /// Rebuilding compressed files by recipe.
    Recipes,
}

const PARTS: [(&str, Part); 7] = [
    ("publish", Part::Publish),
    ("history", Part::History),
    ("apply", Part::Apply),
    ("update", Part::Update),
    ("bytes", Part::Bytes),
    ("journal", Part::Journal),
    ("recipes", Part::Recipes),
];

/// What to measure.
pub(crate) struct Options {
    /// Which parts; none means all.
    pub(crate) parts: Vec<Part>,
    /// Numbers of packages, the largest first.
    pub(crate) packages: Vec<u32>,
    /// Generations that the history has before the publish that is measured.
    pub(crate) retained: Vec<usize>,
    /// How many generations a client is behind.
    pub(crate) ages: Vec<usize>,
    /// Runs of each command.
    pub(crate) runs: usize,
    /// How long a peer may take for one pair of files.
    pub(crate) limit: Duration,
    /// The program, where it is not to be built optimised.
    pub(crate) program: Option<PathBuf>,
}

impl Options {
    /// The whole benchmark; an hour or more, and some twenty gigabytes of disk.
    pub(crate) fn full() -> Self {
        Self {
            parts: Vec::new(),
            packages: vec![76_439, 40_000, 20_000, 10_000],
            retained: vec![1, 14, 56],
            ages: vec![1, 4, 28, 56],
            runs: 5,
            limit: Duration::from_secs(600),
            program: None,
        }
    }

    /// A small one for daily use.
    pub(crate) fn quick() -> Self {
        Self {
            parts: Vec::new(),
            packages: vec![5_000, 2_500],
            retained: vec![1, 14],
            ages: vec![1, 14],
            runs: 3,
            limit: Duration::from_secs(15),
            program: None,
        }
    }

    /// Hardly anything, with a program that is already built: to see that every
    /// part of this works.
    pub(crate) fn smallest(program: PathBuf) -> Self {
        Self {
            parts: Vec::new(),
            packages: vec![400, 200],
            retained: vec![1, 2],
            ages: vec![1, 2],
            runs: 1,
            limit: Duration::from_secs(60),
            program: Some(program),
        }
    }

    /// Only the parts of these names.
    pub(crate) fn only(mut self, names: &[&str]) -> Result<Self> {
        for name in names {
            let part = PARTS.iter().find(|(known, _)| known == name).map(|(_, part)| *part);
            self.parts.push(part.with_context(|| {
                let known: Vec<&str> = PARTS.iter().map(|(known, _)| *known).collect();
                format!("unknown part `{name}`: expected {}", known.join(", "))
            })?);
        }
        Ok(self)
    }

    /// Whether a part is to be measured.
    pub(crate) fn has(&self, part: Part) -> bool {
        self.parts.is_empty() || self.parts.contains(&part)
    }

    /// Whether anything needs a journal that was published in turn.
    pub(crate) fn needs_journals(&self) -> bool {
        [Part::Journal, Part::Bytes, Part::Apply, Part::Update].iter().any(|part| self.has(*part))
    }

    /// Whether anything needs a history.
    pub(crate) fn needs_history(&self) -> bool {
        PARTS.iter().any(|(_, part)| *part != Part::Recipes && self.has(*part))
    }

    /// Generations before the newest.
    pub(crate) fn generations(&self) -> usize {
        self.retained.iter().chain(&self.ages).copied().max().unwrap_or(1)
    }
}
