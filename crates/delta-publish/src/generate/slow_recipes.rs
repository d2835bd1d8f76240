//! Recipes that save clients bytes and cost them time: told once, when files are published by one
//! for the first time.

use std::collections::{BTreeMap, BTreeSet};

use codec::Compression;
use codec::recipe::Recipe;

use super::journal::PreparedJournal;
use super::tracks::Work;
use crate::ledger::Ledger;

/// Bytes in a second of the line that is compared with: 20 Mbit/s.
const DOWNLOAD: u64 = 20_000_000 / 8;
/// Less need not be told.
const LEAST_MILLISECONDS: u64 = 1000;

/// What rebuilding the files of a recipe takes, and downloading them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Files {
    open_size: u64,
    size: u64,
}

/// A sentence for each recipe that the journal publishes now and did not before.
pub(super) fn notes(types: &[Work], journal: Option<&PreparedJournal>, ledger: &Ledger) -> Vec<String> {
    let Some(journal) = journal else { return Vec::new() };
    let before: BTreeSet<u8> = ledger.recipes.values().filter_map(|entry| entry.recipe).collect();
    let mut by_recipe: BTreeMap<u8, Files> = BTreeMap::new();
    for work in types {
        for member in &work.members {
            let Some(number) = journal.recipes.get(&member.data_type).and_then(|entry| entry.recipe) else {
                continue;
            };
            let files = by_recipe.entry(number).or_default();
            files.open_size = files.open_size.saturating_add(work.publication.open_size);
            files.size = files.size.saturating_add(member.size);
        }
    }
    let new = by_recipe.into_iter().filter(|(number, _)| !before.contains(number));
    new.filter_map(|(number, files)| note(Recipe::from_number(number)?, files)).collect()
}

fn note(recipe: Recipe, files: Files) -> Option<String> {
    let milliseconds = |bytes: u64, speed: u64| bytes.saturating_mul(1000) / speed.max(1);
    let rebuild = milliseconds(files.open_size, recipe.usual_speed());
    let download = milliseconds(files.size, DOWNLOAD);
    if recipe.compression() == Compression::None || rebuild < LEAST_MILLISECONDS || rebuild <= download {
        return None;
    }
    let seconds = |milliseconds: u64| milliseconds.saturating_add(500) / 1000;
    Some(format!(
        "files by recipe `{recipe}` take clients about {} s of processor time to rebuild, and {} s to \
         download at 20 Mbit/s; those that are compressed by zstd (level 10 or lower) or gzip take less",
        seconds(rebuild),
        seconds(download)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(name: &str) -> Recipe {
        Recipe::all().find(|recipe| recipe.name() == name).unwrap()
    }

    #[test]
    fn only_what_takes_longer_than_downloading_is_told() {
        let primary = |size| Files { open_size: 145_408_437, size };
        let slow =
            [("bzip2-9", 11_403_922), ("xz-5", 14_068_484), ("xz-6", 12_958_348), ("zstd-19", 12_000_000)];
        for (name, size) in slow {
            assert!(note(recipe(name), primary(size)).is_some(), "{name}");
        }
        let quick =
            [("none", 145_408_437), ("gzip-6", 17_719_038), ("gzip-9", 17_499_509), ("zstd-10", 15_419_940)];
        for (name, size) in quick {
            assert_eq!(note(recipe(name), primary(size)), None, "{name}");
        }
        assert_eq!(note(recipe("xz-6"), Files { open_size: 2_000_000, size: 100_000 }), None);
        let expected = "files by recipe `xz-6` take clients about 52 s of processor time to rebuild, and 5 s to \
                        download at 20 Mbit/s; those that are compressed by zstd (level 10 or lower) or gzip \
                        take less";
        assert_eq!(note(recipe("xz-6"), primary(12_958_348)).as_deref(), Some(expected));
    }
}
