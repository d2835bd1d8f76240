//! zchunk files: rebuilt of the one that is held, or fetched.

use std::fs;

use codec::recipe::Recipe;
use codec::recipe::zchunk::ChunkRule;
use delta_client::options::{CopyAs, KnownRecipes, Options};
use delta_client::patch::{Error, StoredForm, Target, apply_files};
use delta_client::progress::Silent;
use delta_client::report::{BesideOutcome, PathTaken};
use delta_client::update_beside;
use repomd::journal::Recipe as ListedRecipe;

use crate::exact::{number, path_of};
use crate::repo::{EPOCH, Repo, open_content, options, paths, record, sha256, tree};
use crate::scripted::Scripted;
use crate::zchunk_file::zchunk;

const TYPE: &str = "primary_zck";

/// Publishes a generation that has a zchunk file of primary, too.
fn publish(repo: &Repo, generation: u64) -> Vec<u8> {
    let timestamp = EPOCH + generation * 3600;
    repo.compose(generation, timestamp, generation);
    let open = open_content("primary", generation);
    let file = zchunk(&open);
    let name = format!("{}-primary.xml.zck", sha256(&file));
    fs::write(repo.root().join("repodata").join(&name), &file).unwrap();
    let record = record((TYPE, &name), (&file, &open), timestamp, "") + "</repomd>\n";
    repo.edit(|text| text.replace("</repomd>\n", &record));
    repo.generate(generation);
    file
}

/// A repository whose first two generations were published, and a cache of the second.
fn repo() -> Repo {
    let mut repo = Repo::new();
    repo.journals = true;
    publish(&repo, 0);
    let file = publish(&repo, 1);
    let updated = repo.update_with(&exact()).unwrap();
    assert_eq!(path_of(&updated, TYPE), PathTaken::Full);
    assert!(updated.exact && cached(&repo) == file);
    repo
}

fn exact() -> Options {
    options().with_types(vec![TYPE.to_owned()]).with_copy(CopyAs::Exact)
}

/// The file that the cache has.
fn cached(repo: &Repo) -> Vec<u8> {
    let record = repo.model();
    let location = record.record(TYPE).unwrap().local_location().unwrap();
    fs::read(repo.cache().join("repodata").join(location.in_repodata().unwrap())).unwrap()
}

#[test]
fn a_zchunk_file_is_rebuilt_of_the_one_that_is_held() {
    let repo = repo();
    for generation in 2..4 {
        let file = publish(&repo, generation);
        let model = repo.model();
        let recipes = &model.journal.as_ref().unwrap().recipes;
        assert_eq!((recipes[TYPE].number, recipes[TYPE].chunks), (number("zck-10-unsplit"), Some(1)));
        // By an encoder that nobody knows.
        assert!(!recipes.contains_key("primary"));
        for copy in [CopyAs::Exact, CopyAs::Auto] {
            let options = exact().with_copy(copy);
            let updated = repo.update_with(&options).unwrap();
            assert_eq!(updated.warnings, [""; 0]);
            assert!(updated.exact && cached(&repo) == file);
            if copy == CopyAs::Exact {
                assert_eq!(path_of(&updated, TYPE), PathTaken::Journal);
                assert_eq!(updated.types[0].recipe.as_deref(), Some("zck-10-unsplit"));
                assert!(updated.types[0].bytes_downloaded < file.len() as u64 / 2);
            }
        }
    }
}

#[test]
fn without_a_known_rule_the_file_is_fetched() {
    for chunks in [Some(9), None] {
        let repo = repo();
        let file = publish(&repo, 2);
        repo.edit_recipes(|listed| Some(ListedRecipe { chunks, ..listed }));
        let updated = repo.update_with(&exact()).unwrap();
        assert_eq!(path_of(&updated, TYPE), PathTaken::Full);
        assert!(updated.exact && cached(&repo) == file);
    }
}

#[test]
fn what_is_rebuilt_wrongly_is_fetched() {
    // By the other rule there are two chunks.
    let repo = repo();
    let file = publish(&repo, 2);
    repo.edit_recipes(|listed| Some(ListedRecipe { chunks: Some(0), ..listed }));
    let updated = repo.update_with(&exact()).unwrap();
    assert_eq!(path_of(&updated, TYPE), PathTaken::Full);
    assert!(updated.warnings[0].contains("does not give the file that repomd.xml names"), "{updated:?}");
    assert!(updated.exact && cached(&repo) == file);
    // That says nothing of the next one.
    let file = publish(&repo, 3);
    let updated = repo.update_with(&exact()).unwrap();
    assert_eq!(path_of(&updated, TYPE), PathTaken::Journal);
    assert!(updated.exact && cached(&repo) == file);
}

#[test]
fn a_copy_in_another_form_is_no_old_file() {
    let repo = repo();
    // Re-described, the content of the zchunk file is a zst file.
    let open = exact().with_copy(CopyAs::Open);
    publish(&repo, 2);
    assert!(!repo.update_with(&open).unwrap().exact);
    let file = publish(&repo, 3);
    let updated = repo.update_with(&exact()).unwrap();
    assert_eq!(path_of(&updated, TYPE), PathTaken::Full);
    assert!(updated.exact && cached(&repo) == file);
}

/// Renews a directory with repomd.xml and the file of this type, as the repository has them.
fn updated_beside(
    change: impl Fn(&Repo),
    held: &str,
    wanted: &str,
) -> (BesideOutcome, Vec<(String, PathTaken)>, usize) {
    let mut repo = Repo::new();
    repo.journals = true;
    repo.recipe = Some(number("gzip-6"));
    (0..2).for_each(|generation| drop(publish(&repo, generation)));
    let (old, staging) = (repo.path("old"), repo.path("staging"));
    fs::create_dir(&old).unwrap();
    fs::create_dir(&staging).unwrap();
    let model = repo.model();
    let name = model.record(held).unwrap().local_location().unwrap().in_repodata().unwrap();
    for name in [name, "repomd.xml"] {
        fs::copy(repo.root().join("repodata").join(name), old.join(name)).unwrap();
    }
    change(&repo);
    let options = options().with_types(vec![wanted.to_owned()]);
    let source = Scripted::new(repo.root());
    let done =
        update_beside(&[&source], &old, &staging, &options, &mut KnownRecipes::default(), &Silent).unwrap();
    let report = done.report.unwrap();
    let paths = paths(&report).into_iter().map(|(kind, path)| (kind.to_owned(), path)).collect();
    (done.outcome, paths, tree(&staging).len())
}

#[test]
fn a_reader_of_zchunk_takes_what_there_is() {
    let plain = |repo: &Repo| {
        repo.compose(2, EPOCH + 2 * 3600, 2);
        repo.generate(2);
    };
    let both = |repo: &Repo| drop(publish(repo, 2));
    let path = |kind: &str, path| vec![(kind.to_owned(), path)];
    for (change, held, expected) in [
        (&both as &dyn Fn(&Repo), TYPE, (BesideOutcome::Staged, path(TYPE, PathTaken::Journal), 2)),
        // By another way than the whole file there would be nothing to save.
        (&plain, TYPE, (BesideOutcome::NothingToSave, path("primary", PathTaken::Full), 0)),
        (&both, "primary", (BesideOutcome::NothingToSave, path(TYPE, PathTaken::Full), 0)),
        (&plain, "primary", (BesideOutcome::Staged, path("primary", PathTaken::Journal), 2)),
    ] {
        assert_eq!(updated_beside(change, held, TYPE), expected, "{held}");
    }
    // Who does not ask for it gets none.
    let expected = (BesideOutcome::Staged, path("primary", PathTaken::Journal), 2);
    assert_eq!(updated_beside(both, "primary", "primary"), expected);
}

/// The engine without an update around it: an old zchunk file, and a journal as a file.
#[test]
fn of_files_at_hand_the_publishers_zchunk_file_is_made() {
    let repo = repo();
    let [old, new] = ["old.zck", "new.zck"].map(|name| repo.path(name));
    fs::write(&old, cached(&repo)).unwrap();
    let file = publish(&repo, 2);
    let model = repo.model();
    let record = model.record(TYPE).unwrap();
    let journal = model.journal.as_ref().unwrap();
    let recipe = Recipe::from_number(journal.recipes[TYPE].number).unwrap();
    let steps = repo.root().join(journal.location.as_str());
    let mut target = Target::from_record(record, model.journal.as_ref()).with_form(StoredForm::Exact(recipe));
    let applied = apply_files(TYPE, &old, &steps, &new, &target).unwrap();
    assert_eq!(applied.open_checksum.to_hex(), record.open_checksum.as_ref().unwrap().hex());
    assert!(fs::read(&new).unwrap() == file);

    target.chunk_rule = ChunkRule::from_number(0);
    let error = apply_files(TYPE, &old, &steps, &new, &target).unwrap_err();
    assert!(matches!(error, Error::WrongResult { .. }), "{error}");
    assert!(fs::read(&new).unwrap() == file);
}
