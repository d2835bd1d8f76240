//! Interrupted at any step, or damaged, a history never gives back anything
//! wrong, and goes on working.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::path::Path;

use common::{file, keep, publish, read};
use durable::faults::{FailFrom, FailOnce};
use history::{Damage, Error, History};

/// The generations on disk are these, and come back as they were.
fn assert_holds(root: &Path, expected: &[Vec<u8>]) {
    let track = read(root);
    assert_eq!(track.damage(), []);
    let found: Vec<_> = (0..track.generations().len()).map(|n| common::given_back(&track, n)).collect();
    assert!(found == expected, "{} generations", found.len());
}

#[test]
fn a_crash_at_any_step_leaves_the_old_state_or_the_new() {
    let mut step = 0;
    loop {
        let root = tempfile::tempdir().unwrap();
        for n in 0..3 {
            publish(root.path(), &file(n), Some(u64::from(n)), &keep(3)).unwrap();
        }
        let before = [file(2), file(1), file(0)];
        let after = [file(3), file(2), file(1)];
        let guard = FailFrom::new(root.path(), step);
        let result = publish(root.path(), &file(3), Some(3), &keep(3));
        let hit = guard.hit();
        drop(guard);
        if result.is_ok() {
            assert_holds(root.path(), &after);
        } else {
            let newest = read(root.path()).generations()[0].timestamps.clone();
            assert_holds(root.path(), if newest == [3] { &after } else { &before });
        }
        // The next publish works and leaves no litter.
        publish(root.path(), &file(3), Some(3), &keep(3)).unwrap();
        assert_holds(root.path(), &after);
        let files = std::fs::read_dir(root.path().join("primary")).unwrap().count();
        assert!(files <= 5, "{files}");
        if !hit {
            assert!(step > 10, "{step}");
            return;
        }
        step += 1;
    }
}

#[test]
fn a_full_disk_at_any_step_is_an_error_and_no_more() {
    for step in 0..40 {
        let root = tempfile::tempdir().unwrap();
        publish(root.path(), &file(0), Some(0), &keep(3)).unwrap();
        let guard = FailOnce::new(root.path(), step);
        let _ = publish(root.path(), &file(1), Some(1), &keep(3));
        drop(guard);
        publish(root.path(), &file(1), Some(1), &keep(3)).unwrap();
        assert_holds(root.path(), &[file(1), file(0)]);
    }
}

fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 0x10;
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_lost_pack_costs_the_generations_that_need_it() {
    let root = tempfile::tempdir().unwrap();
    for n in 0..4 {
        publish(root.path(), &file(n), Some(u64::from(n)), &keep(9)).unwrap();
    }
    std::fs::remove_file(root.path().join("primary/pack-00000003")).unwrap();
    let track = read(root.path());
    let [Damage::Packs { what, generations, .. }] = track.damage() else { panic!("{:?}", track.damage()) };
    assert!(what.ends_with("found no file"), "{what}");
    assert_eq!(generations.len(), 1);
    assert_eq!(track.generations().len(), 3);
    assert_eq!(common::given_back(&track, 0), file(2));
    publish(root.path(), &file(3), Some(3), &keep(9)).unwrap();
    assert_holds(root.path(), &[file(3), file(2), file(1), file(0)]);
}

#[test]
fn a_damaged_frame_is_found_by_verify_and_never_given_back() {
    let root = tempfile::tempdir().unwrap();
    for n in 0..4 {
        publish(root.path(), &file(n), Some(u64::from(n)), &keep(9)).unwrap();
    }
    flip(&root.path().join("primary/pack-00000002"), 20);
    let track = read(root.path());
    // Generations 2 and 3 use chunks of that pack.
    for index in 0..2 {
        assert!(matches!(track.write_generation(index, &mut Vec::new()), Err(Error::Damaged { .. })));
    }
    let history = History::open(root.path()).unwrap();
    let mut track = history.track("primary").unwrap();
    track.verify().unwrap();
    assert_eq!(track.generations().len(), 2);
    track.commit(&keep(9)).unwrap();
    drop(history);
    assert_holds(root.path(), &[file(1), file(0)]);
}
