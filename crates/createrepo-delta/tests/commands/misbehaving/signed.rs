//! Signatures: nothing is believed that the keyring does not vouch for, and
//! `upstream/` has exactly what was verified.

use std::fs;
use std::sync::{Arc, Mutex};

use super::case::{Case, expect_paths, try_refusals, warnings};
use crate::server::Reply;
use crate::support::{Key, Ran};

const SIGNATURE: &str = "repodata/repomd.xml.asc";

/// Version 1, signed, is held with a keyring; version 2 is published, not yet
/// signed.
fn behind(key: &Key) -> Case {
    let mut case = Case::new();
    key.sign(&case.bench.repomd());
    update(&case, key).expect(0);
    case.expect_state(1);
    case.publish(2);
    case.server.take_paths();
    case
}

fn update(case: &Case, key: &Key) -> Ran {
    case.update(&["--keyring", key.keyring().to_str().unwrap()])
}

#[test]
fn what_was_verified_is_kept_byte_for_byte() {
    let key = Key::new();
    let case = behind(&key);
    key.sign(&case.bench.repomd());
    let report = update(&case, &key).expect(0).json();
    assert!(report["signed_by"].as_str().is_some_and(|print| print.len() == 40), "{report:#}");
    case.expect_state(2);
    let theirs = fs::read(case.bench.repodata().join("repomd.xml.asc")).unwrap();
    let ours = fs::read(case.documents().join("repomd.xml.asc")).unwrap();
    assert!(theirs == ours);
    assert!(case.fetched().contains(&"repomd.xml.asc".to_owned()));
}

/// Expects that nothing but repomd.xml and its signature is fetched, and
/// nothing changed.
fn refused(case: &Case, key: &Key, says: &str) {
    update(case, key).expect(1).says(&["error: ", says]);
    let fetched = case.fetched();
    assert!(fetched.iter().all(|name| name.starts_with("repomd.xml")), "{fetched:?}");
    case.expect_state(1);
}

#[test]
fn a_missing_signature_is_refused() {
    let key = Key::new();
    refused(&behind(&key), &key, "is not signed");
}

#[test]
fn the_signature_of_an_older_repomd_is_refused() {
    let key = Key::new();
    let mut case = Case::new();
    key.sign(&case.bench.repomd());
    let older = fs::read(case.bench.repodata().join("repomd.xml.asc")).unwrap();
    update(&case, &key).expect(0);
    case.publish(2);
    fs::write(case.bench.repodata().join("repomd.xml.asc"), older).unwrap();
    case.server.take_paths();
    refused(&case, &key, "signature");
}

#[test]
fn a_stranger_s_signature_is_refused() {
    let (key, stranger) = (Key::new(), Key::new());
    let case = behind(&key);
    stranger.sign(&case.bench.repomd());
    refused(&case, &key, "signature");
}

#[test]
fn signatures_that_are_none_are_refused() {
    let key = Key::new();
    let case = behind(&key);
    for (reply, says) in [
        (Reply::Bytes(b"<html>Please log in</html>".to_vec()), "signature"),
        (Reply::Bytes(Vec::new()), "signature"),
        (Reply::Endless, "expected at most 1048576 bytes"),
        (Reply::Truncated(0), "found an end after 0"),
        (Reply::Status(403), "403 Forbidden"),
        (Reply::Redirect(302, "file:///etc/passwd".into()), "expected scheme http or https"),
    ] {
        fs::write(case.bench.repodata().join("repomd.xml.asc"), "something").unwrap();
        case.server.script(SIGNATURE, [reply]);
        refused(&case, &key, says);
    }
}

#[test]
fn a_repomd_is_verified_before_it_is_read() {
    let key = Key::new();
    let case = behind(&key);
    key.sign(&case.bench.repomd());
    // Not well-formed and not signed: the complaint is about the signature.
    case.server.script("repodata/repomd.xml", [Reply::Bytes(b"<repomd".to_vec())]);
    refused(&case, &key, "signature");
}

#[test]
fn a_publish_between_repomd_and_signature_is_followed() {
    let key = Arc::new(Key::new());
    let case = behind(&key);
    key.sign(&case.bench.repomd());
    let url = case.bench.repomd();
    // Between the two requests version 3 is published and signed.
    let case = Arc::new(Mutex::new(case));
    let done = Arc::new(Mutex::new(false));
    let publish = {
        let (case, key, done) = (Arc::clone(&case), Arc::clone(&key), Arc::clone(&done));
        Reply::After(Arc::new(move || {
            if !std::mem::replace(&mut *done.lock().unwrap(), true) {
                let mut case = case.lock().unwrap();
                case.publish(3);
                key.sign(&case.bench.repomd());
            }
        }))
    };
    assert!(url.exists());
    let keyring = key.keyring();
    let mut command = {
        let case = case.lock().unwrap();
        case.server.script(SIGNATURE, [publish]);
        case.command(&["--keyring", keyring.to_str().unwrap()])
    };
    crate::support::run(&mut command).expect(0);
    let case = case.lock().unwrap();
    case.expect_state(3);
    let fetched = case.fetched();
    for name in ["repomd.xml", "repomd.xml.asc"] {
        assert_eq!(fetched.iter().filter(|one| *one == name).count(), 2, "{fetched:?}");
    }
}

#[test]
fn without_a_keyring_a_signature_that_cannot_be_had_costs_a_line() {
    try_refusals(|name, reply, says| {
        let case = Case::behind();
        fs::write(case.bench.repodata().join("repomd.xml.asc"), "something".repeat(9)).unwrap();
        case.server.script(SIGNATURE, vec![reply; 12]);
        let ran = case.update(&[]).expect(0);
        expect_paths(&ran.json(), ["delta"; 3]);
        case.expect_state(2);
        let lines = warnings(&ran);
        if matches!(name, "404" | "403") {
            assert_eq!(lines, [""; 0], "{name}");
            return;
        }
        assert_eq!(lines.len(), 1, "{name}: {lines:?}");
        let begin = "warning: going on without `repodata/repomd.xml.asc`: ";
        assert!(lines[0].starts_with(begin) && lines[0].contains(says), "{name}: {}", lines[0]);
    });
}

#[test]
fn a_signature_that_could_not_be_had_is_asked_for_again() {
    let case = Case::behind();
    fs::write(case.bench.repodata().join("repomd.xml.asc"), "something").unwrap();
    case.server.script(SIGNATURE, [Reply::Status(500)]);
    case.update(&[]).expect(0);
    assert!(!case.documents().join("repomd.xml.asc").exists());
    case.server.script(SIGNATURE, []);
    case.update(&[]).expect(0);
    assert_eq!(fs::read(case.documents().join("repomd.xml.asc")).unwrap(), b"something");
    case.expect_state(2);
    case.fetched();
    case.update(&[]).expect(0);
    assert_eq!(case.fetched(), ["repomd.xml"]);
}
