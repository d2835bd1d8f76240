//! The closed list of rules by which chunks begin.

/// A rule by which chunks begin: an index into a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChunkRule(u8);

impl ChunkRule {
    pub(super) const BY_SOURCE: Self = Self(0);

    /// Every rule, by number.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map_while(Self::from_number)
    }

    /// The number by which repomd.xml names it.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }

    /// The rule of this number; `None` if this version knows none. 0: a chunk for each
    /// row of packages of the same source package; 1: the same, but each package that
    /// names no source package has its own chunk; 2: as zchunk's library cuts by itself; 3: a
    /// chunk before each package whose index is one at which primary begins one by rule 0;
    /// 4: the same with rule 1.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        (number < 5).then_some(Self(number))
    }

    /// Whether chunks begin where they do in the primary of the same repository.
    #[must_use]
    pub fn needs_primary(self) -> bool {
        self.of_primary().is_some()
    }

    /// Whether chunks begin as zchunk's library cuts by itself.
    pub(super) fn is_automatic(self) -> bool {
        self.0 == 2
    }

    /// The rule of primary's chunks that it goes by.
    pub(super) fn of_primary(self) -> Option<Self> {
        self.0.checked_sub(3).map(Self)
    }

    /// Whether a chunk begins before a package of this source package, by the one of the
    /// package before.
    pub(super) fn begins_chunk(self, before: Option<&[u8]>, source: &[u8]) -> bool {
        before != Some(source) || (self.0 == 1 && source.is_empty())
    }
}
