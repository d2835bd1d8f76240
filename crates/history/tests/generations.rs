//! Every retained generation comes back byte for byte; retention, dropping and
//! content that returns.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;

use common::{file, given_back, keep, publish, read};
use history::{Damage, Error, History, Retention};

#[test]
fn every_retained_generation_comes_back() {
    let root = tempfile::tempdir().unwrap();
    for n in 0..30 {
        publish(root.path(), &file(n), Some(1000 + u64::from(n)), &keep(12)).unwrap();
        let track = read(root.path());
        assert_eq!(track.generations().len(), 12.min(n as usize + 1));
        for (index, generation) in track.generations().iter().enumerate() {
            let n = n - u32::try_from(index).unwrap();
            assert_eq!(given_back(&track, index), file(n));
            assert_eq!(generation.timestamps, [1000 + u64::from(n)]);
        }
    }
}

#[test]
fn the_store_costs_one_copy_and_what_changed() {
    let root = tempfile::tempdir().unwrap();
    publish(root.path(), &file(0), Some(1), &keep(56)).unwrap();
    let (_, one) = read(root.path()).disk_bytes().unwrap();
    for n in 1..20 {
        publish(root.path(), &file(n), Some(1 + u64::from(n)), &keep(56)).unwrap();
    }
    let (index, packs) = read(root.path()).disk_bytes().unwrap();
    // Three of 40 packages change in each of 19 steps.
    assert!(packs < one * 3, "{one} {packs}");
    assert!(index < 40 * 24 + 20 * 250, "{index}");
}

#[test]
fn old_packs_are_rewritten_once_they_are_mostly_unused() {
    let root = tempfile::tempdir().unwrap();
    let big = |n: u32| {
        let mut file = b"<m>\n".to_vec();
        for package in 0..700 {
            let text = format!("<package {package}>{n} {}</package>", common::noise(n * 1000 + package));
            file.extend(text.repeat(20).bytes());
        }
        file
    };
    for n in 0..6 {
        publish(root.path(), &big(n), Some(u64::from(n)), &keep(2)).unwrap();
    }
    let track = read(root.path());
    assert_eq!(given_back(&track, 0), big(5));
    assert_eq!(given_back(&track, 1), big(4));
    let (_, packs) = track.disk_bytes().unwrap();
    let used: u64 = zstd_len(&big(5)) + zstd_len(&big(4));
    assert!(packs < used * 3, "{packs} {used}");
}

fn zstd_len(bytes: &[u8]) -> u64 {
    zstd::bulk::compress(bytes, 9).unwrap().len() as u64
}

#[test]
fn content_that_returns_is_the_newest_again_with_all_its_timestamps() {
    let root = tempfile::tempdir().unwrap();
    for (n, timestamp) in [(0, 10), (1, 20), (0, 30), (0, 30)] {
        publish(root.path(), &file(n), Some(timestamp), &keep(56)).unwrap();
    }
    let track = read(root.path());
    assert_eq!(track.generations().len(), 2);
    assert_eq!(track.generations()[0].timestamps, [10, 30]);
    assert_eq!(given_back(&track, 0), file(0));
    assert_eq!(given_back(&track, 1), file(1));
}

#[test]
fn retention_by_age_spares_the_newest() {
    let root = tempfile::tempdir().unwrap();
    let retention = Retention { max_age: Some(100), ..Retention::default() };
    for (n, timestamp) in [(0, 10), (1, 60), (2, 110), (3, 211)] {
        publish(root.path(), &file(n), Some(timestamp), &retention).unwrap();
    }
    let kept: Vec<_> = read(root.path()).generations().iter().map(|g| g.timestamps.clone()).collect();
    assert_eq!(kept, [[211]]);
    publish(root.path(), &file(4), Some(250), &retention).unwrap();
    assert_eq!(read(root.path()).generations().len(), 2);
}

#[test]
fn a_dropped_generation_is_forgotten() {
    let root = tempfile::tempdir().unwrap();
    for n in 0..4 {
        publish(root.path(), &file(n), Some(u64::from(n)), &keep(56)).unwrap();
    }
    let history = History::open(root.path()).unwrap();
    let mut track = history.track("primary").unwrap();
    track.drop_generation(1);
    track.commit(&keep(56)).unwrap();
    drop(history);
    let track = read(root.path());
    assert_eq!(track.generations().len(), 3);
    assert_eq!([given_back(&track, 0), given_back(&track, 1)], [file(3), file(1)]);
}

#[test]
fn an_unfinished_recording_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    publish(root.path(), &file(0), Some(1), &keep(56)).unwrap();
    let history = History::open(root.path()).unwrap();
    let mut track = history.track("primary").unwrap();
    track.record().unwrap().chunk(b"new").unwrap();
    assert_eq!(track.table().len(), 42);
    common::record(&mut track, &file(1), Some(2)).unwrap();
    track.commit(&keep(56)).unwrap();
    assert_eq!(given_back(&track, 0), file(1));
    assert_eq!(given_back(&track, 1), file(0));
}

#[test]
fn one_writer_at_a_time() {
    let root = tempfile::tempdir().unwrap();
    let history = History::open(root.path()).unwrap();
    let error = History::open(root.path()).unwrap_err();
    assert!(error.is_locked(), "{error}");
    assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
    drop(history);
    History::open(root.path()).unwrap();
}

#[test]
fn only_proper_names_are_types() {
    let root = tempfile::tempdir().unwrap();
    let history = History::open(root.path()).unwrap();
    for name in ["", "..", ".a", "a/b", "lock", "format", "a b", "ledger.json"] {
        assert!(matches!(history.track(name), Err(Error::TypeName { .. })), "{name}");
    }
    for name in ["primary", "susedata.de", "group_gz"] {
        history.track(name).unwrap();
    }
}

#[test]
fn what_retention_and_damage_cost_is_told_apart() {
    let root = tempfile::tempdir().unwrap();
    let sha256 = |n| common::publication(&file(n), None).open_sha256;
    for n in 0..5 {
        publish(root.path(), &file(n), Some(u64::from(n)), &keep(56)).unwrap();
    }
    std::fs::remove_file(root.path().join("primary/pack-00000004")).unwrap();
    let history = History::open(root.path()).unwrap();
    let mut track = history.track("primary").unwrap();
    assert_eq!(track.pruned(), <[[u8; 32]; 0]>::default());
    track.drop_generation(0);
    assert!(track.prune(&keep(2)));
    common::record(&mut track, &file(6), Some(6)).unwrap();
    track.commit(&keep(2)).unwrap();
    assert_eq!(track.pruned(), [sha256(0), sha256(1)]);
    let lost = track.damage().iter().flat_map(Damage::generations);
    assert_eq!(lost.copied().collect::<Vec<_>>(), [sha256(4)]);
}

#[test]
fn a_recording_that_is_given_up_leaves_the_track_as_it_was() {
    let root = tempfile::tempdir().unwrap();
    publish(root.path(), &file(0), Some(0), &keep(2)).unwrap();
    let history = History::open(root.path()).unwrap();
    let mut track = history.track("primary").unwrap();
    let chunks = track.table().len();
    let mut recorder = track.record().unwrap();
    recorder.chunk(b"new").unwrap();
    drop(recorder);
    assert_eq!((track.table().len(), track.generations().len()), (chunks, 1));
    common::record(&mut track, &file(1), Some(1)).unwrap();
    track.commit(&keep(2)).unwrap();
    track.verify().unwrap();
    assert_eq!((track.damage(), track.generations().len()), (&[][..], 2));
}
