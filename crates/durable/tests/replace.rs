//! A file is replaced as a whole or not at all.
#![allow(clippy::unwrap_used, reason = "helpers of tests may")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt, symlink};
use std::path::Path;

use durable::{Dir, Error};

const TEMP_PREFIX: &str = Dir::DEFAULT_TEMP_PREFIX;

fn setup() -> (tempfile::TempDir, Dir) {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    (temp, dir)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn names(dir: &Dir) -> Vec<String> {
    dir.entries().unwrap().into_iter().map(|entry| entry.name).collect()
}

#[test]
fn temporary_names_begin_as_the_caller_says() {
    let temp = tempfile::tempdir().unwrap();
    let other = Dir::open(temp.path()).unwrap();
    let dir = other.clone().with_temp_prefix(".mine.").create_child("sub").unwrap();
    let pending = dir.create_new("file").unwrap();
    assert_eq!(pending.path(), temp.path().join("sub/.mine.file"));
    assert!(matches!(dir.write(".mine.x", b""), Err(Error::BadName { .. })));
    assert_eq!(other.child("sub").unwrap().unwrap().remove_leftovers().unwrap(), [""; 0]);
    assert_eq!(dir.remove_leftovers().unwrap(), [".mine.file"]);
}

#[test]
fn a_file_appears_under_its_final_name_on_commit_only() {
    let (temp, dir) = setup();
    let mut pending = dir.create_new("file").unwrap();
    assert_eq!(pending.path(), temp.path().join(format!("{TEMP_PREFIX}file")));
    pending.write_all(b"hello ").unwrap();
    pending.write_all(&vec![b'x'; 300_000]).unwrap();
    pending.write_all(b"end").unwrap();
    assert_eq!(dir.len("file").unwrap(), None);
    let sealed = pending.seal().unwrap();
    assert_eq!(dir.len("file").unwrap(), None);
    assert_eq!(fs::metadata(sealed.path()).unwrap().len(), 300_009);
    sealed.publish().unwrap();
    let bytes = dir.read("file", u64::MAX).unwrap().unwrap();
    assert!(bytes.starts_with(b"hello xx") && bytes.ends_with(b"xxend"));
    assert_eq!(names(&dir), ["file"]);
}

#[test]
fn an_open_reader_keeps_the_old_content() {
    let (_temp, dir) = setup();
    dir.write("file", b"old").unwrap();
    let mut reader = dir.open_file("file").unwrap().unwrap();
    dir.write("file", b"new").unwrap();
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "old");
    assert_eq!(dir.read("file", 9).unwrap().unwrap(), b"new");
}

#[test]
fn what_is_not_committed_leaves_nothing_behind() {
    let (_temp, dir) = setup();
    dir.write("file", b"old").unwrap();
    let mut pending = dir.create_new("file").unwrap();
    pending.write_all(b"new").unwrap();
    drop(pending);
    drop(dir.create_new("file").unwrap().seal().unwrap());
    assert_eq!(names(&dir), ["file"]);
    assert_eq!(dir.read("file", 9).unwrap().unwrap(), b"old");
}

#[test]
fn the_permission_bits_of_a_replaced_file_are_kept() {
    let (temp, dir) = setup();
    let path = temp.path().join("repomd.xml");
    for bits in [0o664, 0o600, 0o444] {
        dir.write("repomd.xml", b"old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(bits)).unwrap();
        dir.write("repomd.xml", b"new").unwrap();
        assert_eq!(mode(&path), bits);
    }
    // A new file gets what any program would give it.
    fs::File::create(temp.path().join("plain")).unwrap();
    dir.write("new", b"").unwrap();
    assert_eq!(mode(&temp.path().join("new")), mode(&temp.path().join("plain")));
}

#[test]
fn a_symlink_is_replaced_not_followed() {
    let (temp, dir) = setup();
    dir.write("target", b"target").unwrap();
    symlink("target", temp.path().join("link")).unwrap();
    dir.write("link", b"new").unwrap();
    assert_eq!(dir.read("target", 9).unwrap().unwrap(), b"target");
    assert_eq!(dir.read("link", 9).unwrap().unwrap(), b"new");

    // Nor is one in the place of the temporary file.
    symlink("target", temp.path().join(format!("{TEMP_PREFIX}file"))).unwrap();
    dir.write("file", b"new").unwrap();
    assert_eq!(dir.read("target", 9).unwrap().unwrap(), b"target");
}

#[test]
fn what_is_no_directory_is_removed() {
    let (temp, dir) = setup();
    fs::create_dir(temp.path().join("dir")).unwrap();
    std::os::unix::fs::symlink("dir", temp.path().join("link")).unwrap();
    fs::File::create(temp.path().join("file")).unwrap();
    for (name, is_removed) in [("link", true), ("file", true), ("dir", false), ("none", false)] {
        assert_eq!(dir.remove_unless_dir(name).unwrap(), is_removed, "{name}");
    }
    assert_eq!(names(&dir), ["dir"]);
}

#[test]
fn leftovers_are_replaced_or_removed() {
    let (temp, dir) = setup();
    let leftover = |name: &str| {
        let path = temp.path().join(format!("{TEMP_PREFIX}{name}"));
        fs::File::create(path).unwrap().write_all(b"half, and long").unwrap();
    };
    leftover("a");
    dir.write("a", b"whole").unwrap();
    assert_eq!(dir.read("a", 9).unwrap().unwrap(), b"whole");

    leftover("c");
    leftover("b");
    fs::create_dir(temp.path().join(format!("{TEMP_PREFIX}dir"))).unwrap();
    let expected = ["b", "c"].map(|name| format!("{TEMP_PREFIX}{name}"));
    assert_eq!(dir.remove_leftovers().unwrap(), expected);
    assert_eq!(dir.remove_leftovers().unwrap(), [""; 0]);
    assert_eq!(names(&dir), [&format!("{TEMP_PREFIX}dir"), "a"]);
    assert!(matches!(dir.create_new("dir"), Err(Error::WrongKind { .. })));
}

#[test]
fn a_writer_that_lost_its_file_does_not_publish_the_other_ones() {
    let (_temp, dir) = setup();
    let mut first = dir.create_new("file").unwrap();
    first.write_all(b"first").unwrap();
    let mut second = dir.create_new("file").unwrap();
    second.write_all(b"second").unwrap();
    assert!(matches!(first.commit(), Err(Error::Replaced { .. })));
    second.commit().unwrap();
    assert_eq!(dir.read("file", 9).unwrap().unwrap(), b"second");
}

#[test]
fn a_directory_of_the_final_name_is_an_error_that_names_both() {
    let (temp, dir) = setup();
    dir.create_child("sub").unwrap();
    let error = dir.write("sub", b"").unwrap_err();
    let (from, to) = (temp.path().join(format!("{TEMP_PREFIX}sub")), temp.path().join("sub"));
    let start = format!("cannot rename `{}` to `{}`: ", from.display(), to.display());
    assert!(error.to_string().starts_with(&start), "{error}");
    assert_eq!(names(&dir), ["sub"]);
}

#[test]
fn an_error_from_write_is_recovered_with_its_path() {
    let (_temp, dir) = setup();
    let plain = std::io::Error::from(std::io::ErrorKind::StorageFull);
    let error = Error::from_io(plain, &dir.path().join("x"));
    assert!(error.is_no_space());
    assert!(error.to_string().starts_with("cannot write to `"));
}

/// With permissions that the umask would not allow, and, for root, an owner.
#[test]
fn a_file_created_like_another_one_has_its_attributes() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    dir.write("model", b"").unwrap();
    let model = temp.path().join("model");
    let is_root = rustix::process::geteuid().is_root();
    if is_root {
        std::os::unix::fs::chown(&model, Some(65534), Some(65534)).unwrap();
    }
    for mode in [0o666, 0o640, 0o4755] {
        fs::set_permissions(&model, PermissionsExt::from_mode(mode)).unwrap();
        let attributes = dir.attributes_of("model").unwrap().unwrap();
        dir.write_like("new", b"new", &attributes).unwrap();
        let new = fs::metadata(temp.path().join("new")).unwrap();
        assert_eq!(new.permissions().mode() & 0o7777, mode & 0o777);
        assert_eq!(new.uid() == 65534, is_root);
        // An older file of the name does not count.
        fs::set_permissions(temp.path().join("new"), PermissionsExt::from_mode(0o600)).unwrap();
    }
}

#[test]
fn nobody_else_reads_a_file_before_it_has_the_mode_of_the_other_one() {
    let temp = tempfile::tempdir().unwrap();
    let dir = Dir::open(temp.path()).unwrap();
    dir.write("model", b"").unwrap();
    let attributes = dir.attributes_of("model").unwrap().unwrap();
    let pending = dir.create_like("new", &attributes).unwrap();
    assert_eq!(fs::metadata(pending.path()).unwrap().permissions().mode() & 0o777, 0o600);
}
