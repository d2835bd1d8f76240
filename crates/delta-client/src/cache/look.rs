//! What a cache holds, read without changing anything.

use std::path::Path;

use durable::Dir;

use super::LocalCopy;
use super::notes::{Notes, NotesRead};
use super::recovered::recovered;
use crate::error::CacheError;
use crate::options::KnownRecipes;

/// What a cache holds, without a lock and without changing anything; `None`
/// while there is none, or it is empty. And what is known of recipes.
pub(crate) fn look(path: &Path) -> Result<(Option<LocalCopy>, KnownRecipes), CacheError> {
    match Dir::open(path) {
        Ok(dir) => read(&dir),
        Err(error) if error.is_not_found() => Ok((None, KnownRecipes::default())),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn read(dir: &Dir) -> Result<(Option<LocalCopy>, KnownRecipes), CacheError> {
    let (notes, damage) = match Notes::read(dir)? {
        NotesRead::None => (None, None),
        NotesRead::Whole(notes) => (Some(notes), None),
        NotesRead::Damaged(why) => (recovered(dir)?, Some(why)),
    };
    let mut held = LocalCopy::read(dir, notes.as_ref())?;
    if let (Some(held), Some(why)) = (&mut held, damage) {
        held.damage.push(format!("{why}; what is held tells what it was about"));
    }
    Ok((held, notes.map(|notes| notes.recipes).unwrap_or_default()))
}
