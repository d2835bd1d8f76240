//! Names never lead out of the directory, and only what is expected is opened.
#![allow(clippy::unwrap_used, reason = "helpers of tests may")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use durable::{Dir, Error, Kind};

const TEMP_PREFIX: &str = Dir::DEFAULT_TEMP_PREFIX;

fn setup() -> (tempfile::TempDir, Dir) {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    (temp, dir)
}

fn put(path: impl AsRef<Path>, bytes: &[u8]) {
    use std::io::Write as _;
    fs::File::create(path).unwrap().write_all(bytes).unwrap();
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn names_that_are_not_one_component_are_refused() {
    let (_temp, dir) = setup();
    for name in ["", ".", "..", "a/b", "/etc/passwd", "../x", "a\0b", "a/"] {
        let refusals = [
            dir.child(name).err(),
            dir.create_child(name).err(),
            dir.open_file(name).err(),
            dir.read(name, 1).err(),
            dir.len(name).err(),
            dir.create_new(name).err(),
            dir.write(name, b"").err(),
            dir.remove(name).err(),
            dir.remove_child(name).err(),
            dir.lock(name).err(),
        ];
        for refusal in refusals {
            assert!(matches!(refusal, Some(Error::BadName { .. })), "{name:?}: {refusal:?}");
        }
        assert_eq!(dir.lock_holder(name), None);
    }
    assert!(matches!(dir.write(&format!("{TEMP_PREFIX}a"), b""), Err(Error::BadName { .. })));
    assert!(dir.entries().unwrap().is_empty());
}

#[test]
fn symlinks_below_the_top_are_refused() {
    let (temp, dir) = setup();
    fs::create_dir(temp.path().join("real")).unwrap();
    put(temp.path().join("real/file"), b"x");
    symlink("real", temp.path().join("link")).unwrap();
    symlink("real/file", temp.path().join("filelink")).unwrap();
    symlink("nowhere", temp.path().join("dangling")).unwrap();

    for name in ["filelink", "dangling"] {
        let errors =
            [dir.open_file(name).err(), dir.len(name).err(), dir.read(name, 9).err(), dir.lock(name).err()];
        for error in errors {
            assert!(
                matches!(error, Some(Error::WrongKind { found: Kind::Symlink, .. })),
                "{name}: {error:?}"
            );
        }
    }
    let errors = [dir.child("link").err(), dir.create_child("link").err(), dir.remove_child("link").err()];
    for error in errors {
        assert_eq!(
            error.unwrap().to_string(),
            format!("`{}` is a symlink, not a directory", temp.path().join("link").display())
        );
    }
    // The top itself may be a symlink.
    let top = Dir::open(&temp.path().join("link")).unwrap();
    assert_eq!(top.len("file").unwrap(), Some(1));
}

#[test]
fn only_regular_files_are_opened_and_a_fifo_does_not_hang() {
    let (temp, dir) = setup();
    fifo(&temp.path().join("fifo"));
    fs::create_dir(temp.path().join("sub")).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(temp.path().join("socket")).unwrap();
    for (name, kind) in [("fifo", Kind::Pipe), ("socket", Kind::Socket), ("sub", Kind::Dir)] {
        for error in [dir.open_file(name).err(), dir.len(name).err()] {
            assert!(
                matches!(&error, Some(Error::WrongKind { found, .. }) if *found == kind),
                "{name}: {error:?}"
            );
        }
    }
    assert!(dir.lock("fifo").is_err());
    assert!(dir.open_file("absent").unwrap().is_none());
    assert_eq!(dir.len("absent").unwrap(), None);
    assert!(dir.child("absent").unwrap().is_none());
    drop(socket);
}

#[test]
fn reading_is_capped_and_the_error_names_both_numbers() {
    let (temp, dir) = setup();
    put(temp.path().join("file"), b"12345");
    assert_eq!(dir.read("file", 5).unwrap().unwrap(), b"12345");
    assert_eq!(dir.read("file", u64::MAX).unwrap().unwrap(), b"12345");
    assert_eq!(dir.read("absent", 5).unwrap(), None);
    assert_eq!(
        dir.read("file", 4).unwrap_err().to_string(),
        format!("`{}` has 5 bytes, more than the limit of 4", temp.path().join("file").display())
    );
}

#[test]
fn entries_are_sorted_with_kind_and_size() {
    use std::os::unix::ffi::OsStrExt as _;

    let (temp, dir) = setup();
    put(temp.path().join("b"), b"123");
    put(temp.path().join("a"), b"");
    fs::create_dir(temp.path().join("c")).unwrap();
    symlink("b", temp.path().join("d")).unwrap();
    fifo(&temp.path().join("e"));
    put(temp.path().join(std::ffi::OsStr::from_bytes(b"not utf-8 \xff")), b"");
    let found: Vec<_> =
        dir.entries().unwrap().into_iter().map(|entry| (entry.name, entry.kind, entry.len)).collect();
    let expected = [
        ("a", Kind::File, 0),
        ("b", Kind::File, 3),
        ("c", Kind::Dir, 0),
        ("d", Kind::Symlink, 0),
        ("e", Kind::Pipe, 0),
    ];
    assert_eq!(found, expected.map(|(n, k, l)| (n.to_owned(), k, l)));
    // The handle can be listed again.
    assert_eq!(dir.entries().unwrap().len(), 5);
}

#[test]
fn create_makes_parents_and_accepts_existing_directories() {
    let (temp, dir) = setup();
    let path = temp.path().join("a/b/c");
    let made = Dir::create(&path).unwrap();
    assert_eq!(made.path(), path);
    assert!(made.is_still_at(&path).unwrap());
    Dir::create(&path).unwrap();
    let child = dir.create_child("a").unwrap().create_child("new").unwrap();
    assert!(child.is_still_at(&temp.path().join("a/new")).unwrap());

    put(temp.path().join("file"), b"");
    assert!(Dir::create(&temp.path().join("file")).is_err());
    assert!(Dir::create(&temp.path().join("file/below")).is_err());
    assert!(Dir::create(Path::new("")).is_err());
    assert!(matches!(dir.create_child("file"), Err(Error::WrongKind { .. })));
    let error = Dir::open(&temp.path().join("absent")).unwrap_err();
    assert!(error.is_not_found() && !error.is_no_space());
}

#[test]
fn a_directory_that_was_swapped_is_noticed() {
    let (temp, _dir) = setup();
    let path = temp.path().join("repodata");
    let dir = Dir::create(&path).unwrap();
    assert!(dir.is_still_at(&path).unwrap());
    symlink("repodata", temp.path().join("link")).unwrap();
    assert!(dir.is_still_at(&temp.path().join("link")).unwrap());

    let aside = temp.path().join("old");
    assert!(Command::new("mv").args([&path, &aside]).status().unwrap().success());
    assert!(!dir.is_still_at(&path).unwrap());
    fs::create_dir(&path).unwrap();
    assert!(!dir.is_still_at(&path).unwrap());
    assert!(dir.is_still_at(&aside).unwrap());
    // Writes follow the handle, not the path.
    dir.write("file", b"x").unwrap();
    assert!(aside.join("file").exists() && !path.join("file").exists());
}

#[test]
fn removal_takes_the_tree_but_never_follows_a_symlink() {
    let (temp, dir) = setup();
    put(temp.path().join("precious"), b"x");
    fs::create_dir_all(temp.path().join("tree/a/b")).unwrap();
    put(temp.path().join("tree/a/b/file"), b"x");
    symlink("../..", temp.path().join("tree/a/up")).unwrap();
    symlink("../precious", temp.path().join("tree/link")).unwrap();
    fifo(&temp.path().join("tree/fifo"));

    assert!(matches!(dir.remove("tree"), Err(Error::WrongKind { .. })));
    assert!(dir.remove_child("precious").is_err());
    assert!(dir.remove_child("tree").unwrap());
    assert!(!dir.remove_child("tree").unwrap());
    assert_eq!(dir.len("precious").unwrap(), Some(1));

    symlink("precious", temp.path().join("link")).unwrap();
    assert!(dir.remove("link").unwrap());
    assert!(!dir.remove("link").unwrap());
    assert!(dir.remove("precious").unwrap());
    assert!(dir.entries().unwrap().is_empty());
}

#[test]
fn a_very_deep_tree_is_refused_not_overflowed() {
    let (temp, dir) = setup();
    let mut path = temp.path().to_path_buf();
    for _ in 0..40 {
        path.push("d");
    }
    fs::create_dir_all(&path).unwrap();
    assert!(matches!(dir.remove_child("d"), Err(Error::TooDeep { .. })));
}
