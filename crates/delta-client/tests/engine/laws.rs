//! After an update the open content is the target's, whatever was held before.

use std::fs;

use delta_client::options::StoreAs;
use delta_client::report::{PathTaken, RepomdFound};

use crate::repo::{CLIENT_TYPES, Repo, options, paths, reason};
use crate::scripted::Scripted;

#[test]
fn from_any_generation_to_any_later_one() {
    for store_as in [StoreAs::Zstd, StoreAs::Gzip, StoreAs::None] {
        for held in 0..5 {
            let repo = Repo::at(held);
            let options = options().with_store_as(store_as);
            let first = repo.update_with(&options).unwrap();
            assert!(first.changed && first.types.iter().all(|of_type| of_type.path == PathTaken::Full));
            assert_eq!(repo.assert_cache_is_whole(), held);
            for now in [held + 1, held + 3] {
                ((repo.assert_cache_is_whole() + 1)..=now).for_each(|generation| repo.publish(generation));
                let updated = repo.update_with(&options).unwrap();
                assert_eq!(updated.warnings, [""; 0]);
                assert_eq!(repo.assert_cache_is_whole(), now);
                for data_type in ["primary", "filelists", "other"] {
                    assert!(paths(&updated).contains(&(data_type, PathTaken::Delta)), "{held} {now}");
                }
                assert!(updated.bytes_downloaded < updated.bytes_full + repo.repomd().len() as u64);
            }
        }
    }
}

#[test]
fn only_what_a_client_uses_is_held_by_default() {
    let repo = Repo::at(0);
    let updated = repo.update().unwrap();
    let held: Vec<_> = updated.types.iter().map(|of_type| &*of_type.data_type).collect();
    assert_eq!(held, CLIENT_TYPES);
    assert_eq!(reason(&updated, "primary"), "nothing is held yet");
}

#[test]
fn nothing_changes_where_nothing_changed() {
    let repo = Repo::at(1);
    let source = Scripted::new(repo.root());
    let first = repo.update_from(&[&source], &options()).unwrap();
    assert_eq!(first.repomd, RepomdFound::New);
    let before = repo.snapshot();
    source.asked();
    let second = repo.update_from(&[&source], &options()).unwrap();
    assert_eq!((second.changed, second.repomd), (false, RepomdFound::NotModified));
    assert_eq!(second.bytes_downloaded, 0);
    assert!(paths(&second).iter().all(|(_, path)| *path == PathTaken::Current));
    assert_eq!(source.asked(), ["repodata/repomd.xml"]);
    assert_eq!(repo.snapshot(), before);

    // From elsewhere, and so without a condition.
    let other = Scripted::new(repo.root()).named("elsewhere");
    let third = repo.update_from(&[&other], &options()).unwrap();
    assert_eq!((third.changed, third.repomd), (false, RepomdFound::Same));
    let fourth = repo.update_from(&[&other], &options()).unwrap();
    assert_eq!(fourth.repomd, RepomdFound::NotModified);
}

#[test]
fn the_publishers_documents_are_kept_byte_for_byte() {
    let repo = Repo::at(2);
    repo.update().unwrap();
    assert_eq!(fs::read(repo.cache().join("repodata/upstream/repomd.xml")).unwrap(), repo.repomd());
    repo.publish(3);
    repo.update().unwrap();
    assert_eq!(fs::read(repo.cache().join("repodata/upstream/repomd.xml")).unwrap(), repo.repomd());
}

#[test]
fn the_files_of_the_state_before_stay_for_one_more_state() {
    for simple_names in [false, true] {
        let mut repo = Repo::new();
        repo.simple_names = simple_names;
        repo.publish(0);
        repo.update().unwrap();
        let files = |repo: &Repo| {
            let names = repo.snapshot().into_keys();
            names.filter(|name| name.contains("-primary.xml")).collect::<Vec<_>>()
        };
        let first = files(&repo);
        assert_eq!(first.len(), 1);
        repo.publish(1);
        repo.update().unwrap();
        let second = files(&repo);
        assert!(second.len() == 2 && second.contains(&first[0]), "{second:?}");
        repo.publish(2);
        repo.update().unwrap();
        let third = files(&repo);
        assert!(third.len() == 2 && !third.contains(&first[0]), "{third:?}");
        assert_eq!(repo.assert_cache_is_whole(), 2);
    }
}

#[test]
fn content_that_comes_back_is_taken_in_full_or_kept() {
    let repo = Repo::at(3);
    repo.update().unwrap();
    // Back to generation 1 under a later date: nobody's timestamp fits.
    repo.compose(9, crate::repo::EPOCH + 9 * 3600, 1);
    let updated = repo.update().unwrap();
    assert_eq!(reason(&updated, "primary"), "there are no deltas");
    assert_eq!(paths(&updated)[0].1, PathTaken::Full);
    // The same content under a new date: the files are kept.
    repo.compose(10, crate::repo::EPOCH + 10 * 3600, 1);
    let updated = repo.update().unwrap();
    assert!(updated.changed && paths(&updated).iter().all(|(_, path)| *path == PathTaken::Current));
}

#[test]
fn types_are_added_and_dropped_as_asked() {
    let repo = Repo::at(0);
    let mut only = options().with_types(vec!["primary".to_owned(), "no-such-type".to_owned()]);
    let updated = repo.update_with(&only).unwrap();
    assert_eq!(updated.types.len(), 1);
    assert!(updated.warnings[0].contains("has no record `no-such-type`"), "{:?}", updated.warnings);
    let updated = repo.update().unwrap();
    assert_eq!(paths(&updated)[0], ("primary", PathTaken::Current));
    assert_eq!(reason(&updated, "other"), "this type is not held yet");
    let updated = repo.update_with(&only).unwrap();
    assert!(updated.changed);
    assert_eq!(updated.dropped, ["filelists", "other", "updateinfo"]);
    only.types = Some(vec!["nonesuch".to_owned()]);
    let before = repo.snapshot();
    let error = repo.update_with(&only).unwrap_err();
    assert!(error.to_string().contains("expected nonesuch, found primary, filelists"), "{error}");
    assert_eq!(repo.snapshot(), before);
}

#[test]
fn a_dry_run_says_what_would_be_done_and_changes_nothing() {
    let repo = Repo::at(0);
    let dry = options().with_dry_run(true);
    let would = repo.update_with(&dry).unwrap();
    assert!(would.changed && would.dry_run && !repo.cache().exists());
    repo.update().unwrap();
    repo.publish(1);
    let before = repo.snapshot();
    let source = Scripted::new(repo.root());
    let would = repo.update_from(&[&source], &dry).unwrap();
    assert_eq!(source.asked(), ["repodata/repomd.xml"]);
    assert_eq!(repo.snapshot(), before);
    let done = repo.update().unwrap();
    assert_eq!(paths(&would), paths(&done));
    for (would, done) in would.types.iter().zip(&done.types) {
        assert_eq!(would.bytes_downloaded, done.bytes_downloaded);
    }
    assert_eq!(would.bytes_downloaded, done.bytes_downloaded);
    assert!(!repo.update_with(&dry).unwrap().changed);
}
