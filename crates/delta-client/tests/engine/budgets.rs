//! Time: for all of an update, for one file, and what a source asks for.

use std::time::Duration;

use delta_client::error::UpdateError;
use delta_client::transport::TransportErrorKind;

use crate::repo::{Repo, options};
use crate::scripted::{Act, Scripted};

const PAUSE: Duration = Duration::from_millis(120);

fn slowly() -> Act {
    Act::First(Box::new(|| std::thread::sleep(PAUSE)))
}

#[test]
fn an_update_whose_time_is_over_says_so_and_changes_nothing() {
    for part in ["repomd.xml", "-primary.xml.gz"] {
        let repo = Repo::at(0);
        let before = repo.snapshot();
        let options = options().with_max_time(PAUSE / 2);
        let source = Scripted::new(repo.root()).on(part, 9, slowly());
        let mirror = Scripted::new(repo.root()).named("mirror").on(part, 9, slowly());
        let error = repo.update_from(&[&source, &mirror], &options).unwrap_err();
        assert!(matches!(error, UpdateError::OutOfTime { .. }), "{error}");
        assert!(error.to_string().starts_with("the update is not done after 0.06 s: "), "{error}");
        assert_eq!(mirror.count(part), 0);
        assert_eq!(repo.snapshot(), before);
    }
}

#[test]
fn a_file_whose_time_is_over_is_asked_for_at_the_next_source() {
    let repo = Repo::at(0);
    let options = options().with_max_file_time(PAUSE / 2);
    let source = Scripted::new(repo.root()).on("-primary.xml.gz", 9, slowly());
    let mirror = Scripted::new(repo.root()).named("mirror");
    repo.update_from(&[&source, &mirror], &options).unwrap();
    assert_eq!((source.count("-primary.xml.gz"), mirror.count("-primary.xml.gz")), (1, 1));
    assert_eq!(repo.assert_cache_is_whole(), 0);
}

#[test]
fn a_source_that_asks_to_be_left_alone_is_where_there_is_no_time_to_wait() {
    let busy = |wait| Act::Busy(wait);
    // Not at all, where nobody says how much time there is.
    let repo = Repo::at(0);
    let source = Scripted::new(repo.root()).on("repomd.xml", 9, busy(Duration::from_secs(3600)));
    let error = repo.update_from(&[&source], &options()).unwrap_err();
    let UpdateError::Fetch(error) = error else { panic!("{error}") };
    assert_eq!((error.kind(), source.count("")), (TransportErrorKind::Status(503), 1));
    // Nor where less time is left than that.
    let limited = options().with_max_time(Duration::from_secs(10));
    let source = Scripted::new(repo.root()).on("repomd.xml", 9, busy(Duration::from_secs(20)));
    repo.update_from(&[&source], &limited).unwrap_err();
    assert_eq!(source.count(""), 1);
    // A short wait is granted, and a mirror is not kept waiting.
    let source = Scripted::new(repo.root()).on("repomd.xml", 2, busy(Duration::from_millis(10)));
    repo.update_from(&[&source], &options()).unwrap();
    assert_eq!(source.count("repomd.xml"), 3);
    let source = Scripted::new(repo.root()).on("", 9, busy(Duration::from_secs(20)));
    let mirror = Scripted::new(repo.root()).named("mirror");
    repo.update_from(&[&source, &mirror], &limited).unwrap();
    assert_eq!(source.count("repomd.xml"), 1);
}
