//! A local directory as a source, and what must not lead out of it.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use delta_client::transport::TransportErrorKind as Kind;
use delta_client::transport::{DirectoryTransport, Request, Response, Transport, Validators};

use super::{PATH, body, fetch, location, put, read};

fn directory() -> (tempfile::TempDir, DirectoryTransport) {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), PATH, b"content");
    let transport = DirectoryTransport::open(dir.path()).unwrap();
    (dir, transport)
}

#[test]
fn files_are_read_with_their_length() {
    let (dir, transport) = directory();
    let location = location(PATH);
    let body = body(transport.get(&Request::new(&location)).unwrap());
    assert_eq!((body.length, body.validators.clone()), (Some(7), Validators::default()));
    assert_eq!(read(Response::Body(body)).unwrap(), b"content");
    assert_eq!(transport.name(), dir.path().display().to_string());
    let error = transport.get(&Request::new(&location).with_max_bytes(6)).unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge);
}

#[test]
fn what_is_absent_is_named() {
    let (dir, transport) = directory();
    let error = fetch(&transport, "repodata/b.xml").unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    let start = format!("cannot fetch `{}/repodata/b.xml`: ", dir.path().display());
    assert!(error.to_string().starts_with(&start), "{error}");
    assert_eq!(fetch(&transport, "repodata/a.xml/x").unwrap_err().kind(), Kind::NotFound);
    let error = DirectoryTransport::open(&dir.path().join("absent")).unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(DirectoryTransport::open(&dir.path().join(PATH)).is_err());
}

#[test]
fn symlinks_are_followed_within_and_never_out() {
    let (dir, transport) = directory();
    let outside = tempfile::tempdir().unwrap();
    put(outside.path(), "secret", b"secret");
    symlink("a.xml", dir.path().join("repodata/inside.xml")).unwrap();
    symlink("../repodata", dir.path().join("repodata/again")).unwrap();
    assert_eq!(fetch(&transport, "repodata/inside.xml").unwrap(), b"content");
    assert_eq!(fetch(&transport, "repodata/again/a.xml").unwrap(), b"content");

    symlink(outside.path().join("secret"), dir.path().join("repodata/absolute.xml")).unwrap();
    let up = format!("../../{}/secret", outside.path().file_name().unwrap().to_str().unwrap());
    symlink(up, dir.path().join("repodata/relative.xml")).unwrap();
    symlink(outside.path(), dir.path().join("out")).unwrap();
    symlink("loop.xml", dir.path().join("repodata/loop.xml")).unwrap();
    for path in ["repodata/absolute.xml", "repodata/relative.xml", "out/secret", "repodata/loop.xml"] {
        let error = fetch(&transport, path).unwrap_err();
        assert_eq!(error.kind(), Kind::Denied, "{error}");
        assert!(error.to_string().contains("a symlink that "), "{error}");
    }
}

#[test]
fn only_regular_files_are_read_and_nothing_is_waited_for() {
    let (dir, transport) = directory();
    let fifo = dir.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let _socket = UnixListener::bind(dir.path().join("socket")).unwrap();
    for path in ["fifo", "socket", "repodata"] {
        assert!(fetch(&transport, path).is_err(), "{path}");
    }
}

#[test]
fn percent_escapes_are_tried_as_written_and_then_decoded() {
    let (dir, transport) = directory();
    put(dir.path(), "repodata/c d.xml", b"decoded");
    assert_eq!(fetch(&transport, "repodata/c%20d.xml").unwrap(), b"decoded");
    put(dir.path(), "repodata/c%20d.xml", b"as written");
    assert_eq!(fetch(&transport, "repodata/c%20d.xml").unwrap(), b"as written");
}

#[test]
fn a_directory_that_is_moved_is_still_the_source() {
    let parent = tempfile::tempdir().unwrap();
    put(parent.path(), "old/repodata/a.xml", b"content");
    let transport = DirectoryTransport::open(&parent.path().join("old")).unwrap();
    std::fs::rename(parent.path().join("old"), parent.path().join("new")).unwrap();
    assert_eq!(fetch(&transport, PATH).unwrap(), b"content");
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_an_interruption() {
    let (dir, transport) = directory();
    let opened = transport.get(&Request::new(&location(PATH))).unwrap();
    std::fs::File::options().write(true).open(dir.path().join(PATH)).unwrap().set_len(3).unwrap();
    assert_eq!(read(opened).unwrap_err().kind(), Kind::Interrupted);
}
