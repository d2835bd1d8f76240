//! Copies that are the publisher's, byte for byte, and what keeps one from it.

use std::fs;

use codec::recipe::Recipe;
use delta_client::options::{CopyAs, Options};
use delta_client::report::{PathTaken, Updated};
use repomd::journal::Recipe as ListedRecipe;

use crate::repo::{CLIENT_TYPES, Repo, options, paths};
use crate::scripted::Scripted;

/// A publisher that makes files by `recipe`.
pub(crate) fn at(recipe: u8, last: u64) -> Repo {
    Repo::with_journals(Some(recipe), last)
}

pub(crate) fn auto() -> Options {
    options().with_copy(CopyAs::Auto)
}

/// Fails unless the cache has the publisher's repomd.xml and files.
#[track_caller]
fn assert_exact(repo: &Repo) {
    let (theirs, ours) = (repo.root().join("repodata"), repo.cache().join("repodata"));
    let same =
        |name: &str| assert!(fs::read(theirs.join(name)).unwrap() == fs::read(ours.join(name)).unwrap());
    same("repomd.xml");
    assert!(!ours.join("upstream").exists());
    for record in repo.model().records.iter().filter(|record| CLIENT_TYPES.contains(&record.kind.as_str())) {
        same(record.local_location().unwrap().in_repodata().unwrap());
    }
}

pub(crate) fn number(name: &str) -> u8 {
    Recipe::all().find(|recipe| recipe.name() == name).unwrap().number()
}

/// Lists this recipe for every file.
fn list_recipe(repo: &Repo, number: u8) {
    repo.edit_recipes(|recipe| Some(ListedRecipe { number, ..recipe }));
}

pub(crate) fn path_of(updated: &Updated, data_type: &str) -> PathTaken {
    paths(updated).into_iter().find(|(of, _)| *of == data_type).unwrap().1
}

#[test]
fn files_of_every_encoder_are_rebuilt_to_the_bit() {
    for name in ["none", "gzip-6", "gzip-9", "bzip2-9", "xz-6", "zstd-10", "zstd-10-unsplit", "gzip-9-named"]
    {
        let repo = at(number(name), 1);
        assert!(repo.update_with(&auto()).unwrap().exact, "{name}");
        assert_exact(&repo);
        repo.publish(2);
        repo.publish(3);
        let updated = repo.update_with(&auto()).unwrap();
        assert_eq!(updated.warnings, [""; 0], "{name}");
        assert!(updated.exact, "{name}");
        assert_eq!(path_of(&updated, "primary"), PathTaken::Journal, "{name}");
        assert_exact(&repo);
        let same = |recipe: &String| Some(recipe.as_str()) == Some(name) || recipe.starts_with("zstd-10");
        assert!(updated.types[0].recipe.as_ref().is_some_and(same), "{name}: {:?}", updated.types[0].recipe);
    }
}

#[test]
fn without_a_published_recipe_the_one_of_the_copy_is_found() {
    let repo = at(number("gzip-9"), 1);
    repo.update_with(&auto()).unwrap();
    repo.publish(2);
    repo.edit_recipes(|_| None);
    let updated = repo.update_with(&auto()).unwrap();
    assert_eq!(path_of(&updated, "primary"), PathTaken::Journal);
    assert_exact(&repo);
}

#[test]
fn a_recipe_with_facts_is_found_in_the_copy_and_withdrawn_where_they_do_not_hold() {
    let recipe = number("gzip-9-named");
    let repo = at(recipe, 1);
    repo.update_with(&auto()).unwrap();
    repo.publish(2);
    let count = || repo.journal().recipes.values().filter(|listed| listed.number == recipe).count();
    assert_eq!(count(), CLIENT_TYPES.len());
    repo.edit_recipes(|_| None);
    let updated = repo.update_with(&auto()).unwrap();
    assert_eq!(path_of(&updated, "primary"), PathTaken::Journal);
    assert_exact(&repo);

    // The same files in a document of another time.
    repo.publish(3);
    assert_eq!(count(), CLIENT_TYPES.len());
    repo.edit(|text| text.replace("<revision>3<", "<revision>4<"));
    repo.generate(4);
    assert!(repo.journal().recipes.is_empty());
    repo.publish(5);
    assert_eq!(count(), CLIENT_TYPES.len());
}

#[test]
fn a_recipe_that_is_wrong_costs_the_full_file_once() {
    let repo = at(number("gzip-9"), 1);
    repo.update_with(&auto()).unwrap();
    repo.publish(2);
    list_recipe(&repo, number("gzip-6"));
    let updated = repo.update_with(&auto()).unwrap();
    assert_eq!(path_of(&updated, "primary"), PathTaken::Full);
    let warning = updated.warnings.iter().find(|warning| warning.contains("`primary`")).unwrap();
    assert!(warning.contains("recipe `gzip-6` does not give the file that repomd.xml names"), "{warning}");
    assert_exact(&repo);

    // It is not tried again; the one of the copy is found instead.
    repo.publish(3);
    list_recipe(&repo, number("gzip-6"));
    let updated = repo.update_with(&auto()).unwrap();
    assert_eq!(updated.warnings, [""; 0]);
    assert_eq!(path_of(&updated, "primary"), PathTaken::Journal);
    assert_eq!(updated.types[0].recipe.as_deref(), Some("gzip-9"));
    assert_exact(&repo);
}

#[test]
fn where_no_recipe_is_known_the_copy_is_described_anew_or_files_are_downloaded() {
    for (copy, exact, path) in
        [(CopyAs::Auto, false, PathTaken::Journal), (CopyAs::Exact, true, PathTaken::Full)]
    {
        let repo = Repo::with_journals(None, 1);
        let options = options().with_copy(copy);
        repo.update_with(&options).unwrap();
        repo.publish(2);
        let updated = repo.update_with(&options).unwrap();
        assert_eq!(updated.exact, exact);
        assert_eq!(path_of(&updated, "primary"), path);
        if exact {
            assert_exact(&repo);
        } else {
            assert_eq!(repo.assert_cache_is_whole(), 2);
        }
    }
}

#[test]
fn a_complete_copy_serves_clients_as_the_publisher_does() {
    let repo = at(number("gzip-9"), 1);
    let options = auto().with_copy(CopyAs::Exact).with_complete(true);
    repo.update_with(&options).unwrap();
    repo.publish(2);
    let updated = repo.update_with(&options).unwrap();
    assert!(updated.exact && updated.absent.is_empty(), "{updated:?}");
    let (theirs, ours) = (repo.root().join("repodata"), repo.cache().join("repodata"));
    let model = repo.model();
    let mut names: Vec<String> = Vec::new();
    for record in &model.records {
        names.push(record.local_location().unwrap().in_repodata().unwrap().to_owned());
        names.extend(record.usable_deltas().map(|d| d.location.in_repodata().unwrap().to_owned()));
    }
    names.extend(model.journal.iter().map(|j| j.location.in_repodata().unwrap().to_owned()));
    assert!(names.iter().any(|name| name.ends_with(".journal")));
    assert!(names.iter().any(|name| name.contains("primary_db")));
    for name in names {
        assert!(fs::read(theirs.join(&name)).unwrap() == fs::read(ours.join(&name)).unwrap(), "{name}");
    }
    // A second run changes nothing and asks for repomd.xml only.
    let source = Scripted::new(repo.root());
    let again = repo.update_from(&[&source], &options).unwrap();
    assert!(!again.changed, "{again:?}");
}

#[test]
fn a_complete_copy_fetches_each_file_once_and_a_dry_run_tells_how_much() {
    let mut repo = at(number("gzip-9"), 1);
    let options = auto().with_complete(true);
    repo.update_with(&options).unwrap();
    for last in 2..4 {
        repo.publish(last);
        repo.journals = !repo.journals;
        let dry = options.clone().with_dry_run(true);
        let would = repo.update_with(&dry).unwrap();
        let source = Scripted::new(repo.root());
        let done = repo.update_from(&[&source], &options).unwrap();
        assert_eq!(done.warnings, [""; 0]);
        let asked = source.asked();
        for location in &asked {
            assert_eq!(asked.iter().filter(|other| *other == location).count(), 1, "{location}");
        }
        assert_eq!(would.bytes_downloaded, done.bytes_downloaded);
        assert_ne!(path_of(&done, "primary"), PathTaken::Full);
        assert_exact(&repo);
    }
}
