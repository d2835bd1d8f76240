//! What can be wrong with a full file: there is nothing to fall back to, so the
//! state stays as it was, and the next run makes good.

use std::fs;

use super::case::{Case, expect_paths, is_transient, try_refusals, warnings};
use crate::server::{Reply, gzip};
use crate::support::{Ran, open};

/// Version 1 is held; in version 2, filelists can be had in full only, and is
/// answered like this.
fn attempt(reply: Reply) -> (Case, Ran) {
    let case = Case::behind();
    case.server.script(&case.path("filelists", true), [Reply::Status(404)]);
    case.server.script(&case.path("filelists", false), [reply]);
    let ran = case.update(&[]);
    (case, ran)
}

/// Expects the old state, then lets the server do well and expects the new one.
fn then_well(case: &Case) {
    case.expect_state(1);
    case.server.script(&case.path("filelists", false), [Reply::Serve]);
    expect_paths(&case.update(&[]).expect(0).json(), ["delta", "full", "delta"]);
    case.expect_state(2);
}

#[test]
fn a_full_file_that_is_refused_leaves_the_old_state() {
    try_refusals(|name, reply, says| {
        let (case, ran) = attempt(reply);
        let ran = ran.expect(1).says(&["error: ", "filelists", says]);
        assert_eq!(ran.stdout, "", "{name}");
        let fetched = case.fetched();
        let times = |wanted: &str| fetched.iter().filter(|name| *name == wanted).count();
        if name != "loop" {
            let attempts = if is_transient(name) { 2 } else { 1 };
            // A connection that was kept may have been closed for its age: then at once.
            let most = if name == "hung up" { 2 * attempts } else { attempts };
            assert!((attempts..=most).contains(&times("filelists.xml.gz")), "{name}: {fetched:?}");
        }
        // Once more, to see whether a publish is in flight.
        assert_eq!(times("repomd.xml"), 2, "{name}: {fetched:?}");
        assert_eq!(times("filelists.xml.delta0.bz2"), 1, "{name}: {fetched:?}");
        then_well(&case);
    });
}

#[test]
fn a_full_file_with_wrong_bytes_leaves_the_old_state() {
    let (case, _) = attempt(Reply::Serve);
    let right = fs::read(case.bench.files("filelists.xml.gz").remove(0)).unwrap();
    let size = right.len();
    let mut other = right.clone();
    other[size / 2] ^= 1;
    for (reply, says) in [
        (Reply::Bytes(other), "is not what repomd.xml says"),
        // Another file of the repository, as it may lie in a cache.
        (Reply::Bytes(gzip(open("filelists", 1).as_bytes())), "filelists.xml.gz"),
        (Reply::Bytes(b"<html>Please log in</html>".to_vec()), "bytes announced"),
        (Reply::Bytes([&right[..], b"x"].concat()), "expected at most"),
        (Reply::Announced(size as u64 + 1), "expected at most"),
        (Reply::Announced(size as u64 - 1), "bytes announced"),
        (Reply::Endless, "expected at most"),
    ] {
        let (case, ran) = attempt(reply);
        ran.expect(1).says(&["error: ", "filelists", says]);
        then_well(&case);
    }
}

#[test]
fn a_first_update_that_fails_leaves_no_state() {
    let case = Case::new();
    case.server.script(&case.path("other", false), [Reply::Status(404)]);
    case.update(&[]).expect(1).says(&["error: ", "other", "404"]);
    case.expect_state(0);
    case.server.script(&case.path("other", false), [Reply::Serve]);
    case.update(&[]).expect(0);
    case.expect_state(1);
}

#[test]
fn a_server_that_recovers_is_asked_again() {
    for reply in [Reply::Status(503), Reply::Truncated(20), Reply::Stall(20), Reply::HangUp] {
        let case = Case::new();
        case.server.script(&case.path("primary", false), [reply, Reply::Serve]);
        let ran = case.update(&[]).expect(0);
        expect_paths(&ran.json(), ["full"; 3]);
        assert_eq!(case.fetched().iter().filter(|name| *name == "primary.xml.gz").count(), 2);
        case.expect_state(1);
    }
}

#[test]
fn files_may_be_called_encoded_in_any_way() {
    for word in ["x-gzip", "br", "aws-chunked", "UTF-8", "none", "binary"] {
        let case = Case::new();
        let line = || vec![format!("Content-Encoding: {word}")];
        for data_type in crate::support::TYPES {
            let bytes = fs::read(case.bench.files(&format!("{data_type}.xml.gz")).remove(0)).unwrap();
            case.server.script(&case.path(data_type, false), [Reply::Headers(line(), bytes)]);
        }
        let repomd = fs::read(case.bench.repomd()).unwrap();
        case.server.script("repodata/repomd.xml", [Reply::Headers(line(), repomd)]);
        let ran = case.update(&[]).expect(0);
        assert_eq!(warnings(&ran), [""; 0]);
        case.expect_state(1);
    }
}
