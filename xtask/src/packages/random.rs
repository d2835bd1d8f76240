//! A small deterministic number sequence (splitmix64), seeded by text.

/// A sequence that depends on nothing but its seed.
pub(crate) struct Random(u64);

impl Random {
    /// A sequence of its own for `seed`.
    pub(crate) fn new(seed: &str) -> Self {
        Self(fingerprint(seed.as_bytes()))
    }

    /// The next number below `bound` (which must not be zero).
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        usize::try_from(z % (bound as u64)).unwrap_or(0)
    }

    /// One of `choices`.
    pub(crate) fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

/// FNV-1a, 64 bits.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_same_sequence() {
        let mut one = Random::new("seed");
        let mut two = Random::new("seed");
        let mut other = Random::new("other");
        let first: Vec<usize> = (0..20).map(|_| one.below(1000)).collect();
        assert_eq!(first, (0..20).map(|_| two.below(1000)).collect::<Vec<_>>());
        assert_ne!(first, (0..20).map(|_| other.below(1000)).collect::<Vec<_>>());
    }

    #[test]
    fn fingerprint_is_fnv_1a() {
        assert_eq!(fingerprint(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
