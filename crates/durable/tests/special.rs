//! Files that a person names: only regular files are replaced, anything else is written
//! to or read.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "helpers of tests may")]

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use durable::streams::{Input, Output};
use durable::{Dir, Error, Kind};
use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};

const PREFIX: &str = Dir::DEFAULT_TEMP_PREFIX;

fn place() -> (tempfile::TempDir, PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("x");
    (temp, path)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut output = Output::open(path, PREFIX)?;
    output.write_all(bytes).unwrap();
    assert_eq!(output.written(), bytes.len() as u64);
    output.commit()
}

fn all_of(input: &Input) -> String {
    let mut text = String::new();
    input.reader().read_to_string(&mut text).unwrap();
    text
}

/// Everything in /dev that is no directory, as it is now.
fn devices() -> Vec<(PathBuf, u64, u64, u32)> {
    let mut found: Vec<_> = fs::read_dir("/dev")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let now = path.symlink_metadata().unwrap();
            (path, now.ino(), now.rdev(), now.mode())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn files_appear_and_are_replaced_only_when_they_are_committed() {
    let (temp, path) = place();
    put(&path, b"one").unwrap();
    let before = fs::metadata(&path).unwrap().ino();
    let mut output = Output::open(&path, PREFIX).unwrap();
    output.write_all(b"tw").unwrap();
    drop(output);
    assert_eq!(fs::read(&path).unwrap(), b"one");
    fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    put(&path, b"two").unwrap();
    let now = fs::metadata(&path).unwrap();
    assert_eq!((fs::read(&path).unwrap(), now.mode() & 0o777), (b"two".to_vec(), 0o640));
    assert_ne!(now.ino(), before, "written in place");
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 1);
}

#[test]
fn a_link_stays_and_what_it_leads_to_is_replaced() {
    let (temp, path) = place();
    let sub = temp.path().join("sub");
    fs::create_dir(&sub).unwrap();
    fs::write(sub.join("target"), b"one").unwrap();
    symlink("sub/target", temp.path().join("between")).unwrap();
    symlink("between", &path).unwrap();
    put(&path, b"two").unwrap();
    assert!(path.symlink_metadata().unwrap().is_symlink());
    assert_eq!(fs::read(sub.join("target")).unwrap(), b"two");
    assert!(!sub.join("target").symlink_metadata().unwrap().is_symlink());

    fs::remove_file(sub.join("target")).unwrap();
    put(&path, b"three").unwrap();
    assert_eq!(fs::read(sub.join("target")).unwrap(), b"three");
    symlink("round", temp.path().join("round")).unwrap();
    let error = put(&temp.path().join("round"), b"").unwrap_err();
    assert!(error.to_string().contains("round"), "{error}");
}

#[test]
fn a_pipe_gets_the_bytes_when_all_are_there() {
    let (_temp, path) = place();
    mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    let reader = {
        let path = path.clone();
        thread::spawn(move || fs::read(path).unwrap())
    };
    let bytes = b"0123456789".repeat(100_000);
    put(&path, &bytes).unwrap();
    assert!(reader.join().unwrap() == bytes);

    let reader = {
        let path = path.clone();
        thread::spawn(move || fs::read(path).unwrap())
    };
    let mut given_up = Output::open(&path, PREFIX).unwrap();
    given_up.write_all(&bytes).unwrap();
    drop(given_up);
    assert_eq!(reader.join().unwrap(), b"");
    assert!(path.symlink_metadata().unwrap().file_type().is_fifo());
}

#[test]
fn nothing_in_dev_is_ever_replaced() {
    let before = devices();
    put(Path::new("/dev/null"), b"x").unwrap();
    let error = put(Path::new("/dev/full"), b"x").unwrap_err();
    assert!(matches!(error, Error::Stream { .. }) && !error.is_no_space(), "{error}");
    assert!(error.to_string().starts_with("cannot write to `/dev/full`: "), "{error}");
    put(Path::new("/dev/stderr"), b"").unwrap();
    put(Path::new("/dev/stdout"), b"").unwrap();
    put(Path::new("/proc/self/fd/1"), b"").unwrap();
    assert_eq!(devices(), before);
}

#[test]
fn a_device_of_any_name_is_written_to() {
    let (temp, path) = place();
    let made = mknodat(CWD, &path, FileType::CharacterDevice, Mode::from_raw_mode(0o666), makedev(1, 3));
    if rustix::process::geteuid().is_root() {
        made.unwrap();
    } else {
        // Others may not make devices; a link to one does as well.
        symlink("/dev/null", &path).unwrap();
    }
    put(&path, b"x").unwrap();
    let link = temp.path().join("link");
    symlink(&path, &link).unwrap();
    put(&link, b"x").unwrap();
    assert!(fs::metadata(&path).unwrap().file_type().is_char_device());
    assert_eq!(all_of(&Input::open(&path).unwrap()), "");
}

#[test]
fn directories_and_sockets_are_told_as_what_they_are() {
    let (temp, path) = place();
    let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let cases = [(path.as_path(), Kind::Socket), (temp.path(), Kind::Dir)];
    for (path, kind) in cases {
        let error = Output::open(path, PREFIX).unwrap_err();
        assert!(matches!(&error, Error::WrongKind { found, .. } if *found == kind), "{error}");
    }
    let error = Input::open(temp.path()).unwrap_err();
    assert!(error.to_string().ends_with(" is a directory, not a regular file"), "{error}");
    let error = Output::open(&temp.path().join("none/x"), PREFIX).unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert!(Input::open(&temp.path().join("none")).unwrap_err().is_not_found());
}

#[test]
fn standard_output_is_known_under_every_name() {
    let (_temp, path) = place();
    assert!(Output::is_stdout(Path::new("-")) && Output::is_stdout(Path::new("/dev/stdout")));
    assert!(!Output::is_stdout(&path));
}

#[test]
fn inputs_are_read_from_any_place_and_more_than_once() {
    let (temp, path) = place();
    let fifo = temp.path().join("fifo");
    fs::write(&path, "0123456789").unwrap();
    mknodat(CWD, &fifo, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    let writer = Command::new("sh").args(["-c", "printf 0123456789 > \"$1\"", "sh"]).arg(&fifo).spawn();
    for name in [&path, &fifo] {
        let input = Input::open(name).unwrap();
        assert_eq!((input.path(), input.size().unwrap()), (name.as_path(), 10));
        let mut first = input.reader();
        first.seek(SeekFrom::Start(8)).unwrap();
        assert_eq!((all_of(&input), all_of(&input.clone())), ("0123456789".into(), "0123456789".into()));
        let mut rest = String::new();
        first.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "89");
        assert_eq!(first.seek(SeekFrom::End(-1)).unwrap(), 9);
        assert!(first.seek(SeekFrom::Current(-10)).is_err());
    }
    writer.unwrap().wait().unwrap();
}
