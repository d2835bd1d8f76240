//! A whole directory is replaced at one instant, and a crash at any step
//! leaves the old one or the new one.
#![allow(clippy::unwrap_used, reason = "helpers of tests may")]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::Path;

use durable::faults::{FailFrom, FailOnce, Guard, NoExchange};
use durable::{Dir, Error, Kind, Replaced, TEMP_PREFIX};

const NAME: &str = "repodata";
const NEW: &str = "new";
const ASIDE: &str = "aside";

fn setup(old: bool) -> (tempfile::TempDir, Dir) {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    if old {
        dir.create_child(NAME).unwrap().write("file", b"old").unwrap();
    }
    dir.create_child(NEW).unwrap().write("file", b"new").unwrap();
    (temp, dir)
}

fn content(dir: &Dir, child: &str) -> Option<Vec<u8>> {
    dir.child(child).unwrap()?.read("file", 9).unwrap()
}

#[test]
fn directories_exchange_their_names() {
    let (_temp, dir) = setup(true);
    assert_eq!(dir.replace_child(NEW, NAME, ASIDE).unwrap(), Replaced::Exchanged);
    assert_eq!(content(&dir, NAME).unwrap(), b"new");
    assert_eq!(content(&dir, NEW).unwrap(), b"old");
    assert_eq!(content(&dir, ASIDE), None);
}

#[test]
fn where_nothing_was_one_rename_is_enough() {
    let (_temp, dir) = setup(false);
    assert_eq!(dir.replace_child(NEW, NAME, ASIDE).unwrap(), Replaced::Nothing);
    assert_eq!(content(&dir, NAME).unwrap(), b"new");
    assert_eq!(dir.entries().unwrap().len(), 1);
}

#[test]
fn without_exchange_two_renames_do() {
    let (temp, dir) = setup(true);
    let _guard = NoExchange::new(temp.path());
    assert_eq!(dir.replace_child(NEW, NAME, ASIDE).unwrap(), Replaced::Renamed);
    assert_eq!(content(&dir, NAME).unwrap(), b"new");
    assert_eq!(content(&dir, ASIDE).unwrap(), b"old");
    assert_eq!(content(&dir, NEW), None);
}

fn at_every_step(arm: fn(&Path, u64) -> Guard, exchange: bool, gap_allowed: bool) {
    for n in 0.. {
        let (temp, dir) = setup(true);
        let _missing = (!exchange).then(|| NoExchange::new(temp.path()));
        let guard = arm(temp.path(), n);
        let ok = dir.replace_child(NEW, NAME, ASIDE).is_ok();
        let hit = guard.hit();
        drop(guard);
        if let Some(bytes) = content(&dir, NAME) {
            assert!(bytes == b"new" || !ok && bytes == b"old", "{n}");
            assert!(!dir.recover_child(NAME, ASIDE).unwrap());
        } else {
            assert!(gap_allowed && !ok, "{n}");
            assert!(dir.recover_child(NAME, ASIDE).unwrap(), "{n}");
            assert_eq!(content(&dir, NAME).unwrap(), b"old", "{n}");
        }
        if !hit {
            assert!(ok && n >= 3, "{n}");
            return;
        }
        assert!(!ok, "a fault at step {n} went unnoticed");
    }
}

#[test]
fn a_crash_leaves_the_old_directory_or_the_new() {
    at_every_step(FailFrom::new, true, false);
}

#[test]
fn a_failure_leaves_the_old_directory_or_the_new() {
    at_every_step(FailOnce::new, true, false);
    at_every_step(FailOnce::new, false, false);
}

#[test]
fn a_crash_between_two_renames_is_mended() {
    at_every_step(FailFrom::new, false, true);
}

#[test]
fn only_directories_are_replaced() {
    let (temp, dir) = setup(true);
    dir.write("file", b"x").unwrap();
    symlink(NAME, temp.path().join("link")).unwrap();
    for (new, name, wrong) in
        [("file", NAME, Kind::File), (NEW, "file", Kind::File), (NEW, "link", Kind::Symlink)]
    {
        let error = dir.replace_child(new, name, ASIDE).unwrap_err();
        assert!(matches!(error, Error::WrongKind { found, .. } if found == wrong), "{error}");
    }
    assert!(dir.replace_child("absent", NAME, ASIDE).unwrap_err().is_not_found());
    for bad in ["..", "a/b", ""] {
        assert!(dir.replace_child(bad, NAME, ASIDE).is_err());
        assert!(dir.replace_child(NEW, bad, ASIDE).is_err());
        assert!(dir.replace_child(NEW, NAME, bad).is_err());
        assert!(dir.recover_child(bad, ASIDE).is_err());
    }
    assert_eq!(content(&dir, NAME).unwrap(), b"old");
}

#[test]
fn a_link_is_the_same_file_and_never_replaces_one() {
    let (temp, dir) = setup(true);
    let old = dir.child(NAME).unwrap().unwrap();
    let new = dir.child(NEW).unwrap().unwrap();
    assert!(new.link_from(&old, "file", "second").unwrap());
    let inode = |path: &str| fs::metadata(temp.path().join(path)).unwrap().ino();
    assert_eq!(inode("repodata/file"), inode("new/second"));
    assert!(!new.link_from(&old, "absent", "third").unwrap());
    assert!(new.link_from(&old, "file", "second").is_err());
    assert!(new.link_from(&old, "file", "../x").is_err());
    symlink("file", temp.path().join("repodata/link")).unwrap();
    let error = new.link_from(&old, "link", "third").unwrap_err();
    assert!(matches!(error, Error::WrongKind { found: Kind::Symlink, .. }), "{error}");
}

#[test]
fn a_link_that_fails_leaves_nothing() {
    let (temp, dir) = setup(true);
    let old = dir.child(NAME).unwrap().unwrap();
    let new = dir.child(NEW).unwrap().unwrap();
    let guard = FailOnce::new(temp.path(), 0);
    assert!(new.link_from(&old, "file", "second").unwrap_err().is_no_space());
    assert!(guard.hit());
    assert_eq!(new.len("second").unwrap(), None);
}

#[test]
fn a_scratch_file_is_read_back_and_vanishes() {
    use std::io::{Read as _, Write as _};

    let (_temp, dir) = setup(false);
    let mut pending = dir.create_new("delta").unwrap();
    pending.write_all(b"some bytes").unwrap();
    let scratch = pending.into_scratch().unwrap();
    for _ in 0..2 {
        let mut bytes = Vec::new();
        scratch.open().unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"some bytes");
    }
    dir.remove(&format!("{TEMP_PREFIX}delta")).unwrap();
    assert!(matches!(scratch.open(), Err(Error::Replaced { .. })));
    dir.write(&format!("x{TEMP_PREFIX}delta"), b"other").unwrap();
    drop(scratch);
    assert_eq!(dir.entries().unwrap().len(), 2);
}

#[test]
fn a_file_gets_the_name_of_what_it_holds() {
    use std::io::Write as _;

    let (_temp, dir) = setup(false);
    let mut pending = dir.create_new("not yet known").unwrap();
    pending.write_all(b"x").unwrap();
    let sealed = pending.seal().unwrap();
    assert_eq!(std::io::read_to_string(sealed.open().unwrap()).unwrap(), "x");
    sealed.publish_as("2d71-x").unwrap();
    assert_eq!(dir.read("2d71-x", 9).unwrap().unwrap(), b"x");
    let pending = dir.create_new("y").unwrap();
    assert!(pending.seal().unwrap().publish_as("../y").is_err());
    assert_eq!(dir.entries().unwrap().len(), 2);
}
