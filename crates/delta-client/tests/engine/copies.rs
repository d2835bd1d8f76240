//! What becomes of an exact copy: damage, other forms, documents beside
//! repomd.xml, recipes that were found.

use std::fs;

use delta_client::check;
use delta_client::options::{CopyAs, Options};
use delta_client::progress::Silent;
use delta_client::report::PathTaken;
use delta_client::transport::TransportErrorKind;

use crate::exact::{at, auto, number, path_of};
use crate::repo::{Repo, damage, options, reason};
use crate::scripted::{Act, Scripted};

/// An exact copy of generation 1, a repository at generation 2.
fn behind() -> Repo {
    let repo = at(number("gzip-9"), 1);
    assert!(repo.update_with(&auto()).unwrap().exact);
    repo.publish(2);
    repo
}

fn beside(repo: &Repo, name: &str, text: &str) {
    fs::write(repo.root().join("repodata").join(name), text).unwrap();
}

/// What the copy has of a document beside repomd.xml.
fn paper(repo: &Repo, name: &str) -> Option<String> {
    fs::read_to_string(repo.cache().join("repodata").join(name)).ok()
}

const SIGNATURE: &str = "repomd.xml.asc";
const KEY: &str = "repomd.xml.key";

#[test]
fn a_damaged_file_is_no_base_and_is_replaced() {
    for at in [0, 200, 500] {
        let repo = behind();
        damage(&repo.cached("-primary.xml"), at);
        let checked = check(&repo.cache(), &Options::default(), &Silent).unwrap();
        assert_eq!(checked.problems.len(), 1, "{checked:?}");
        let updated = repo.update_with(&auto()).unwrap();
        assert_eq!(path_of(&updated, "primary"), PathTaken::Full);
        assert!(reason(&updated, "primary").contains("the copy held is damaged"), "{updated:?}");
        assert_eq!(path_of(&updated, "filelists"), PathTaken::Journal);
        // The recipe is not to blame.
        assert_eq!(repo.assert_cache_is_exact(), 2);
        repo.publish(3);
        assert_eq!(path_of(&repo.update_with(&auto()).unwrap(), "primary"), PathTaken::Journal);
        assert_eq!(repo.assert_cache_is_exact(), 3);
    }
}

#[test]
fn a_file_that_is_gone_and_a_damaged_repomd_are_fetched_again() {
    let repo = at(number("gzip-9"), 1);
    repo.update_with(&auto()).unwrap();
    fs::remove_file(repo.cached("-other.xml")).unwrap();
    let updated = repo.update_with(&auto()).unwrap();
    assert!(updated.changed && reason(&updated, "other").contains("found nothing"), "{updated:?}");
    assert_eq!(repo.assert_cache_is_exact(), 1);

    damage(&repo.cached("repomd.xml"), 60);
    let updated = repo.update_with(&auto()).unwrap();
    assert!(updated.warnings[0].contains("repomd.xml` is damaged"), "{updated:?}");
    assert_eq!(repo.assert_cache_is_exact(), 1);
}

#[test]
fn signature_and_key_are_part_of_the_copy() {
    let repo = at(number("gzip-9"), 1);
    // Where there is no signature nobody asks for a key.
    beside(&repo, KEY, "key");
    let source = Scripted::new(repo.root());
    repo.update_from(&[&source], &auto()).unwrap();
    assert_eq!((source.count(SIGNATURE), source.count(KEY)), (1, 0));
    assert_eq!((paper(&repo, SIGNATURE), paper(&repo, KEY)), (None, None));
    repo.publish(2);

    beside(&repo, SIGNATURE, "signature 1");
    repo.update_with(&auto()).unwrap();
    assert_eq!(
        (paper(&repo, SIGNATURE), paper(&repo, KEY)),
        (Some("signature 1".into()), Some("key".into()))
    );

    // Where nothing changed nothing is asked but that.
    let source = Scripted::new(repo.root());
    repo.update_from(&[&source], &auto()).unwrap();
    source.asked();
    assert!(!repo.update_from(&[&source], &auto()).unwrap().changed);
    assert_eq!(source.asked(), ["repodata/repomd.xml"]);

    repo.publish(3);
    beside(&repo, SIGNATURE, "signature 2");
    fs::remove_file(repo.root().join("repodata").join(KEY)).unwrap();
    repo.update_with(&auto()).unwrap();
    assert_eq!((paper(&repo, SIGNATURE), paper(&repo, KEY)), (Some("signature 2".into()), None));
    assert_eq!(repo.assert_cache_is_exact(), 3);

    // Some servers deny what they do not have.
    repo.publish(4);
    let denying = Scripted::new(repo.root()).on("repomd.xml.", 9, Act::Fail(TransportErrorKind::Denied));
    repo.update_from(&[&denying], &auto()).unwrap();
    assert_eq!((paper(&repo, SIGNATURE), paper(&repo, KEY)), (None, None));
}

#[test]
fn from_the_open_form_to_an_exact_copy_nothing_is_fetched_but_documents() {
    let repo = at(number("gzip-9"), 1);
    repo.update_with(&options()).unwrap();
    repo.publish(2);
    beside(&repo, SIGNATURE, "signature");
    assert!(!repo.update_with(&options()).unwrap().exact);
    let source = Scripted::new(repo.root());
    let updated = repo.update_from(&[&source], &auto()).unwrap();
    assert!(updated.exact && updated.changed, "{updated:?}");
    assert_eq!(path_of(&updated, "primary"), PathTaken::Rebuilt);
    assert_eq!(updated.types[0].recipe.as_deref(), Some("gzip-9"));
    assert!(source.asked().iter().all(|location| location.contains("repomd.xml")));
    assert_eq!(paper(&repo, SIGNATURE).as_deref(), Some("signature"));
    assert_eq!(repo.assert_cache_is_exact(), 2);
    // And back: the files are good as they are.
    let updated = repo.update_with(&options()).unwrap();
    assert!(!updated.exact && path_of(&updated, "primary") == PathTaken::Current, "{updated:?}");
    assert_eq!(repo.assert_cache_is_whole(), 2);
}

#[test]
fn without_exact_recipes_a_complete_copy_is_downloaded_once() {
    let repo = Repo::with_journals(None, 1);
    let options = options().with_complete(true);
    assert!(repo.update_with(&options).unwrap().exact);
    repo.publish(2);
    let updated = repo.update_with(&options).unwrap();
    assert_eq!(path_of(&updated, "primary"), PathTaken::Full);
    assert!(updated.exact && updated.absent.is_empty(), "{updated:?}");
    assert!(!repo.update_with(&options).unwrap().changed);
}

#[test]
fn simple_names_stay_what_they_are() {
    let mut repo = Repo::new();
    (repo.journals, repo.simple_names, repo.recipe) = (true, true, Some(number("zstd-10")));
    (0..2).for_each(|generation| repo.publish(generation));
    repo.update_with(&auto()).unwrap();
    for generation in 2..4 {
        repo.publish(generation);
        let updated = repo.update_with(&auto()).unwrap();
        assert!(updated.exact, "{updated:?}");
        assert_eq!(path_of(&updated, "primary"), PathTaken::Journal);
        assert_eq!(updated.types[0].file.as_deref(), Some("primary.xml.zst"));
        assert_eq!(repo.assert_cache_is_exact(), generation);
    }
}

#[test]
fn a_publisher_that_changes_its_compressor_is_followed() {
    // Where it tells no recipe, the first new file has to be downloaded.
    for (tells, first) in [(true, PathTaken::Journal), (false, PathTaken::Full)] {
        let mut repo = behind();
        repo.update_with(&auto()).unwrap();
        let exactly = auto().with_copy(CopyAs::Exact);
        repo.recipe = Some(number("zstd-10-unsplit"));
        let mut taken = Vec::new();
        for generation in 3..6 {
            repo.publish(generation);
            if !tells {
                hide_recipes(&repo, generation);
            }
            let updated = repo.update_with(&exactly).unwrap();
            assert!(updated.exact && updated.warnings.is_empty(), "{updated:?}");
            assert_eq!(repo.assert_cache_is_exact(), generation);
            taken.push(path_of(&updated, "primary"));
        }
        assert_eq!(taken, [first, PathTaken::Journal, PathTaken::Journal]);
    }
}

/// Publishes repomd.xml without recipes.
fn hide_recipes(repo: &Repo, generation: u64) {
    repo.edit_recipes(|_| None);
    fs::write(repo.path(&format!("repomd-{generation}.xml")), repo.repomd()).unwrap();
}
