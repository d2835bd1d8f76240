//! What can be wrong with repomd.xml itself: nothing is believed, nothing else
//! is fetched, and the state stays as it was.

use std::fs;

use super::case::{Case, is_transient, try_refusals};
use crate::server::{Reply, gzip};
use crate::support::timestamp;

const PATH: &str = "repodata/repomd.xml";

/// Expects status 1, the message, and so many requests for repomd.xml alone;
/// with a state held and without.
fn refused(name: &str, reply: &Reply, says: &str, requests: Option<usize>) {
    for (case, version) in [(Case::behind(), 1), (Case::new(), 0)] {
        case.server.script(PATH, [reply.clone()]);
        case.server.take_paths();
        let ran = case.update(&[]).expect(1).says(&["error: ", says]);
        assert_eq!(ran.stdout, "", "{name}");
        let fetched = case.fetched();
        if let Some(requests) = requests {
            assert_eq!(fetched, vec!["repomd.xml"; requests], "{name}");
        }
        case.expect_state(version);
    }
}

#[test]
fn a_repomd_that_is_refused_leaves_the_state() {
    try_refusals(|name, reply, says| {
        let requests = match name {
            // Connections that were kept are no matter of this test.
            "loop" | "hung up" => None,
            _ if is_transient(name) => Some(2),
            _ => Some(1),
        };
        refused(name, &reply, says, requests);
    });
}

#[test]
fn what_is_no_repomd_is_not_believed() {
    let case = Case::new();
    let right = fs::read(case.bench.repomd()).unwrap();
    let half = right[..right.len() / 2].to_vec();
    for (name, bytes) in [
        ("empty", Vec::new()),
        ("a page", b"<html><body>Please log in</body></html>".to_vec()),
        ("half", half),
        ("compressed", gzip(&right)),
        ("entities", b"<!DOCTYPE repomd [<!ENTITY a \"aaaa\">]><repomd>&a;</repomd>".to_vec()),
    ] {
        refused(name, &Reply::Bytes(bytes), "gave no usable repomd.xml", Some(1));
    }
}

#[test]
fn an_endless_repomd_ends() {
    refused("endless", &Reply::Endless, "expected at most 16777216 bytes", Some(1));
    refused("huge", &Reply::Announced(1 << 40), "expected at most 16777216 bytes", Some(1));
}

#[test]
fn locations_do_not_leave_the_repository() {
    for bad in
        ["../../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:1/x", "a/%2e%2e/b"]
    {
        let case = Case::behind();
        let text = fs::read_to_string(case.bench.repomd()).unwrap();
        let href = case.path("primary", false);
        let forged = text.replace(&format!("href=\"{href}\""), &format!("href=\"{bad}\""));
        assert_ne!(forged, text);
        case.server.script(PATH, [Reply::Bytes(forged.into_bytes())]);
        case.update(&[]).expect(1).says(&["error: ", "primary"]);
        assert_eq!(case.fetched(), ["repomd.xml", "repomd.xml.asc"], "{bad}");
        case.expect_state(1);
    }
}

#[test]
fn an_older_repomd_is_refused_unless_allowed() {
    let mut case = Case::behind();
    case.update(&[]).expect(0);
    case.expect_state(2);
    case.publish(1);
    case.server.take_paths();
    case.update(&[]).expect(1).says(&["error: ", "older repomd.xml"]);
    assert_eq!(case.fetched(), ["repomd.xml"]);
    case.expect_state(2);
    case.update(&["--allow-rollback"]).expect(0);
    case.expect_state(1);
}

#[test]
fn a_rollback_with_a_new_revision_is_none() {
    let case = Case::behind();
    case.update(&[]).expect(0);
    case.bench.create(1);
    let text = fs::read_to_string(case.bench.repomd()).unwrap();
    let newer = text.replace("<revision>1<", "<revision>3<");
    let newer = newer.replace(&timestamp(1).to_string(), &timestamp(3).to_string());
    fs::write(case.bench.repomd(), newer).unwrap();
    case.update(&[]).expect(0);
    let ours = fs::read_to_string(case.cache().join("repodata/repomd.xml")).unwrap();
    assert!(ours.contains("<revision>3<"), "{ours}");
}

#[test]
fn a_slow_server_is_waited_for() {
    let case = Case::new();
    // Some 2 kB at 1 ms each: longer than a stall may be, and never silent.
    case.server.script(PATH, [Reply::Drip(std::time::Duration::from_millis(1))]);
    // On a busy machine they come more slowly than the usual limit allows.
    case.update(&["--min-rate", "100"]).expect(0);
    case.expect_state(1);
}
