//! A whole directory is replaced at one instant, and a crash at any step
//! leaves the old one or the new one.
#![allow(clippy::unwrap_used, reason = "helpers of tests may")]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt, symlink};
use std::path::Path;

use durable::faults::{FailFrom, FailOnce, Guard, NoExchange, Refuses};
use durable::{Dir, Error, Kind, Operation, Replaced};
use rustix::io::Errno;

const TEMP_PREFIX: &str = Dir::DEFAULT_TEMP_PREFIX;

const NAME: &str = "repodata";
const NEW: &str = "new";
const ASIDE: &str = "aside";
const INDEX: &str = "file";

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
    assert_eq!(dir.replace_child(NEW, NAME, ASIDE, INDEX).unwrap(), Replaced::Exchanged);
    assert_eq!(content(&dir, NAME).unwrap(), b"new");
    assert_eq!(content(&dir, NEW).unwrap(), b"old");
    assert_eq!(content(&dir, ASIDE), None);
}

#[test]
fn where_nothing_was_one_rename_is_enough() {
    let (_temp, dir) = setup(false);
    assert_eq!(dir.replace_child(NEW, NAME, ASIDE, INDEX).unwrap(), Replaced::Nothing);
    assert_eq!(content(&dir, NAME).unwrap(), b"new");
    assert_eq!(dir.entries().unwrap().len(), 1);
}

#[test]
fn without_exchange_two_renames_do() {
    let (temp, dir) = setup(true);
    let _guard = NoExchange::new(temp.path());
    assert_eq!(dir.replace_child(NEW, NAME, ASIDE, INDEX).unwrap(), Replaced::Renamed);
    assert_eq!(content(&dir, NAME).unwrap(), b"new");
    assert_eq!(content(&dir, ASIDE).unwrap(), b"old");
    assert_eq!(content(&dir, NEW), None);
}

/// Directories of a lower layer of overlayfs: neither exchanged nor renamed. The new
/// one can be.
fn unmovable(operation: Operation, path: &Path) -> Option<i32> {
    let refused = operation == Operation::Exchange || operation == Operation::Rename && path.ends_with(ASIDE);
    refused.then(|| Errno::XDEV.raw_os_error())
}

/// A file system without links as well.
fn unmovable_without_links(operation: Operation, path: &Path) -> Option<i32> {
    unmovable(operation, path).or_else(|| (operation == Operation::Link).then(|| Errno::XDEV.raw_os_error()))
}

/// An old directory with more in it than its index file.
fn setup_rich() -> (tempfile::TempDir, Dir) {
    let (temp, dir) = setup(true);
    let old = dir.child(NAME).unwrap().unwrap();
    old.write("data", b"data").unwrap();
    old.create_child("zz").unwrap().write("deep", b"deep").unwrap();
    fs::set_permissions(temp.path().join("repodata"), PermissionsExt::from_mode(0o750)).unwrap();
    fs::set_permissions(temp.path().join("repodata/data"), PermissionsExt::from_mode(0o604)).unwrap();
    (temp, dir)
}

/// Everything of the old directory, with modes.
fn assert_old(dir: &Dir, name: &str) {
    let old = dir.child(name).unwrap().unwrap();
    assert_eq!(old.entries().unwrap().len(), 3);
    assert_eq!(old.read("data", 9).unwrap().unwrap(), b"data");
    assert_eq!(old.child("zz").unwrap().unwrap().read("deep", 9).unwrap().unwrap(), b"deep");
    assert_eq!(old.attributes().unwrap().mode(), 0o750);
    assert_eq!(old.attributes_of("data").unwrap().unwrap().mode(), 0o604);
    assert_eq!(content(dir, name).unwrap(), b"old");
}

#[test]
fn what_cannot_be_renamed_is_copied() {
    for refusal in [unmovable, unmovable_without_links] {
        let (temp, dir) = setup_rich();
        let guard = Refuses::new(temp.path(), refusal);
        assert_eq!(dir.replace_child(NEW, NAME, ASIDE, INDEX).unwrap(), Replaced::Renamed);
        assert_eq!(content(&dir, NAME).unwrap(), b"new");
        assert_eq!(dir.child(NAME).unwrap().unwrap().entries().unwrap().len(), 1);
        assert_eq!(dir.child(NEW).unwrap().map(|_| ()), None);
        assert_old(&dir, ASIDE);
        // The index file is the last to come and the first to go.
        let of_data = |operation, path: &str| {
            let at = guard.trace().iter().position(|step| *step == (operation, temp.path().join(path)));
            at.unwrap_or_else(|| panic!("{operation} {path}: {:?}", guard.trace()))
        };
        assert!(of_data(Operation::Link, "aside/file") > of_data(Operation::Link, "aside/data"));
        assert!(of_data(Operation::Remove, "repodata/file") < of_data(Operation::Remove, "repodata/data"));
        assert!(!dir.recover_child(NAME, ASIDE, INDEX).unwrap());
    }
}

#[test]
fn a_crash_while_a_directory_is_copied_and_emptied_is_mended() {
    for refusal in [unmovable, unmovable_without_links] {
        for arm in [FailFrom::new, FailOnce::new] {
            for n in 0.. {
                let (temp, dir) = setup_rich();
                let _unmovable = Refuses::new(temp.path(), refusal);
                let guard = arm(temp.path(), n);
                let ok = dir.replace_child(NEW, NAME, ASIDE, INDEX).is_ok();
                let hit = guard.hit();
                drop(guard);
                match content(&dir, NAME).as_deref() {
                    Some(b"new") => {}
                    Some(b"old") => assert_old(&dir, NAME),
                    found => {
                        assert_eq!(found, None, "{n}");
                        assert!(!ok && dir.recover_child(NAME, ASIDE, INDEX).unwrap(), "{n}");
                        assert_old(&dir, NAME);
                    }
                }
                assert!(!dir.recover_child(NAME, ASIDE, INDEX).unwrap(), "{n}");
                if !hit {
                    assert!(ok && n > 10, "{n}");
                    break;
                }
                assert!(!ok, "a fault at step {n} went unnoticed");
            }
        }
    }
}

#[test]
fn a_copy_that_cannot_be_renamed_back_is_copied_back() {
    let (temp, dir) = setup_rich();
    rustix::fs::rename(temp.path().join(NAME), temp.path().join(ASIDE)).unwrap();
    let _unmovable = Refuses::new(temp.path(), |operation, _| {
        (operation == Operation::Rename).then(|| Errno::XDEV.raw_os_error())
    });
    assert!(dir.recover_child(NAME, ASIDE, INDEX).unwrap());
    assert_old(&dir, NAME);
    assert!(dir.child(ASIDE).unwrap().is_none());
}

#[test]
fn what_somebody_else_put_there_stays() {
    let (_temp, dir) = setup(true);
    dir.create_child(ASIDE).unwrap().write(INDEX, b"aside").unwrap();
    assert!(!dir.recover_child(NAME, ASIDE, INDEX).unwrap());
    assert_eq!(content(&dir, NAME).unwrap(), b"old");
}

#[test]
fn a_file_system_that_cannot_sync_directories_is_no_failure() {
    for errno in [Errno::INVAL, Errno::NOTSUP, Errno::NOSYS, Errno::IO] {
        let (temp, dir) = setup(true);
        let _guard = match errno {
            Errno::INVAL => Refuses::new(temp.path(), |step, _| refused_sync(step, Errno::INVAL)),
            Errno::NOTSUP => Refuses::new(temp.path(), |step, _| refused_sync(step, Errno::NOTSUP)),
            Errno::NOSYS => Refuses::new(temp.path(), |step, _| refused_sync(step, Errno::NOSYS)),
            _ => Refuses::new(temp.path(), |step, _| refused_sync(step, Errno::IO)),
        };
        assert_eq!(dir.sync().is_ok(), errno != Errno::IO, "{errno}");
        assert_eq!(dir.write("x", b"x").is_ok(), errno != Errno::IO, "{errno}");
    }
}

fn refused_sync(operation: Operation, errno: Errno) -> Option<i32> {
    (operation == Operation::SyncDir).then(|| errno.raw_os_error())
}

fn at_every_step(arm: fn(&Path, u64) -> Guard, exchange: bool, gap_allowed: bool) {
    for n in 0.. {
        let (temp, dir) = setup(true);
        let _missing = (!exchange).then(|| NoExchange::new(temp.path()));
        let guard = arm(temp.path(), n);
        let ok = dir.replace_child(NEW, NAME, ASIDE, INDEX).is_ok();
        let hit = guard.hit();
        drop(guard);
        if let Some(bytes) = content(&dir, NAME) {
            assert!(bytes == b"new" || !ok && bytes == b"old", "{n}");
            assert!(!dir.recover_child(NAME, ASIDE, INDEX).unwrap());
        } else {
            assert!(gap_allowed && !ok, "{n}");
            assert!(dir.recover_child(NAME, ASIDE, INDEX).unwrap(), "{n}");
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
        let error = dir.replace_child(new, name, ASIDE, INDEX).unwrap_err();
        assert!(matches!(error, Error::WrongKind { found, .. } if found == wrong), "{error}");
    }
    assert!(dir.replace_child("absent", NAME, ASIDE, INDEX).unwrap_err().is_not_found());
    for bad in ["..", "a/b", ""] {
        assert!(dir.replace_child(bad, NAME, ASIDE, INDEX).is_err());
        assert!(dir.replace_child(NEW, bad, ASIDE, INDEX).is_err());
        assert!(dir.replace_child(NEW, NAME, bad, INDEX).is_err());
        assert!(dir.recover_child(bad, ASIDE, INDEX).is_err());
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
