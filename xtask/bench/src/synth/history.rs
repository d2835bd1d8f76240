//! The state of a repository through its generations: which source packages
//! there are, at which version, and in which order their packages are listed.
//!
//! No texts are kept: they follow from the seed, the numbers and the version.

use super::names;
use anyhow::{Result, ensure};
use std::collections::BTreeSet;
use xtask_common::random::{Random, at, below};

/// Packages of the distribution that the churn is taken from …
const MODEL_PACKAGES: u64 = 76_439;
/// … and how many of them a publish touches on average.
const MODEL_TOUCHED: u64 = 75;
/// One source package of so many is a favourite …
const FAVOURITES: usize = 200;
/// … and that many of a hundred updates go to favourites.
const FAVOURED: u64 = 37;

/// What to make a history of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Packages in the first generation.
    pub(crate) packages: u32,
    /// Another seed gives another repository.
    pub(crate) seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { packages: 76_439, seed: 1 }
    }
}

/// A source package. Its binary packages share all of this.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    /// How many binary packages it is split into.
    pub(super) binaries: u8,
    /// Updates so far, counting those before the history began.
    pub(super) version: u32,
    /// The version it came with.
    pub(super) first: u32,
    /// The generation it came with; 0 when it was there before.
    pub(super) born: u32,
    /// The generation of the last update; 0 when that was before.
    pub(super) updated: u32,
    /// The generation in which its files were last touched.
    pub(super) stamped: u32,
}

/// A binary package: its source package and its place in there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Binary {
    pub(super) source: u32,
    pub(super) index: u8,
}

/// What one publish changed, in packages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Churn {
    /// New versions: every type changes.
    pub(crate) updated: u32,
    /// Touched files: only `<time>` changes, in primary.
    pub(crate) stamped: u32,
    /// New packages.
    pub(crate) added: u32,
    /// Packages that are gone.
    pub(crate) removed: u32,
}

impl Churn {
    /// All touched packages.
    pub(crate) fn total(&self) -> u32 {
        self.updated + self.stamped + self.added + self.removed
    }
}

/// A repository at one of its generations.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(super) options: Options,
    pub(super) generation: u32,
    /// By number; those that are gone stay.
    pub(super) sources: Vec<Source>,
    /// How many there were at first: what dependencies name.
    pub(super) founders: u32,
    /// The binary packages in the order of their names.
    pub(super) listed: Vec<Binary>,
    /// The source packages that are there, favourites first.
    alive: Vec<u32>,
    /// What past publishes touched too little, in packages, times `MODEL_PACKAGES`.
    owed: i64,
    churn: Churn,
}

impl History {
    /// The first generation.
    ///
    /// # Errors
    /// A repository without packages, or with so many that names run out.
    pub(crate) fn new(options: Options) -> Result<Self> {
        ensure!((1..=2_000_000).contains(&options.packages), "a history has 1 to 2,000,000 packages");
        let mut history = Self {
            options,
            generation: 1,
            sources: Vec::new(),
            founders: 0,
            listed: Vec::new(),
            alive: Vec::new(),
            owed: 0,
            churn: Churn::default(),
        };
        let mut missing = options.packages;
        while missing > 0 {
            let source = history.found(0);
            let binaries = history.sources[source as usize].binaries;
            let binaries = u8::try_from(missing).unwrap_or(u8::MAX).min(binaries);
            history.sources[source as usize].binaries = binaries;
            missing -= u32::from(binaries);
            history.listed.extend((0..binaries).map(|index| Binary { source, index }));
        }
        history.founders = u32::try_from(history.sources.len()).unwrap_or(u32::MAX);
        history.listed.sort_by_cached_key(|binary| name(options.seed, *binary));
        Ok(history)
    }

    /// The generation that this is; the first is 1.
    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    /// Packages in this generation.
    pub(crate) fn packages(&self) -> usize {
        self.listed.len()
    }

    /// What this generation changed; nothing in the first.
    pub(crate) fn churn(&self) -> Churn {
        self.churn
    }

    /// Goes to `generation`: forward in memory, backward by starting again.
    pub(crate) fn go_to(&mut self, generation: u32) -> Result<()> {
        ensure!(generation > 0, "generations are numbered from 1");
        if generation < self.generation {
            *self = Self::new(self.options)?;
        }
        while self.generation < generation {
            self.publish();
        }
        Ok(())
    }

    /// Goes to the next generation.
    pub(crate) fn publish(&mut self) {
        self.generation += 1;
        self.churn = Churn::default();
        let mut rng = Random::new(at(at(self.options.seed, 5), u64::from(self.generation)));
        let model = i64::try_from(MODEL_PACKAGES).unwrap_or(i64::MAX);
        // Half the mean to one and a half times the mean, and what is still owed.
        let mean = u64::from(self.options.packages) * MODEL_TOUCHED;
        let share = u64::try_from(rng.range(512, 1536)).unwrap_or(1024);
        let due = i64::try_from(mean * share / 1024).unwrap_or(i64::MAX).saturating_add(self.owed);
        let mut touched = BTreeSet::new();
        loop {
            self.touch(&mut rng, &mut touched);
            let spent = i64::from(self.churn.total()) * model;
            if spent >= due || touched.len() >= self.alive.len() {
                // Small repositories change more than their share: at least once.
                self.owed = (due - spent).max(-model * 60);
                break;
            }
        }
    }

    /// One event, at a source package that this publish has not touched yet.
    fn touch(&mut self, rng: &mut Random, touched: &mut BTreeSet<u32>) {
        let generation = self.generation;
        let kind = rng.below(100);
        if (88..94).contains(&kind) {
            let source = self.found(generation);
            touched.insert(source);
            return self.list(source);
        }
        // Packages go as evenly as they come; updates have their favourites.
        let gone = kind >= 94 && self.alive.len() > 4;
        let favourite = !gone && rng.chance(FAVOURED);
        let among = if favourite { self.alive.len().div_ceil(FAVOURITES) } else { self.alive.len() };
        let place = rng.below(among);
        let number = self.alive[place];
        if !touched.insert(number) {
            return;
        }
        let source = &mut self.sources[number as usize];
        let packages = u32::from(source.binaries);
        source.stamped = generation;
        if gone {
            self.churn.removed += packages;
            self.alive.remove(place);
            self.listed.retain(|binary| binary.source != number);
        } else if kind >= 80 {
            self.churn.stamped += packages;
        } else {
            source.version += 1;
            source.updated = generation;
            self.churn.updated += packages;
        }
    }

    /// A new source package, not listed yet.
    fn found(&mut self, born: u32) -> u32 {
        let seed = self.options.seed;
        let number = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        let age = if born == 0 { below(at(at(seed, 6), u64::from(number)), 24) } else { 0 };
        let version = u32::try_from(age).unwrap_or(0);
        let binaries = names::split(seed, number);
        let source = Source { binaries, version, first: version, born, updated: born, stamped: born };
        self.sources.push(source);
        self.alive.push(number);
        number
    }

    /// Lists the packages of a new source package where their names belong.
    fn list(&mut self, source: u32) {
        let seed = self.options.seed;
        for index in 0..self.sources[source as usize].binaries {
            let binary = Binary { source, index };
            let new = name(seed, binary);
            let place = self.listed.partition_point(|other| name(seed, *other) < new);
            self.listed.insert(place, binary);
            self.churn.added += 1;
        }
    }
}

/// The name of a binary package.
pub(super) fn name(seed: u64, binary: Binary) -> Vec<u8> {
    let mut name = Vec::new();
    names::binary(&mut name, seed, binary.source, binary.index);
    name
}
