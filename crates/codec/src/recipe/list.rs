//! The closed list of recipes. Numbers are a wire format: an entry is never
//! changed, moved or taken away, new ones go to the end.

use std::fmt;

use crate::Compression;

/// A way to compress a file, to the bit: an index into a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Recipe(u8);

/// One row of the list.
struct Entry {
    name: &'static str,
    compression: Compression,
}

const LIST: [Entry; 1] = [Entry { name: "none", compression: Compression::None }];

impl Recipe {
    /// Every recipe, by number.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map_while(Self::from_number)
    }

    /// The number by which files name it.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }

    /// The recipe of this number; `None` if this version knows none.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        (usize::from(number) < LIST.len()).then_some(Self(number))
    }

    /// What people call it: encoder, level and variant.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// The compression of the files that it makes.
    #[must_use]
    pub fn compression(self) -> Compression {
        self.entry().compression
    }

    fn entry(self) -> &'static Entry {
        // Only numbers of the list are ever made.
        LIST.get(usize::from(self.0)).unwrap_or(&LIST[0])
    }
}

/// Its name.
impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
