//! The recipes that are published beside journals: found once, and from then on
//! only confirmed on the beginning of each new file.
//!
//! One that is wrong costs clients the full file, never correctness: they compare
//! what they rebuild with its checksum.

use codec::recipe::{Facts, Recipe, agrees, find_with};

use super::tracks::Member;
use crate::Error;
use crate::ledger::MadeRecipe;
use crate::repository::Repository;

/// Open bytes of a file on which a recipe is confirmed: some hundred blocks of any
/// encoder.
const CONFIRMED: u64 = 16 << 20;

/// The recipe of the file of a record, given what was found of an earlier one.
pub(super) fn of(
    repository: &Repository,
    member: &Member,
    known: Option<&MadeRecipe>,
) -> Result<MadeRecipe, Error> {
    let record = &member.record;
    let file = record.checksum.as_ref().map(ToString::to_string).unwrap_or_default();
    let recipe = known.and_then(|known| Recipe::from_number(known.recipe?));
    // With facts it depends on more than the file.
    let settled = recipe.is_none_or(|recipe| !recipe.needs_facts());
    if let Some(known) = known.filter(|known| settled && known.file == file && !file.is_empty()) {
        return Ok(known.clone());
    }
    let name =
        Repository::file_of(record).map_err(|what| Error::Encode { data_type: record.kind.clone(), what })?;
    let path = repository.dir.path().join(name);
    let open = || repository.file(record, name);
    let facts = Facts::of(repository.model.revision.as_deref(), name);
    if let Some(recipe) = recipe {
        let expect = repository.expect(record)?;
        if agrees(recipe, open()?, &path, expect, &facts, CONFIRMED).map_err(Error::Open)? {
            return Ok(MadeRecipe { file, recipe: Some(recipe.number()) });
        }
    }
    let found = find_with(open()?, &path, repository.expect(record)?, &facts).map_err(Error::Open)?;
    Ok(MadeRecipe { file, recipe: found.map(Recipe::number) })
}
