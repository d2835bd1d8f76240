//! What a newer version wrote is left as it is, in every format of this crate.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{everything, file, keep, publish};
use history::steps::KeptStep;
use history::{Error, History};
use sha2::{Digest, Sha256};

/// How the files begin that say their version.
const LINE: &[u8] = b"createrepo-delta history";
const DIGEST: usize = 32;

/// A history with two tracks, steps, and what an interrupted process left.
fn history() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for n in 0..2 {
        publish(root.path(), &file(n), Some(u64::from(n)), &keep(9)).unwrap();
    }
    let history = History::open(root.path()).unwrap();
    let mut other = history.track("other").unwrap();
    common::record(&mut other, &file(7), Some(7)).unwrap();
    other.commit(&keep(9)).unwrap();
    history.steps().unwrap().put(([1; 32], [2; 32]), &KeptStep::default()).unwrap();
    drop(history);
    for name in ["", "primary/", "steps/", "other/"] {
        fs::write(root.path().join(format!("{name}.createrepo-delta.new.left")), "left").unwrap();
    }
    fs::write(root.path().join("primary/pack-00000077"), "left").unwrap();
    fs::write(root.path().join("lock"), "1\n").unwrap();
    root
}

/// The files that say their version.
fn versioned(root: &Path) -> Vec<PathBuf> {
    let files = everything(root).into_iter().filter(|(_, seen)| seen.3.starts_with(LINE));
    files.map(|(path, _)| path).collect()
}

/// The file with its version raised by `more`, its digest right or as it was.
fn raised(bytes: &[u8], more: u8, digest: bool) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let end = bytes.iter().position(|b| *b == b'\n').unwrap();
    bytes[end - 1] += more;
    if digest && bytes.len() > 2 * DIGEST {
        bytes.truncate(bytes.len() - DIGEST);
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
    }
    bytes
}

#[test]
fn every_file_but_packs_and_lock_says_its_version() {
    let root = history();
    for (path, seen) in everything(root.path()) {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let is_file = root.path().join(&path).is_file();
        let expected = is_file && !name.starts_with("pack-") && !name.starts_with('.') && name != "lock";
        assert_eq!(seen.3.starts_with(LINE), expected, "{}", path.display());
    }
}

#[test]
fn what_a_newer_version_wrote_is_left_as_it_is() {
    let files = versioned(history().path());
    assert_eq!(files.len(), 4, "{files:?}");
    for (name, more, digest) in
        files.iter().flat_map(|name| [(name, 1, true), (name, 1, false), (name, 8, false)])
    {
        let root = history();
        let path = root.path().join(name);
        fs::write(&path, raised(&fs::read(&path).unwrap(), more, digest)).unwrap();
        let before = everything(root.path());
        let assert_refused = |result: Result<(), Error>| {
            let error = result.unwrap_err();
            assert!(matches!(&error, Error::Newer { path: found, .. } if *found == path), "{error:?}");
        };
        assert_refused(History::open(root.path()).map(drop));
        assert_refused(publish(root.path(), &file(5), Some(5), &keep(1)));
        assert_refused(load_all(root.path()));
        assert_eq!(everything(root.path()), before, "{}", name.display());
    }
}

/// Loads all tracks for reading, and all steps.
fn load_all(root: &Path) -> Result<(), Error> {
    let history = History::read(root)?;
    for data_type in history.types()? {
        history.track(&data_type)?;
    }
    let steps = history.steps()?;
    steps.keys().try_for_each(|key| steps.get(key).map(drop))
}

#[test]
fn a_lock_that_is_held_does_not_hide_a_newer_version() {
    let root = history();
    let held = History::open(root.path()).unwrap();
    let index = root.path().join("other/index");
    fs::write(&index, raised(&fs::read(&index).unwrap(), 1, true)).unwrap();
    assert!(matches!(History::open(root.path()), Err(Error::Newer { .. })));
    drop(held);
}
