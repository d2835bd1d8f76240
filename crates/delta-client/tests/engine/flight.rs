//! A publish that happens while a client is at work.

use delta_client::check;
use delta_client::error::UpdateError;
use delta_client::options::{CopyAs, Options};
use delta_client::progress::Silent;
use delta_client::report::PathTaken;
use delta_client::transport::TransportErrorKind;

use crate::repo::{EPOCH, Repo, options, paths, reason, sha256};
use crate::scripted::{Act, Scripted};

fn old_files_go(repo: &Repo, generation: u64) -> Box<dyn Fn() + Send> {
    let root = repo.root();
    let history = repo.path("history");
    let temp = repo.temp.path().to_owned();
    Box::new(move || {
        std::fs::remove_dir_all(root.join("repodata")).unwrap();
        let again = Repo { temp: tempfile::tempdir_in(&temp).unwrap(), ..Repo::new() };
        again.compose(generation, EPOCH + generation * 3600, generation);
        let copy = again.root().join("repodata");
        std::fs::create_dir(root.join("repodata")).unwrap();
        for entry in std::fs::read_dir(copy).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), root.join("repodata").join(entry.file_name())).unwrap();
        }
        delta_publish::generate(&root, &history, &delta_publish::Options::default()).unwrap();
    })
}

#[test]
fn a_file_that_is_gone_is_looked_for_in_a_newer_repomd() {
    let repo = Repo::at(0);
    let source = Scripted::new(repo.root()).on("-primary.xml.gz", 1, Act::First(old_files_go(&repo, 1)));
    let slowly = options().with_parallel(1);
    let updated = repo.update_from(&[&source], &slowly).unwrap();
    assert_eq!(repo.assert_cache_is_whole(), 1);
    assert_eq!(source.count("repomd.xml"), 2);
    assert!(updated.warnings[0].starts_with("starting again with a newer repomd.xml: "), "{updated:?}");
}

#[test]
fn what_was_brought_before_is_not_fetched_twice() {
    let repo = Repo::at(2);
    // Generations 2 and 3 have the same updateinfo, the last type.
    let source = Scripted::new(repo.root()).on("-other.xml.gz", 1, Act::First(old_files_go(&repo, 3)));
    let updated = repo.update_from(&[&source], &options()).unwrap();
    assert!(updated.changed);
    assert_eq!(repo.assert_cache_is_whole(), 3);
    assert!(source.count("updateinfo") <= 2, "{:?}", source.asked());
    let files: Vec<_> = repo.snapshot().into_keys().filter(|name| name.contains("-primary")).collect();
    assert_eq!(files.len(), 1, "{files:?}");
}

#[test]
fn without_a_newer_repomd_the_old_state_stays() {
    let repo = Repo::at(1);
    repo.update().unwrap();
    let before = repo.snapshot();
    repo.publish(2);
    let source = Scripted::new(repo.root()).on("delta", 99, Act::Fail(TransportErrorKind::NotFound)).on(
        "-other.xml.gz",
        99,
        Act::Fail(TransportErrorKind::NotFound),
    );
    let error = repo.update_from(&[&source], &options()).unwrap_err();
    assert!(error.to_string().contains("cannot get the full file of `other`: "), "{error}");
    assert_eq!(source.count("repomd.xml"), 2);
    assert_eq!(source.count("-other.xml.gz"), 1);
    assert_eq!(repo.snapshot(), before);
}

#[test]
fn it_starts_again_only_once() {
    let repo = Repo::at(0);
    let root = repo.root();
    let text = String::from_utf8(repo.repomd()).unwrap();
    let next = std::sync::atomic::AtomicU64::new(5);
    let change = move || {
        let number = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let text = text.replace("<revision>0<", &format!("<revision>{number}<"));
        std::fs::write(root.join("repodata/repomd.xml"), text).unwrap();
    };
    let source = Scripted::new(repo.root()).on("repomd.xml", 99, Act::First(Box::new(change))).on(
        "-primary.xml.gz",
        99,
        Act::Fail(TransportErrorKind::NotFound),
    );
    let error = repo.update_from(&[&source], &options()).unwrap_err();
    assert!(matches!(error, UpdateError::Full { .. }), "{error}");
    assert_eq!(source.count("repomd.xml"), 2);
    assert!(repo.snapshot().is_empty());
}

#[test]
fn a_full_file_that_opens_to_something_else_is_the_publishers_and_no_base_for_deltas() {
    for copy in [CopyAs::Open, CopyAs::Auto] {
        let repo = Repo::at(0);
        let options = options().with_copy(copy);
        let open = sha256(&crate::repo::open_content("other", 0));
        repo.edit(|text| text.replace(&open, &sha256(b"something else")));
        let updated = repo.update_with(&options).unwrap();
        assert_eq!((updated.exact, updated.warnings.len()), (copy == CopyAs::Auto, 1), "{updated:?}");
        assert!(
            updated.warnings[0].starts_with("taking `other`, though its content is not what repomd.xml says"),
            "{updated:?}"
        );
        let problems = check(&repo.cache(), &Options::default(), &Silent).unwrap().problems;
        assert_eq!(problems, [""; 0]);
        let updated = repo.update_with(&options).unwrap();
        assert_eq!((updated.changed, updated.warnings.len()), (false, 0), "{updated:?}");

        // A copy of any generation would do for the delta, but not one of who knows what.
        let repo_at_0 = repo.repomd();
        repo.publish(0);
        assert_ne!(repo.repomd(), repo_at_0);
        repo.publish(1);
        let updated = repo.update_with(&options).unwrap();
        assert_eq!(reason(&updated, "other"), "the copy has another content than its repomd.xml says");
        assert!(paths(&updated).contains(&("other", PathTaken::Full)), "{updated:?}");
        assert_eq!(updated.warnings, [""; 0]);
        repo.publish(2);
        let updated = repo.update_with(&options).unwrap();
        assert!(reason(&updated, "other") != "the copy has another content than its repomd.xml says");
    }
}
