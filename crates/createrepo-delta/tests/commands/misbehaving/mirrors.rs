//! Mirrors: each file is asked for where it can be had.

use super::case::{Case, expect_paths, warnings};
use crate::server::{Reply, Server};
use crate::support::TYPES;

#[test]
fn files_that_one_server_lacks_come_from_another() {
    let case = Case::new();
    let mirror = Server::start(&case.bench.repo());
    case.server.script(&case.path("primary", false), [Reply::Status(404)]);
    case.server.script(&case.path("other", false), [Reply::Bytes(b"wrong".to_vec())]);
    let url = mirror.url();
    let ran = case.update(&["--mirror", &url]).expect(0);
    expect_paths(&ran.json(), ["full"; 3]);
    case.expect_state(1);
    let mut asked: Vec<String> = mirror.take_paths().iter().map(|path| super::case::short(path)).collect();
    asked.sort();
    assert_eq!(asked, ["other.xml.gz", "primary.xml.gz"]);
}

#[test]
fn repomd_comes_from_a_mirror_when_the_source_is_gone() {
    let case = Case::behind();
    let mirror = Server::start(&case.bench.repo());
    case.server.script("repodata/repomd.xml", [Reply::Status(403)]);
    let url = mirror.url();
    let ran = case.update(&["--mirror", &url]).expect(0);
    expect_paths(&ran.json(), ["delta"; 3]);
    case.expect_state(2);
    assert!(warnings(&ran).iter().any(|line| line.contains("403")), "{}", ran.stderr);
    // repomd.xml, its signature, three deltas.
    assert_eq!(mirror.take_paths().len(), 5);
}

#[test]
fn a_failed_delta_is_not_asked_of_every_mirror() {
    let case = Case::behind();
    let mirror = Server::start(&case.bench.repo());
    for data_type in TYPES {
        case.server.script(&case.path(data_type, true), [Reply::Status(404)]);
    }
    let url = mirror.url();
    let ran = case.update(&["--mirror", &url]).expect(0);
    expect_paths(&ran.json(), ["full"; 3]);
    case.expect_state(2);
    assert_eq!(mirror.take_paths(), [""; 0]);
}

#[test]
fn when_nobody_has_a_file_all_are_named() {
    let case = Case::behind();
    let mirror = Server::start(&case.bench.repo());
    case.server.script(&case.path("primary", true), [Reply::Status(404)]);
    for server in [&case.server, &mirror] {
        server.script(&case.path("primary", false), [Reply::Status(404)]);
    }
    let url = mirror.url();
    case.update(&["--mirror", &url]).expect(1).says(&["error: ", &case.server.url(), &url]);
    case.expect_state(1);
}
