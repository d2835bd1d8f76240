//! What a change would meet is told without changing anything.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use durable::{Dir, Untouched};

/// Whether nothing can keep this process from writing.
fn may_do_everything() -> bool {
    let probe = tempfile::tempdir().unwrap();
    fs::set_permissions(probe.path(), fs::Permissions::from_mode(0o555)).unwrap();
    fs::write(probe.path().join("probe"), "").is_ok()
}

fn text<T>(result: Result<T, durable::Error>) -> Result<(), String> {
    result.map(drop).map_err(|error| error.to_string())
}

#[test]
fn a_directory_that_could_be_made_is_not_made() {
    let temp = tempfile::tempdir().unwrap();
    assert!(Dir::check_create(temp.path()).unwrap());
    assert!(!Dir::check_create(&temp.path().join("a/b/c")).unwrap());
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
}

#[test]
fn the_error_is_that_of_making_the_directory() {
    let temp = tempfile::tempdir().unwrap();
    fs::write(temp.path().join("file"), "").unwrap();
    let closed = temp.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
    for path in [temp.path().join("file"), temp.path().join("file/below"), "".into(), closed.join("a/b")] {
        let found = text(Dir::check_create(&path));
        let expected = text(Dir::create(&path));
        assert_eq!(found, expected);
        let is_closed = path.starts_with(&closed);
        assert_eq!(expected.is_ok(), is_closed && may_do_everything(), "{}", path.display());
    }
}

#[test]
fn a_lock_is_taken_without_writing_to_its_file() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    assert!(matches!(dir.lock_untouched("lock").unwrap(), Untouched::Absent));
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
    let path = temp.path().join("lock");
    fs::write(&path, "of old").unwrap();
    let seen = || fs::metadata(&path).map(|m| (m.mode(), m.mtime_nsec(), m.ctime_nsec(), m.ino())).unwrap();
    let before = seen();
    let lock = dir.lock_untouched("lock").unwrap();
    assert!(matches!(lock, Untouched::Locked(_)));
    assert!(matches!(dir.lock_untouched("lock").unwrap(), Untouched::Taken));
    assert_eq!(seen(), before);
    assert_eq!(fs::read(&path).unwrap(), b"of old");
    assert!(dir.lock("lock").unwrap().is_none());
    drop(lock);
    let held = dir.lock("lock").unwrap().unwrap();
    assert!(matches!(dir.lock_untouched("lock").unwrap(), Untouched::Taken));
    drop(held);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(text(dir.lock_untouched("lock")), text(dir.lock("lock")));
}

#[test]
fn a_copy_speaks_of_its_original() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open_as(temp.path(), Path::new("/the/original")).unwrap();
    let child = dir.create_child("child").unwrap();
    assert!(temp.path().join("child").is_dir());
    assert_eq!(child.path(), Path::new("/the/original/child"));
    assert_eq!(
        child.open_file("..").unwrap_err().to_string(),
        "`..` is not a usable file name in `/the/original/child`"
    );
    let absent = Dir::open_as(&temp.path().join("absent"), Path::new("/the/original")).unwrap_err();
    assert!(absent.to_string().starts_with("cannot open `/the/original`: "), "{absent}");
}
