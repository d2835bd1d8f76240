//! Parts of a file: what a request may ask for, and what an answer says it has.
//!
//! Positions count from 0. Whether a server's words are to be believed is
//! judged where they are read, not here.

use std::fmt;

/// A part of a file: so many bytes from a first one on. It has at least one
/// byte, and ends where positions still are numbers of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ByteRange {
    first: u64,
    bytes: u64,
}

impl ByteRange {
    /// The part with `bytes` bytes, the first of which is at position `first`;
    /// nothing for one that has no bytes, or that ends beyond all numbers.
    #[must_use]
    pub fn new(first: u64, bytes: u64) -> Option<Self> {
        (bytes > 0 && first.checked_add(bytes).is_some()).then_some(Self { first, bytes })
    }

    /// The part from position `first` up to `end`, which is the position after
    /// its last byte.
    #[must_use]
    pub fn between(first: u64, end: u64) -> Option<Self> {
        Self::new(first, end.checked_sub(first)?)
    }

    /// The position of its first byte.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.first
    }

    /// How many bytes it has; never 0.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The position of its last byte.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.first + (self.bytes - 1)
    }

    /// The position after its last byte.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.first + self.bytes
    }

    /// What a file of `length` bytes has of it.
    #[must_use]
    pub fn within(&self, length: u64) -> Option<Self> {
        Self::between(self.first, self.end().min(length))
    }
}

/// As messages and HTTP write it: the first position, a hyphen, the last one.
impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last())
    }
}

/// How much of a file a body has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Extent {
    /// All of it, from its first byte on.
    #[default]
    Whole,
    /// A part of it.
    #[non_exhaustive]
    Part {
        /// Which one.
        range: ByteRange,
        /// How many bytes the whole file has, where that is known. A promise,
        /// not yet a fact.
        total: Option<u64>,
    },
}

#[cfg(test)]
mod tests {
    use super::ByteRange;

    #[test]
    fn a_part_has_bytes_and_an_end() {
        let range = ByteRange::new(10, 5).unwrap();
        assert_eq!((range.first(), range.last(), range.end(), range.bytes()), (10, 14, 15, 5));
        assert_eq!(range.to_string(), "10-14");
        assert_eq!(ByteRange::between(10, 15), Some(range));
        assert_eq!(ByteRange::new(10, 0), None);
        assert_eq!(ByteRange::between(10, 9), None);
        assert_eq!(ByteRange::new(u64::MAX, 1), None);
        let far = ByteRange::new(u64::MAX - 1, 1).unwrap();
        assert_eq!((far.last(), far.end()), (u64::MAX - 1, u64::MAX));
    }

    #[test]
    fn a_file_may_end_within_a_part_or_before_it() {
        let range = ByteRange::new(10, 5).unwrap();
        for (length, bytes) in
            [(9, None), (10, None), (11, Some(1)), (14, Some(4)), (15, Some(5)), (99, Some(5))]
        {
            assert_eq!(range.within(length).map(|part| part.bytes()), bytes, "{length}");
        }
    }
}
