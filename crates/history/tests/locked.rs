//! Who may change a history, and for how long nobody else may.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use history::{Error, History, Retention};

#[test]
fn a_history_is_locked_as_long_as_one_of_its_tracks_is_there() {
    let root = tempfile::tempdir().unwrap();
    let history = History::open(root.path()).unwrap();
    let (mut primary, other) = (history.track("primary").unwrap(), history.track("other").unwrap());
    drop((history, other));
    assert!(matches!(History::open(root.path()), Err(Error::Locked { .. })));
    primary.commit(&Retention::default()).unwrap();
    drop(primary);
    History::open(root.path()).unwrap();
}

#[test]
fn a_track_of_a_history_that_is_read_locks_nobody_out() {
    let root = tempfile::tempdir().unwrap();
    drop(History::open(root.path()).unwrap().track("primary").unwrap());
    let track = History::read(root.path()).unwrap().track("primary").unwrap();
    History::open(root.path()).unwrap();
    assert!(track.generations().is_empty());
}
