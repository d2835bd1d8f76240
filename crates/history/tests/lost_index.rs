//! A track whose index is lost or cannot be read is damaged, never empty, and what
//! the index may have named is set aside and can be put back.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common::{everything, file, given_back, keep, packs, publish, read};
use durable::faults::FailFrom;
use history::{Damage, Error, History};

const INDEX: &str = "primary/index";

fn published(generations: u32) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for n in 0..generations {
        publish(root.path(), &file(n), Some(u64::from(n)), &keep(9)).unwrap();
    }
    root
}

/// Loaded either way the track is damaged in its index, and has nothing.
fn assert_lost(root: &Path) {
    let before = packs(root);
    let reading = read(root);
    assert!(matches!(reading.damage(), [Damage::Index { aside: None, .. }]), "{:?}", reading.damage());
    assert_eq!(reading.generations().len(), 0);
    let history = History::open(root).unwrap();
    let changing = history.track("primary").unwrap();
    assert_eq!(changing.damage(), reading.damage());
    assert_eq!(packs(root), before);
}

#[test]
fn packs_without_an_index_are_damage() {
    let root = published(3);
    fs::remove_file(root.path().join(INDEX)).unwrap();
    assert_lost(root.path());
    let text = read(root.path()).damage()[0].to_string();
    let index = root.path().join(INDEX).display().to_string();
    assert_eq!(
        text,
        format!("`{index}` is missing, though `pack-00000000` is there; every generation of it is dropped")
    );
}

#[test]
fn an_index_cut_anywhere_or_with_any_byte_flipped_is_damage() {
    let root = published(2);
    let index = root.path().join(INDEX);
    let whole = fs::read(&index).unwrap();
    for at in 0..whole.len() {
        fs::write(&index, &whole[..at]).unwrap();
        assert_lost(root.path());
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        fs::write(&index, flipped).unwrap();
        assert_lost(root.path());
    }
    fs::write(&index, whole).unwrap();
    assert_eq!(read(root.path()).generations().len(), 2);
}

#[test]
fn an_index_that_is_too_large_is_damage() {
    let root = published(1);
    fs::File::options().write(true).open(root.path().join(INDEX)).unwrap().set_len((1 << 30) + 1).unwrap();
    assert_lost(root.path());
}

#[test]
fn what_an_index_may_have_named_is_set_aside_and_can_be_put_back() {
    for lost in [true, false] {
        let root = published(3);
        let track = root.path().join("primary");
        let (index, before) = (fs::read(track.join("index")).unwrap(), packs(root.path()));
        if lost {
            fs::remove_file(track.join("index")).unwrap();
        } else {
            fs::write(track.join("index"), &index[..index.len() - 1]).unwrap();
        }
        let history = History::open(root.path()).unwrap();
        let mut changing = history.track("primary").unwrap();
        common::record(&mut changing, &file(9), Some(9)).unwrap();
        changing.commit(&keep(9)).unwrap();
        let text = changing.damage()[0].to_string();
        assert!(text.ends_with(&format!("is kept as `{}/aside-1-*`", track.display())), "{text}");
        drop(history);

        let now = read(root.path());
        assert_eq!((now.damage(), now.generations().len()), (&[][..], 1));
        assert_eq!(given_back(&now, 0), file(9));
        let aside: Vec<_> = now.set_aside().unwrap().into_iter().map(|file| file.name).collect();
        let mut expected = vec!["aside-1-index"];
        expected.extend(["aside-1-pack-00000000", "aside-1-pack-00000001", "aside-1-pack-00000002"]);
        assert_eq!(aside, &expected[usize::from(lost)..]);
        let (_, bytes) = now.disk_bytes().unwrap();
        assert_eq!(bytes, fs::metadata(track.join("pack-00000003")).unwrap().len());
        assert!(before.iter().all(|pack| packs(root.path()).contains(pack)));

        // With a copy of the index, everything comes back.
        fs::remove_file(track.join("pack-00000003")).unwrap();
        for name in &aside {
            fs::rename(track.join(name), track.join(&name["aside-1-".len()..])).unwrap();
        }
        fs::write(track.join("index"), &index).unwrap();
        let back = read(root.path());
        assert_eq!(back.damage(), []);
        for n in 0..3 {
            assert_eq!(given_back(&back, n), file(2 - u32::try_from(n).unwrap()));
        }
    }
}

#[test]
fn nothing_that_was_set_aside_is_overwritten_or_removed() {
    let root = published(2);
    let mut aside: BTreeSet<Vec<u8>> = BTreeSet::new();
    for n in 2..6 {
        fs::write(root.path().join(INDEX), format!("damage {n}")).unwrap();
        aside.insert(format!("damage {n}").into_bytes());
        aside.extend(packs(root.path()));
        publish(root.path(), &file(n), Some(u64::from(n)), &keep(9)).unwrap();
        publish(root.path(), &file(n + 10), Some(u64::from(n) + 10), &keep(1)).unwrap();
        let now: BTreeSet<_> = everything(root.path()).into_values().map(|seen| seen.3).collect();
        assert!(aside.is_subset(&now), "{n}");
    }
    assert!(root.path().join("primary/aside-4-index").exists());
}

#[test]
fn a_pack_that_lost_frames_is_set_aside_with_its_index() {
    let root = published(3);
    let pack = root.path().join("primary/pack-00000002");
    let mut bad = fs::read(&pack).unwrap();
    bad[20] ^= 1;
    fs::write(&pack, &bad).unwrap();
    let index = fs::read(root.path().join(INDEX)).unwrap();
    let history = History::open(root.path()).unwrap();
    let mut track = history.track("primary").unwrap();
    track.verify().unwrap();
    track.commit(&keep(9)).unwrap();
    assert!(track.damage()[0].to_string().contains("primary/aside-1-*`"), "{}", track.damage()[0]);
    drop((history, track));
    assert!(!pack.exists());
    assert_eq!(fs::read(root.path().join("primary/aside-1-pack-00000002")).unwrap(), bad);
    assert_eq!(fs::read(root.path().join("primary/aside-1-index")).unwrap(), index);
    assert_eq!(read(root.path()).generations().len(), 2);
    // Later commits leave it at that.
    publish(root.path(), &file(3), Some(3), &keep(9)).unwrap();
    assert_eq!(read(root.path()).set_aside().unwrap().len(), 2);
}

#[test]
fn a_crash_while_files_are_set_aside_loses_none_and_the_damage_is_still_found() {
    for lost in [true, false] {
        let mut step = 0;
        loop {
            let root = published(2);
            let before = packs(root.path());
            fs::write(root.path().join(INDEX), "damage").unwrap();
            if lost {
                fs::remove_file(root.path().join(INDEX)).unwrap();
            }
            let guard = FailFrom::new(root.path(), step);
            let result = publish(root.path(), &file(5), Some(5), &keep(9));
            let hit = guard.hit();
            drop(guard);
            let whole = |root: &Path| {
                let contents: BTreeSet<_> = everything(root).into_values().map(|seen| seen.3).collect();
                before.iter().all(|pack| contents.contains(pack))
                    && (lost || contents.contains(&b"damage"[..]))
            };
            assert!(whole(root.path()), "{step}");
            let track = read(root.path());
            match track.damage() {
                [] => assert_eq!(track.generations()[0].timestamps, [5], "{step}"),
                damage => assert!(result.is_err() && matches!(damage, [Damage::Index { .. }]), "{damage:?}"),
            }
            publish(root.path(), &file(5), Some(5), &keep(9)).unwrap();
            assert!(whole(root.path()), "{step}");
            assert_eq!(given_back(&read(root.path()), 0), file(5));
            if !hit {
                assert!(step > 10, "{step}");
                break;
            }
            step += 1;
        }
    }
}

#[test]
fn an_interrupted_first_commit_is_no_damage() {
    let mut step = 0;
    loop {
        let root = tempfile::tempdir().unwrap();
        let guard = FailFrom::new(root.path(), step);
        let _ = publish(root.path(), &file(0), Some(0), &keep(9));
        let hit = guard.hit();
        drop(guard);
        if let Ok(track) = History::read(root.path()).and_then(|history| history.track("primary")) {
            assert_eq!(track.damage(), [], "{step}");
        }
        let history = History::open(root.path()).unwrap();
        assert_eq!(history.track("primary").unwrap().damage(), [], "{step}");
        if !hit {
            assert!(step > 10, "{step}");
            return;
        }
        step += 1;
    }
}

#[test]
fn superseded_packs_are_removed() {
    let root = published(2);
    let before = everything(root.path());
    fs::write(root.path().join("primary/pack-00000002"), "of an interrupted commit").unwrap();
    let history = History::open(root.path()).unwrap();
    history.track("primary").unwrap();
    drop(history);
    let names = |seen: &std::collections::BTreeMap<_, _>| seen.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&everything(root.path())), names(&before));
}

#[test]
fn what_cannot_be_read_is_an_error_that_names_it_and_no_damage() {
    for name in ["primary/index", "primary/pack-00000001"] {
        let root = published(2);
        let path = root.path().join(name);
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let reading = History::read(root.path()).unwrap().track("primary").unwrap_err();
        let changing = History::open(root.path()).and_then(|h| h.track("primary").map(|_| ())).unwrap_err();
        for error in [reading, changing] {
            assert!(matches!(error, Error::File(_)), "{error:?}");
            assert!(error.to_string().contains(&format!("`{}`", path.display())), "{error}");
        }
    }
}
