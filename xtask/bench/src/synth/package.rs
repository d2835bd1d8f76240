//! What all three metadata types say about a package, or derive their texts from.

use super::history::{Binary, History, name};
use super::names;
use super::text::{hex, put};
use xtask_common::random::{Random, at, below, chance};

/// When the first generation is published.
pub(super) const START: u64 = 1_800_036_000;
/// Seconds from one publish to the next.
pub(super) const INTERVAL: u64 = 6 * 3600;

const DAY: u64 = 86_400;

/// When `generation` is published, in seconds since 1970.
pub(super) fn published(generation: u32) -> u64 {
    START + u64::from(generation.saturating_sub(1)) * INTERVAL
}

/// One package at its version in one generation.
pub(super) struct Package {
    /// The history's seed.
    pub(super) world: u64,
    /// What dependencies may name: source packages with smaller numbers.
    pub(super) founders: u32,
    pub(super) number: u32,
    pub(super) index: u8,
    pub(super) name: Vec<u8>,
    pub(super) source_name: Vec<u8>,
    /// The source package's, whatever the version.
    pub(super) source_seed: u64,
    /// This package's, whatever the version.
    pub(super) seed: u64,
    /// This package's at this version.
    pub(super) version_seed: u64,
    /// Updates so far.
    pub(super) version: u32,
    /// Those of them that brought new upstream sources.
    pub(super) upstream: u64,
    pub(super) ver: Vec<u8>,
    pub(super) rel: Vec<u8>,
    /// The checksum of the package file in hex.
    pub(super) pkgid: Vec<u8>,
    pub(super) arch: &'static str,
    pub(super) build_time: u64,
    pub(super) file_time: u64,
    born: u32,
    first: u32,
}

impl Package {
    /// `binary` as it is in the history's current generation.
    pub(super) fn new(history: &History, binary: Binary) -> Self {
        let world = history.options.seed;
        let state = &history.sources[binary.source as usize];
        let source_seed = at(at(world, 7), u64::from(binary.source));
        let seed = at(at(source_seed, 8), u64::from(binary.index));
        let version_seed = at(at(seed, 9), u64::from(state.version));
        let mut source_name = Vec::new();
        names::source(&mut source_name, world, binary.source);
        let (mut ver, mut rel) = (Vec::new(), Vec::new());
        version(&mut ver, &mut rel, source_seed, state.version);
        let mut pkgid = Vec::with_capacity(64);
        let mut rng = Random::new(version_seed);
        for _ in 0..4 {
            hex(&mut pkgid, &rng.draw().to_be_bytes());
        }
        let noarch = chance(source_seed, 30) || matches!(binary.index, 3 | 4 | 6);
        // All packages of one build come within minutes.
        let hash = at(at(source_seed, 10), u64::from(state.version));
        let build_time = if state.updated == 0 {
            START - 3600 - hash % (700 * DAY)
        } else {
            published(state.updated) - 4000 - hash % 9000
        } + version_seed % 100;
        let file_time = if state.stamped == state.updated {
            build_time + 200 + hash % 700
        } else {
            published(state.stamped) - 300 - at(hash, u64::from(state.stamped)) % 2000
        };
        Self {
            world,
            founders: history.founders,
            number: binary.source,
            index: binary.index,
            name: name(world, binary),
            source_name,
            source_seed,
            seed,
            version_seed,
            version: state.version,
            upstream: upstream(source_seed, state.version),
            ver,
            rel,
            pkgid,
            arch: if noarch { "noarch" } else { "x86_64" },
            build_time,
            file_time,
            born: state.born,
            first: state.first,
        }
    }

    /// Which of its texts the thing at `slot` has now: `slot` changes at one of
    /// `period` upstream versions.
    pub(super) fn edition(&self, slot: u64, period: u64) -> u64 {
        let hash = at(self.seed, slot);
        at(hash, (self.upstream + hash % period) / period)
    }

    /// Like [`Self::edition`], but the same for all packages of the source.
    pub(super) fn source_edition(&self, slot: u64, period: u64) -> u64 {
        let hash = at(self.source_seed, slot);
        at(hash, (self.upstream + hash % period) / period)
    }

    /// Appends ` epoch="0" ver="…" rel="…"`.
    pub(super) fn evr(&self, out: &mut Vec<u8>) {
        put!(out, " epoch=\"0\" ver=\"", &self.ver, "\" rel=\"", &self.rel, "\"");
    }

    /// How many commands it brings.
    pub(super) fn commands(&self) -> usize {
        let most = usize::from(matches!(self.index, 0 | 5) && chance(self.seed, 55));
        if most > 0 && chance(self.seed >> 8, 20) { 2 + below(self.seed, 9) } else { most }
    }

    /// Appends the path of one of its commands.
    pub(super) fn command(&self, out: &mut Vec<u8>, command: usize) {
        put!(out, "/usr/bin/");
        names::core(out, self.world, self.number);
        if command > 0 || self.index > 0 {
            let hash = at(self.seed, 100 + command as u64);
            put!(out, "-", super::words::pick(&super::words::STEMS, hash));
        }
    }

    /// The day of version `version`'s changelog entry, at noon.
    pub(super) fn changed(&self, version: u32) -> u64 {
        let time = if version > self.first {
            // A publish updates a package once at most: this is never ahead.
            published(self.born) + u64::from(version - self.first) * INTERVAL
        } else {
            let back = u64::from(self.first - version) * (20 + self.source_seed % 60);
            published(self.born) - (1 + back + at(self.source_seed, u64::from(version)) % 20) * DAY
        };
        time / DAY * DAY - DAY / 2
    }
}

/// The upstream version behind update `version`: two of three bring a new one.
fn upstream(source_seed: u64, version: u32) -> u64 {
    (u64::from(version) * 2 + source_seed % 3) / 3
}

/// Appends version and release of update `version`.
pub(super) fn version(ver: &mut Vec<u8>, rel: &mut Vec<u8>, source_seed: u64, version: u32) {
    let upstream_now = upstream(source_seed, version);
    let builds = (0..=version).rev().take_while(|v| upstream(source_seed, *v) == upstream_now).count();
    let (major, minor) = (source_seed >> 8 & 7, source_seed >> 16 & 15);
    put!(ver, major, ".", minor + upstream_now / 4, ".", upstream_now % 4 + (source_seed >> 24 & 3));
    put!(rel, builds as u64 + (source_seed >> 32 & 1), ".ex1");
}
