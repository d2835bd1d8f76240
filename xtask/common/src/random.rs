//! The generator of all entropy: splitmix64, as a stream and as a hash of a place.
//!
//! Integers only, so that every machine draws the same.

/// The step between two states of splitmix64.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// splitmix64's finaliser: every bit of the result depends on every bit of `x`.
pub fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The number that belongs to place `at` below `seed`.
pub fn at(seed: u64, at: u64) -> u64 {
    mix(seed.wrapping_add(at.wrapping_add(1).wrapping_mul(GOLDEN)))
}

/// `hash`, evenly spread, as a number below `len`, by its upper bits.
pub fn below(hash: u64, len: usize) -> usize {
    usize::try_from(((hash >> 32) * len as u64) >> 32).unwrap_or(0)
}

/// Whether `hash` falls into this many of a hundred, by its lower bits.
pub fn chance(hash: u64, percent: u64) -> bool {
    (hash & 0xffff_ffff) % 100 < percent
}

/// FNV-1a, 64 bits: a seed from text.
pub fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A stream of numbers that depends on nothing but its seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The stream that belongs to the text `seed`.
    pub fn from_text(seed: &str) -> Self {
        Self(fingerprint(seed.as_bytes()))
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number below `len`, evenly.
    pub fn below(&mut self, len: usize) -> usize {
        below(self.draw(), len)
    }

    /// A number below `len`, which must not be zero: the remainder. Committed fixtures
    /// were drawn so; [`Random::below`] would draw others.
    pub fn remainder(&mut self, len: usize) -> usize {
        usize::try_from(self.draw() % (len as u64)).unwrap_or(0)
    }

    /// One of `choices`, by the remainder.
    pub fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.remainder(choices.len())]
    }

    /// From `low` to `high`, both included, evenly.
    pub fn range(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high + 1 - low)
    }

    /// Whether this draw falls into that many of a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        chance(self.draw(), percent)
    }

    /// A number below `len`, small ones far more often: the fourth power of an
    /// even draw.
    pub fn skewed(&mut self, len: usize) -> usize {
        let draw = u128::from(self.draw() >> 40);
        usize::try_from((draw.pow(4) * len as u128) >> 96).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_stream() {
        let draw = |seed: &str| -> Vec<usize> {
            let mut random = Random::from_text(seed);
            (0..20).map(|_| random.remainder(1000)).collect()
        };
        assert_eq!(draw("seed"), draw("seed"));
        assert_ne!(draw("seed"), draw("other"));
    }

    #[test]
    fn a_place_has_the_number_that_the_stream_reaches_there() {
        let mut random = Random::new(7);
        assert_eq!(
            (0..5).map(|_| random.draw()).collect::<Vec<_>>(),
            (0..5).map(|n| at(7, n)).collect::<Vec<_>>()
        );
    }

    #[test]
    fn fingerprint_is_fnv_1a() {
        assert_eq!(fingerprint(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
