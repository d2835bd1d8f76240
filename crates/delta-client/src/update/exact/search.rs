//! Finding a recipe by the copy held, which the publisher made: what gives its
//! bytes will give those of the next file, too, as long as the publisher's
//! programs stay the same.
//!
//! It is done when a recipe is needed, so that copies of repositories without
//! deltas never pay for it; and once for each file.

use std::io::{self, Read as _};
use std::path::Path;

use codec::recipe::{Facts, HEAD, Recipe, agrees, candidates};
use codec::{Compression, Expect};
use durable::Dir;

use crate::cache::LocalFile;
use crate::digest::digest_or_none;
use crate::progress::{Meter, Step};
use crate::recipes::{compression_by_name, compression_of};
use crate::update::base::expected;
use crate::update::context::Context;
use crate::update::plan::Plan;
use crate::update::rebuilding::is_search_too_dear;

const NO_RECIPE: &str = "no recipe is known that gives its file";
const NO_JOURNAL: &str = "there is no journal, without which a zchunk file cannot be rebuilt";
const NOT_TOLD: &str = "its publisher does not tell how the zchunk file is rebuilt";
const TOO_DEAR: &str = "finding out how its file was compressed would take more than the time of `--max-cpu`";
const NO_OLD_FILE: &str = "the copy has no zchunk file from which it could be rebuilt";

/// The recipe by which to rebuild the file of `plan`, of which `base` is the
/// copy held; or why none is known and none can be found.
pub(super) fn recipe_for(
    context: &Context<'_>,
    plan: &Plan<'_>,
    base: &LocalFile<'_>,
) -> Result<Recipe, &'static str> {
    let kind = &plan.record.kind;
    let choose = || context.recipes().choose(kind, plan.published_recipe(), plan.location);
    let known = choose();
    if compression_of(plan.location) == Compression::Zchunk {
        // It takes the old file and the rule of its chunks, too, which is not looked for.
        return match known.filter(|_| plan.chunk_rule().is_some()) {
            Some(recipe) if compression_by_name(base.name) == Compression::Zchunk => Ok(recipe),
            Some(_) => Err(NO_OLD_FILE),
            None if plan.journal.is_none() => Err(NO_JOURNAL),
            None => Err(NOT_TOLD),
        };
    }
    if let Some(known) = known {
        return Ok(known);
    }
    if is_search_too_dear(context, plan) {
        return Err(TOO_DEAR);
    }
    search(context, plan, base).and_then(|()| choose()).ok_or(NO_RECIPE)
}

/// Looks for the recipe of `base`, and remembers what it found.
fn search(context: &Context<'_>, plan: &Plan<'_>, base: &LocalFile<'_>) -> Option<()> {
    let kind = &plan.record.kind;
    let held = context.local?;
    let location = base.record.local_location().ok()?;
    let checksum = digest_or_none(base.record.checksum.as_ref())?;
    let would_help = compression_of(location) == compression_of(plan.location);
    if !would_help || !held.is_publishers(base) || context.recipes().is_hopeless(kind, &checksum) {
        return None;
    }
    Meter::new(context.progress, kind).begin(Step::Recipe, None);
    let revision = held.upstream.as_ref().and_then(|upstream| upstream.model.revision.as_deref());
    let facts = Facts::from_repomd(revision, location.file_name());
    let attempt = || {
        if held.dir.len(base.name).map_err(|error| Some(error.to_string()))?.is_none() {
            return Err(None);
        }
        let path = held.dir.path().join(base.name);
        let expect = expected(base.record, context.options.max_open_size);
        // Damage is told when the file is the base of a delta.
        let why = |error: codec::Error| (!error.is_of_the_file()).then(|| error.to_string());
        find(&held.dir, base, &path, &expect, &facts).map_err(why)
    };
    // What the system refuses once it may well grant a moment later.
    let found = match attempt().or_else(|why| why.map_or(Err(None), |_| attempt())) {
        Ok(found) => found,
        Err(why) => {
            if let Some(why) = why {
                context.warn(&format!("cannot find out how `{kind}` was compressed: {why}"));
            }
            return None;
        }
    };
    let mut recipes = context.recipes();
    match found {
        Some(recipe) => recipes.found(kind, recipe),
        None => recipes.none_gives(kind, &checksum),
    }
    Some(())
}

/// The first candidate that gives `base`. They are tried one after the other, so
/// that there is one encoder in memory at a time; most give other bytes soon.
fn find(
    dir: &Dir,
    base: &LocalFile<'_>,
    path: &Path,
    expect: &Expect,
    facts: &Facts,
) -> Result<Option<Recipe>, codec::Error> {
    let failed = |error: io::Error| codec::Error::from_io(error, path);
    let open = || match dir.open_file(base.name) {
        Ok(file) => file.ok_or_else(|| failed(io::ErrorKind::NotFound.into())),
        Err(error) => Err(failed(io::Error::other(error))),
    };
    let mut head = Vec::new();
    open()?.take(HEAD as u64).read_to_end(&mut head).map_err(failed)?;
    for recipe in candidates(&head) {
        if agrees(recipe, open()?, path, expect.clone(), facts, u64::MAX)? {
            return Ok(Some(recipe));
        }
    }
    Ok(None)
}
