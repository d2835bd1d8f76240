//! At which packages primary begins chunks. filelists and other have the same packages in
//! the same order, and createrepo_c ends the chunks of all three together; but only primary
//! tells of source packages.

use super::rule::ChunkRule;

/// The types whose packages are those of primary, in its order; also with `_zck`.
pub const FOLLOWERS: [&str; 3] = ["filelists", "filelists-ext", "other"];

/// Most packages of a primary that is looked at.
pub const MAX_PACKAGES: usize = 1 << 22;

/// The packages, by index, before which primary begins a chunk by rule 0, and by rule 1.
///
/// Memory: two bits for each package, at most [`MAX_PACKAGES`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrimaryChunks {
    /// Pairs of bits: by rule 0, and by rule 1.
    pairs: Vec<u8>,
    packages: usize,
}

const PAIRS: usize = 4;

impl PrimaryChunks {
    /// How many packages primary has.
    #[must_use]
    pub fn packages(&self) -> usize {
        self.packages
    }

    /// Whether a chunk begins before this package by a rule that needs primary. One that
    /// primary does not have begins none.
    pub(super) fn begins_chunk(&self, rule: ChunkRule, package: usize) -> bool {
        let pairs = self.pairs.get(package / PAIRS).copied().unwrap_or_default();
        let of_primary = rule.of_primary().map_or(0, |rule| rule.number() & 1);
        pairs >> (package % PAIRS * 2) >> of_primary & 1 == 1
    }

    /// False where there are too many.
    pub(super) fn push(&mut self, by_rules: impl Iterator<Item = bool>) -> bool {
        if self.packages == MAX_PACKAGES {
            return false;
        }
        let at = self.packages % PAIRS;
        if at == 0 {
            self.pairs.push(0);
        }
        let pair = by_rules.enumerate().fold(0, |pair, (rule, begins)| pair | u8::from(begins) << rule);
        if let Some(last) = self.pairs.last_mut() {
            *last |= pair << (at * 2);
        }
        self.packages += 1;
        true
    }
}
