//! What is in CACHE before: nothing, damage, or somebody else's files.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use delta_client::check;
use delta_client::error::{CacheError, UpdateError};
use delta_client::options::{CopyAs, Options};
use delta_client::progress::Silent;
use delta_client::report::PathTaken;

use crate::repo::{Repo, gzip, options, paths, reason};

/// A cache at generation 1, a repository at generation 2.
fn behind() -> Repo {
    let repo = Repo::at(1);
    repo.update().unwrap();
    repo.publish(2);
    repo
}

/// Overwrites a file that may have several names.
fn change(path: &std::path::Path, change: impl Fn(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

type Change = Box<dyn Fn(&mut Vec<u8>)>;

#[test]
fn a_damaged_copy_is_no_base() {
    let content = gzip(&crate::repo::open_content("primary", 0));
    let cases: Vec<(Change, &str)> = vec![
        (Box::new(|bytes| bytes[500] ^= 1), "the copy held is damaged"),
        (Box::new(|bytes| bytes[0] ^= 1), "the copy held is damaged"),
        (Box::new(|bytes| bytes.truncate(100)), "found 100 bytes"),
        (Box::new(Vec::clear), "found 0 bytes"),
        (Box::new(move |bytes| bytes.clone_from(&content)), "damaged"),
    ];
    for (damage, why) in cases {
        let repo = behind();
        change(&repo.cached("-primary.xml"), damage);
        let updated = repo.update().unwrap();
        assert_eq!(paths(&updated)[0], ("primary", PathTaken::Full));
        assert!(reason(&updated, "primary").contains(why), "{}", reason(&updated, "primary"));
        assert_eq!(repo.assert_cache_is_whole(), 2);
    }
}

#[test]
fn a_copy_that_is_gone_or_cut_is_fetched_again_though_nothing_changed() {
    let repo = Repo::at(0);
    repo.update().unwrap();
    fs::remove_file(repo.cached("-other.xml")).unwrap();
    change(&repo.cached("-primary.xml"), |bytes| bytes.truncate(9));
    let problems = check(&repo.cache(), &Options::default(), &Silent).unwrap().problems;
    assert_eq!(problems.len(), 2, "{problems:?}");
    let updated = repo.update().unwrap();
    assert!(updated.changed);
    assert!(reason(&updated, "other").contains("found nothing"));
    assert_eq!(repo.assert_cache_is_whole(), 0);
}

#[test]
fn damaged_documents_cost_downloads_and_nothing_else() {
    for (name, word) in
        [("repomd.xml", "repodata/repomd.xml"), ("upstream/repomd.xml", "upstream/repomd.xml")]
    {
        let repo = behind();
        change(&repo.cache().join("repodata").join(name), |bytes| bytes[60] ^= 1);
        let checked = check(&repo.cache(), &Options::default(), &Silent).unwrap();
        assert!(checked.problems[0].contains("is damaged: expected sha256:"), "{checked:?}");
        let updated = repo.update().unwrap();
        assert!(updated.warnings.iter().any(|warning| warning.contains(word)), "{updated:?}");
        assert_eq!(repo.assert_cache_is_whole(), 2);
    }
}

#[test]
fn damage_that_has_the_right_size_is_found_by_a_check() {
    let repo = Repo::at(0);
    repo.update().unwrap();
    change(&repo.cached("-primary.xml"), |bytes| bytes[200] ^= 1);
    let checked = check(&repo.cache(), &Options::default(), &Silent).unwrap();
    assert_eq!(checked.problems.len(), 1, "{checked:?}");
    let whole: Vec<_> = checked.types.iter().map(|of_type| of_type.whole).collect();
    assert_eq!(whole, [false, true, true, true]);
}

#[test]
fn somebody_elses_directory_is_left_alone() {
    let refused = |repo: &Repo, path: PathBuf| {
        let before = repo.snapshot();
        let error = repo.update().unwrap_err();
        assert!(
            matches!(&error, UpdateError::Cache(CacheError::NotOurs { path: found, .. }) if *found == path),
            "{error}"
        );
        assert_eq!(repo.snapshot(), before);
    };
    // A repository of createrepo_c.
    let repo = Repo::at(0);
    fs::create_dir_all(repo.cache().join("repodata")).unwrap();
    fs::write(repo.cache().join("repodata/repomd.xml"), repo.repomd()).unwrap();
    refused(&repo, repo.cache().join("repodata"));
    assert!(!repo.cache().join(".createrepo-delta.lock").exists());
    // Files beside ours.
    for name in ["mine.xml", "upstream/mine", "directory"] {
        let repo = behind();
        let path = repo.cache().join("repodata").join(name);
        if name == "directory" {
            fs::create_dir(&path).unwrap();
        } else {
            fs::write(&path, "x").unwrap();
        }
        refused(&repo, path);
    }
    // An empty one is as good as none.
    let repo = Repo::at(0);
    fs::create_dir_all(repo.cache().join("repodata")).unwrap();
    repo.update().unwrap();
    assert_eq!(repo.assert_cache_is_whole(), 0);
}

#[test]
fn other_files_in_the_cache_directory_stay() {
    let repo = behind();
    fs::write(repo.cache().join("keep"), "x").unwrap();
    repo.update().unwrap();
    assert_eq!(fs::read(repo.cache().join("keep")).unwrap(), b"x");
}

#[test]
fn symbolic_links_are_not_followed() {
    let repo = behind();
    let elsewhere = repo.path("elsewhere");
    fs::rename(repo.cache().join("repodata"), &elsewhere).unwrap();
    symlink(&elsewhere, repo.cache().join("repodata")).unwrap();
    let error = repo.update().unwrap_err();
    assert!(error.to_string().contains("is a symlink, not a directory"), "{error}");

    let repo = behind();
    let primary = repo.cached("-primary.xml");
    fs::rename(&primary, repo.path("elsewhere")).unwrap();
    symlink(repo.path("elsewhere"), &primary).unwrap();
    let updated = repo.update().unwrap();
    assert!(reason(&updated, "primary").contains("is a symlink"), "{}", reason(&updated, "primary"));
    assert_eq!(repo.assert_cache_is_whole(), 2);
}

#[test]
fn notes_of_another_version_are_refused() {
    let repo = behind();
    let path = repo.cache().join(".createrepo-delta.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("cache 1", "cache 2")).unwrap();
    let error = repo.update().unwrap_err();
    assert!(matches!(&error, UpdateError::Cache(CacheError::OtherVersion { .. })), "{error}");
    assert!(error.to_string().contains("found `createrepo-delta cache 2`"), "{error}");
}

#[test]
fn damaged_notes_heal() {
    for exact in [true, false] {
        let options = options().with_copy(if exact { CopyAs::Exact } else { CopyAs::Open });
        for damaged in ["", "{", "{\"format\": \"createrepo-delta cache 1\", \"states\": 7}"] {
            let repo = Repo::at(1);
            repo.update_with(&options).unwrap();
            repo.publish(2);
            repo.update_with(&options).unwrap();
            let path = repo.cache().join(".createrepo-delta.json");
            fs::write(&path, damaged).unwrap();
            repo.publish(3);
            let updated = repo.update_with(&options).unwrap();
            assert_eq!(updated.warnings.len(), 1, "{:?}", updated.warnings);
            assert!(updated.warnings[0].contains("createrepo-delta.json` is damaged: "));
            let path_of_primary = if exact { PathTaken::Full } else { PathTaken::Delta };
            assert_eq!(paths(&updated)[0], ("primary", path_of_primary));
            if exact {
                assert_eq!(repo.assert_cache_is_exact(), 3);
            } else {
                assert_eq!(repo.assert_cache_is_whole(), 3);
            }
            assert_eq!(repo.update_with(&options).unwrap().warnings, [""; 0]);
            // Something else in it is still nothing to be taken for ours.
            fs::write(&path, damaged).unwrap();
            fs::write(repo.cache().join("repodata/precious"), "x").unwrap();
            let error = repo.update_with(&options).unwrap_err();
            assert!(matches!(&error, UpdateError::Cache(CacheError::NotOurs { .. })), "{error}");
        }
    }
}

#[test]
fn one_process_at_a_time() {
    let repo = behind();
    let dir = durable::Dir::open(&repo.cache()).unwrap();
    let lock = dir.lock(".createrepo-delta.lock").unwrap().unwrap();
    let error = repo.update().unwrap_err();
    assert!(error.is_temporary() && error.to_string().contains("by process "), "{error}");
    let dry = options().with_dry_run(true);
    repo.update_with(&dry).unwrap();
    drop(lock);
    repo.update().unwrap();
}

#[test]
fn nothing_to_check_is_an_error() {
    let repo = Repo::at(0);
    let error = check(&repo.cache(), &Options::default(), &Silent).unwrap_err();
    assert!(matches!(error, UpdateError::Cache(CacheError::Empty { .. })), "{error}");
}
