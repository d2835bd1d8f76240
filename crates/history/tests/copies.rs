//! A private copy of a history does what the history would do, says the same, and
//! leaves the history as it is.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use common::{everything, file, given_back, keep, publish};
use history::steps::KeptStep;
use history::{Error, History, Track};

/// A history with steps and a ledger.
fn published(generations: u32) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for n in 0..generations {
        publish(root.path(), &file(n), Some(u64::from(n)), &keep(9)).unwrap();
    }
    let history = History::open(root.path()).unwrap();
    let step = KeptStep::default();
    history.steps().unwrap().put(([1; 32], [2; 32]), &step).unwrap();
    history.dir().write("ledger.json", b"{}").unwrap();
    root
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A change to a history.
type Harm = fn(&Path);

/// What a run does to a history: everything that leads to a change of files.
fn change(history: &History) -> Result<Track, Error> {
    let mut track = history.track("primary")?;
    track.verify()?;
    common::record(&mut track, &file(20), Some(20))?;
    if track.generations().len() > 1 {
        track.drop_generation(1);
    }
    track.commit(&keep(2))?;
    let mut steps = history.steps()?;
    steps.put(([3; 32], [4; 32]), &KeptStep::default())?;
    steps.keep_only(&[([3; 32], [4; 32])].into())?;
    let mut other = history.track("other")?;
    common::record(&mut other, &file(1), Some(1))?;
    other.commit(&keep(2))?;
    history.dir().write("ledger.json", b"{ }").map_err(Error::File)?;
    Ok(track)
}

/// Paths and contents, without the lock and times.
fn contents(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let seen = everything(root).into_iter().filter(|(path, _)| path != Path::new("lock"));
    seen.map(|(path, seen)| (path, seen.3)).collect()
}

/// Changes a copy and then the original: the same comes of it, and of the first the
/// original shows nothing.
fn assert_same(root: &Path) -> (String, String) {
    let before = everything(root);
    let scratch = scratch();
    let history = History::open_copy(root, scratch.path()).unwrap();
    let said = |result: &Result<Track, Error>| match result {
        Ok(track) => format!("{} {:?} {:?}", track.path().display(), track.damage(), track.generations()),
        Err(error) => error.to_string(),
    };
    let of_copy = said(&change(&history));
    drop(history);
    assert_eq!(everything(root), before);
    let of_original = said(&change(&History::open(root).unwrap()));
    assert_eq!(contents(scratch.path()), contents(root));
    assert_eq!(of_copy, of_original);
    (of_copy, of_original)
}

#[test]
fn the_same_comes_of_a_copy_and_the_original_shows_nothing() {
    let root = published(4);
    fs::write(root.path().join("primary/pack-00000077"), "of an interrupted commit").unwrap();
    fs::write(root.path().join(".createrepo-delta.new.left"), "left").unwrap();
    fs::write(root.path().join("primary/.createrepo-delta.new.left"), "left").unwrap();
    assert_same(root.path());
}

#[test]
fn a_damaged_history_is_damaged_alike_in_its_copy() {
    let harms: [Harm; 6] = [
        |root| fs::remove_file(root.join("primary/index")).unwrap(),
        |root| fs::write(root.join("primary/index"), "damage").unwrap(),
        |root| fs::remove_file(root.join("primary/pack-00000002")).unwrap(),
        |root| {
            fs::remove_file(root.join("primary/pack-00000001")).unwrap();
            fs::write(root.join("primary/pack-00000001"), "damage").unwrap();
        },
        |root| fs::write(root.join("primary/aside-1-index"), "of old").unwrap(),
        |root| fs::remove_dir_all(root.join("primary")).unwrap(),
    ];
    for harm in harms {
        let root = published(4);
        harm(root.path());
        assert_same(root.path());
    }
}

#[test]
fn files_are_links_and_never_written_to() {
    use std::os::unix::fs::MetadataExt;
    let root = published(2);
    let scratch = scratch();
    let history = History::open_copy(root.path(), scratch.path()).unwrap();
    let inode = |root: &Path, name: &str| fs::metadata(root.join(name)).unwrap().ino();
    for name in ["primary/index", "primary/pack-00000000", "primary/pack-00000001"] {
        assert_eq!(inode(root.path(), name), inode(scratch.path(), name), "{name}");
    }
    assert_ne!(inode(root.path(), "ledger.json"), inode(scratch.path(), "ledger.json"));
    assert_eq!(fs::read(scratch.path().join("ledger.json")).unwrap(), b"{}");
    assert!(!history.is_new());
}

#[test]
fn the_lock_is_taken_kept_and_not_written_to() {
    let root = published(1);
    let held = History::open(root.path()).unwrap();
    let of_open = History::open(root.path()).unwrap_err();
    let of_copy = History::open_copy(root.path(), scratch().path()).unwrap_err();
    assert!(of_copy.is_locked());
    assert_eq!(of_copy.to_string(), of_open.to_string());
    drop(held);
    let scratch = scratch();
    let copy = History::open_copy(root.path(), scratch.path()).unwrap();
    assert!(History::open(root.path()).unwrap_err().is_locked());
    drop(copy);
    // Without a lock file there is nobody to wait for, and none is made.
    fs::remove_file(root.path().join("lock")).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let copy = History::open_copy(root.path(), scratch.path()).unwrap();
    assert_eq!(copy.types().unwrap(), ["primary"]);
    assert!(!root.path().join("lock").exists());
}

#[test]
fn where_there_is_no_history_the_copy_is_a_new_one() {
    let parent = tempfile::tempdir().unwrap();
    let empty = parent.path().join("empty");
    fs::create_dir_all(empty.join("lost+found")).unwrap();
    for path in [parent.path().join("a/b"), empty] {
        let before = everything(parent.path());
        let scratch = scratch();
        let copy = History::open_copy(&path, scratch.path()).unwrap();
        assert!(copy.is_new());
        assert_eq!(copy.dir().path(), path);
        let track = change_new(&copy);
        assert_eq!(track.path(), path.join("primary"));
        assert_eq!(given_back(&track, 0), file(0));
        drop(copy);
        assert_eq!(everything(parent.path()), before);
        change_new(&History::open(&path).unwrap());
        let without = |root: &Path| {
            contents(root).into_iter().filter(|(p, _)| !p.ends_with("lost+found")).collect::<Vec<_>>()
        };
        assert_eq!(without(scratch.path()), without(&path));
    }
}

fn change_new(history: &History) -> Track {
    let mut track = history.track("primary").unwrap();
    common::record(&mut track, &file(0), Some(1)).unwrap();
    track.commit(&keep(2)).unwrap();
    track
}

#[test]
fn errors_are_those_of_the_original() {
    let cases: [(&str, Harm); 6] = [
        ("", |root| fs::write(root.join("format"), "something else\n").unwrap()),
        ("", |root| fs::write(root.join("format"), "createrepo-delta history 2\n").unwrap()),
        ("", |root| fs::write(root.join("primary/index"), "createrepo-delta history index 2\n").unwrap()),
        ("", |root| {
            fs::remove_file(root.join("format")).unwrap();
        }),
        ("ledger.json", |_| {}),
        ("ledger.json/below", |_| {}),
    ];
    for (below, harm) in cases {
        let root = published(1);
        harm(root.path());
        let path = root.path().join(below);
        let before = everything(root.path());
        let of_copy = History::open_copy(&path, scratch().path()).unwrap_err();
        assert_eq!(everything(root.path()), before);
        let of_open = History::open(&path).unwrap_err();
        assert_eq!(of_copy.to_string(), of_open.to_string());
        assert!(of_copy.to_string().contains(&root.path().display().to_string()));
    }
}

#[test]
fn where_nothing_may_be_written_the_error_is_that_of_a_run() {
    let parent = tempfile::tempdir().unwrap();
    fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let path = parent.path().join("history");
    let of_copy = History::open_copy(&path, scratch().path()).map(drop).map_err(|e| e.to_string());
    let of_open = History::open(&path).map(drop).map_err(|e| e.to_string());
    assert_eq!(of_copy, of_open);
    assert_eq!(of_open.is_ok(), may_do_everything());
}

fn may_do_everything() -> bool {
    let probe = tempfile::tempdir().unwrap();
    fs::set_permissions(probe.path(), fs::Permissions::from_mode(0o555)).unwrap();
    fs::write(probe.path().join("probe"), "").is_ok()
}
