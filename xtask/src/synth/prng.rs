//! The generator of all entropy: splitmix64, as a stream and as a hash of a place.
//!
//! Integers only, so that every machine draws the same.

/// The step between two states of splitmix64.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// splitmix64's finaliser: every bit of the result depends on every bit of `x`.
pub(super) fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The number that belongs to place `at` below `seed`.
pub(super) fn at(seed: u64, at: u64) -> u64 {
    mix(seed.wrapping_add(at.wrapping_add(1).wrapping_mul(GOLDEN)))
}

/// `hash`, evenly spread, as a number below `len`, by its upper bits.
pub(super) fn below(hash: u64, len: usize) -> usize {
    usize::try_from(((hash >> 32) * len as u64) >> 32).unwrap_or(0)
}

/// Whether `hash` falls into this many of a hundred, by its lower bits.
pub(super) fn chance(hash: u64, percent: u64) -> bool {
    (hash & 0xffff_ffff) % 100 < percent
}

/// A stream of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    /// The stream that belongs to `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number below `len`, evenly.
    pub(crate) fn below(&mut self, len: usize) -> usize {
        below(self.next(), len)
    }

    /// From `low` to `high`, both included, evenly.
    pub(super) fn range(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high + 1 - low)
    }

    /// Whether this draw falls into that many of a hundred.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        chance(self.next(), percent)
    }

    /// A number below `len`, small ones far more often: the fourth power of an
    /// even draw.
    pub(super) fn skewed(&mut self, len: usize) -> usize {
        let draw = u128::from(self.next() >> 40);
        usize::try_from((draw.pow(4) * len as u128) >> 96).unwrap_or(0)
    }
}
