//! At every step that can fail, a reader sees the old content or the new.
#![allow(clippy::unwrap_used, reason = "helpers of tests may")]

use std::io::Write as _;
use std::path::Path;

use durable::faults::{FailFrom, FailOnce, Guard, TornFrom};
use durable::{Dir, Error, Operation};

const TEMP_PREFIX: &str = Dir::DEFAULT_TEMP_PREFIX;

const OLD: &[u8] = b"old content";

fn new_content() -> Vec<u8> {
    (0..100_000_u32).flat_map(u32::to_le_bytes).collect()
}

/// Writes in pieces, as callers do.
fn replace(dir: &Dir) -> Result<(), Error> {
    let mut pending = dir.create_new("file")?;
    let path = pending.path();
    for piece in new_content().chunks(100_000) {
        pending.write_all(piece).map_err(|error| Error::from_io(error, &path))?;
    }
    pending.commit()
}

fn content(dir: &Dir) -> Vec<u8> {
    dir.read("file", u64::MAX).unwrap().unwrap()
}

/// Runs `replace` with a fault at step 0, 1, 2 … until none is hit.
fn at_every_step(arm: fn(&Path, u64) -> Guard, mut check: impl FnMut(&Dir, u64, &Guard, bool)) {
    for n in 0.. {
        let temp = tempfile::tempdir().unwrap();
        let dir = Dir::open(temp.path()).unwrap();
        dir.write("file", OLD).unwrap();
        let guard = arm(temp.path(), n);
        let ok = replace(&dir).is_ok();
        check(&dir, n, &guard, ok);
        if !guard.hit() {
            assert!(ok && n >= 8, "{n}");
            return;
        }
        assert!(!ok, "a fault at step {n} went unnoticed");
        drop(guard);
        dir.remove_leftovers().unwrap();
        assert_eq!(dir.entries().unwrap().len(), 1);
        replace(&dir).unwrap();
        assert_eq!(content(&dir), new_content());
    }
}

fn old_or_new(dir: &Dir, n: u64, _guard: &Guard, ok: bool) {
    let content = content(dir);
    assert!(content == new_content() || !ok && content == OLD, "{n}");
}

#[test]
fn a_crash_at_any_step_leaves_old_or_new() {
    at_every_step(FailFrom::new, old_or_new);
}

#[test]
fn a_torn_write_leaves_old_or_new() {
    let mut torn = 0;
    at_every_step(TornFrom::new, |dir, n, guard, ok| {
        old_or_new(dir, n, guard, ok);
        let temp = dir.len(&format!("{TEMP_PREFIX}file")).unwrap();
        torn += u32::from(temp.is_some_and(|len| len % 100_000 == 50_000));
    });
    assert!(torn > 0);
}

#[test]
fn a_full_disk_leaves_old_or_new_and_no_rubbish() {
    at_every_step(FailOnce::new, |dir, n, guard, ok| {
        old_or_new(dir, n, guard, ok);
        assert_eq!(dir.entries().unwrap().len(), 1, "{n}");
    });
}

#[test]
fn a_crash_leaves_the_temporary_file_a_full_disk_does_not() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    let guard = FailFrom::new(temp.path(), 1);
    assert!(dir.write("file", b"x").is_err());
    assert!(guard.hit() && guard.steps() == 3, "{:?}", guard.trace());
    drop(guard);
    assert_eq!(dir.remove_leftovers().unwrap(), [format!("{TEMP_PREFIX}file")]);

    let guard = FailOnce::new(temp.path(), 1);
    let error = dir.write("file", b"x").unwrap_err();
    assert!(error.is_no_space(), "{error}");
    assert!(guard.hit());
    assert!(dir.entries().unwrap().is_empty());
}

#[test]
fn content_is_synced_before_the_rename_and_the_directory_after() {
    use Operation::{Create, Rename, Sync, SyncDir, Write};

    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    let guard = Guard::count(temp.path());
    dir.write("file", b"x").unwrap();
    let order: Vec<_> = guard.trace().into_iter().map(|(op, _)| op).collect();
    assert_eq!(order, [Create, Write, Sync, Rename, SyncDir]);
    assert!(!guard.hit());
}

#[test]
fn a_failed_write_cannot_be_committed() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    let _guard = FailOnce::new(temp.path(), 1);
    let mut pending = dir.create_new("file").unwrap();
    pending.write_all(b"x").unwrap();
    assert!(pending.flush().is_err());
    pending.write_all(b"y").unwrap();
    assert!(matches!(pending.commit(), Err(Error::Incomplete { .. })));
    assert!(dir.entries().unwrap().is_empty());
}

#[test]
fn making_and_removing_trees_stops_at_any_step() {
    for n in 0.. {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("a/b");
        let guard = FailFrom::new(temp.path(), n);
        let work = || {
            let dir = Dir::create(&path)?;
            dir.write("file", b"x")?;
            Dir::open(temp.path())?.remove_child("a")
        };
        let result = work();
        assert_eq!(guard.hit(), result.is_err(), "{n}");
        if result.is_ok() {
            // 2 × (mkdir, sync), 5 for the file, 3 removals.
            assert_eq!(guard.steps(), 12);
            return;
        }
        drop(guard);
        work().unwrap();
    }
}

#[test]
fn a_full_disk_does_not_lose_the_lock() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    let guard = FailFrom::new(temp.path(), 0);
    assert!(dir.lock("lock").is_err());
    drop(guard);
    let _guard = FailFrom::new(temp.path(), 1);
    let lock = dir.lock("lock").unwrap();
    assert!(lock.is_some() && dir.lock("lock").unwrap().is_none());
    assert_eq!(dir.lock_holder("lock"), None);
}

#[test]
fn guards_of_other_roots_do_not_interfere() {
    std::thread::scope(|scope| {
        for n in 0..8 {
            scope.spawn(move || {
                let temp = tempfile::tempdir().unwrap();
                let dir = Dir::open(temp.path()).unwrap();
                let guard = FailFrom::new(temp.path(), n * 5);
                for _ in 0..n {
                    dir.write("file", b"x").unwrap();
                }
                assert!(!guard.hit());
                assert!(dir.write("file", b"y").is_err());
                assert!(guard.hit());
            });
        }
    });
}
