//! The recipes that are published beside journals: found once, and from then on
//! only confirmed on the beginning of each new file.
//!
//! One that is wrong costs clients the full file, never correctness: they compare
//! what they rebuild with its checksum.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::Path;

use codec::recipe::zchunk::{ChunkRule, chunk_rule, chunk_rule_by_primary, dictionary_checksum};
use codec::recipe::{Facts, HEAD, Recipe, agrees, candidates, find_on};

use super::primary::{Primary, is_follower};
use super::tracks::Member;
use crate::Error;
use crate::ledger::RecipeEntry;
use crate::progress::Step;
use crate::repository::Repository;

/// Open bytes of a file on which a recipe is confirmed: some hundred blocks of any
/// encoder.
const CONFIRMED: u64 = 16 << 20;
/// The same of a zchunk file, whose chunks are compressed more slowly.
const CONFIRMED_CHUNKS: u64 = 4 << 20;

/// The recipe of the file of a record, given what was found of an earlier one.
pub(super) fn find_entry(
    repository: &Repository,
    member: &Member,
    primary: &Primary<'_>,
    known: Option<&RecipeEntry>,
) -> Result<RecipeEntry, Error> {
    let record = &member.record;
    let checksum = record.checksum.as_ref().map(ToString::to_string).unwrap_or_default();
    let recipe = known.and_then(|known| Recipe::from_number(known.recipe?));
    // With facts it depends on more than the file.
    let settled = recipe.is_none_or(|recipe| !recipe.needs_facts())
        && known.is_none_or(|known| known.primary.is_none() || known.primary == Some(primary.checksum()));
    if let Some(known) = known.filter(|known| settled && known.file == checksum && !checksum.is_empty()) {
        return Ok(known.clone());
    }
    let name =
        Repository::file_of(record).map_err(|what| Error::Encode { data_type: record.kind.clone(), what })?;
    let path = repository.dir.path().join(name);
    let expect = repository.expect(record)?;
    let mut opened = repository.file(record, name)?;
    let _finding = repository.jobs.begin(&record.kind, Step::Recipe, None);
    let tried = tried(&mut opened, &path)?;
    let is_zchunk = tried.iter().any(|recipe| recipe.needs_old_file());
    let mut entry = RecipeEntry { file: checksum, ..RecipeEntry::default() };
    let decoding = repository.decoding_memory(&opened, name, &expect)?;
    let mut chunks = None;
    if is_zchunk {
        let dictionary = dictionary_checksum(repository.file(record, name)?, &path).map_err(Error::Open)?;
        entry.dictionary = Some(dictionary.to_hex());
        if known.is_some_and(|known| known.dictionary.is_some() && known.dictionary != entry.dictionary) {
            // Nobody could follow a recipe: the files that clients hold have another dictionary.
            return Ok(entry);
        }
        (chunks, entry.primary) = rule(repository, (member, name), primary, decoding)?;
        if chunks.is_none() {
            // Nor here: where chunks begin cannot be told.
            return Ok(entry);
        }
    }
    let memory: u64 = tried.iter().map(|recipe| recipe.memory()).sum();
    let _memory = repository.jobs.memory(memory.saturating_add(decoding));
    let found = |recipe: Option<Recipe>| RecipeEntry {
        recipe: recipe.map(Recipe::number),
        chunks: chunks.filter(|_| recipe.is_some()).map(ChunkRule::number),
        ..entry.clone()
    };
    let facts = Facts::from_repomd(repository.model.revision.as_deref(), name);
    if let Some(recipe) = recipe {
        let file = repository.file(record, name)?;
        let confirmed = if is_zchunk { CONFIRMED_CHUNKS } else { CONFIRMED };
        if agrees(recipe, file, &path, expect.clone(), &facts, confirmed).map_err(Error::Open)? {
            return Ok(found(Some(recipe)));
        }
    }
    // One decompresses, and each recipe that is tried can have one.
    let others = repository.jobs.threads(tried.len());
    let recipe = find_on(1 + others.threads(), opened, &path, expect, &facts).map_err(Error::Open)?;
    Ok(found(recipe))
}

/// The rule by which the chunks of a zchunk file begin; and the checksum of primary, if
/// that was looked at. Opening the file takes so much memory.
fn rule(
    repository: &Repository,
    (member, name): (&Member, &str),
    primary: &Primary<'_>,
    memory: u64,
) -> Result<(Option<ChunkRule>, Option<String>), Error> {
    let path = repository.dir.path().join(name);
    let expect = repository.expect(&member.record)?;
    let file = || repository.file(&member.record, name);
    let own = {
        let _memory = repository.jobs.memory(memory);
        chunk_rule(file()?, &path, expect.clone()).map_err(Error::Open)?
    };
    if own.is_some() || !is_follower(&member.data_type) {
        return Ok((own, None));
    }
    let Some(chunks) = primary.chunks() else { return Ok((None, Some(primary.checksum()))) };
    let _memory = repository.jobs.memory(memory);
    let rule = chunk_rule_by_primary(file()?, &path, expect, chunks).map_err(Error::Open)?;
    Ok((rule, Some(primary.checksum())))
}

/// The recipes that a file may have by its first bytes.
fn tried(file: &mut File, path: &Path) -> Result<Vec<Recipe>, Error> {
    let mut head = Vec::new();
    let read = file.by_ref().take(HEAD as u64).read_to_end(&mut head).and_then(|_| file.rewind());
    read.map_err(|e| Error::File(durable::Error::from_io(e, path)))?;
    Ok(candidates(&head))
}
