//! In which form a new file is stored.

use codec::Compression;
use codec::recipe::Recipe;

/// How the open content is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoredForm {
    /// As the publisher stores it, to the byte, by a recipe.
    Exact(Recipe),
    /// Quickly, for local readers; with [`Compression::None`] it is open.
    Quick(Compression),
}

impl Default for StoredForm {
    /// Open.
    fn default() -> Self {
        Self::Quick(Compression::None)
    }
}
