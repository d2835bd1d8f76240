//! What can be wrong with a delta: one line, one request for nothing, and the
//! full file.

use std::fs;
use std::ops::RangeInclusive;

use super::case::{Case, expect_paths, of_type, try_refusals, warnings};
use crate::server::Reply;
use crate::support::{sha256, timestamp};

const ALL_DELTAS: [&str; 5] = [
    "filelists.xml.delta0.bz2",
    "other.xml.delta0.bz2",
    "primary.xml.delta0.bz2",
    "repomd.xml",
    "repomd.xml.asc",
];

/// The same, and the full file after the delta of primary.
const ONE_IN_VAIN: [&str; 6] = [
    "filelists.xml.delta0.bz2",
    "other.xml.delta0.bz2",
    "primary.xml.delta0.bz2",
    "primary.xml.gz",
    "repomd.xml",
    "repomd.xml.asc",
];

#[test]
fn all_types_are_brought_up_to_date_by_deltas() {
    let case = Case::behind();
    let ran = case.update(&[]).expect(0);
    expect_paths(&ran.json(), ["delta"; 3]);
    assert_eq!(warnings(&ran), [""; 0]);
    assert_eq!(case.fetched(), ALL_DELTAS);
    case.expect_state(2);

    let report = case.update(&[]).expect(0).json();
    assert_eq!((&report["repomd"], &report["changed"]), (&"not_modified".into(), &false.into()));
    assert_eq!(report["bytes_downloaded"], 0);
    assert_eq!(case.fetched(), ["repomd.xml"]);
    case.expect_state(2);
}

/// Lets the delta of primary be answered like this, and expects the full file after
/// so many requests for the delta.
fn in_vain(reply: &Reply, name: &str, says: &str, requests: RangeInclusive<usize>) {
    let case = Case::behind();
    case.server.script(&case.path("primary", true), [reply.clone()]);
    let ran = case.update(&[]).expect(0);
    let report = ran.json();
    expect_paths(&report, ["full", "delta", "delta"]);
    let lines = warnings(&ran);
    assert_eq!(lines.len(), 1, "{name}: {lines:?}");
    assert!(lines[0].contains("primary") && lines[0].contains(says), "{name}: {}", lines[0]);
    let mut fetched = case.fetched();
    assert!(requests.contains(&(fetched.len() + 1 - ONE_IN_VAIN.len())), "{name}: {fetched:?}");
    fetched.retain(|name| !name.ends_with("?again"));
    fetched.dedup();
    assert_eq!(fetched, ONE_IN_VAIN, "{name}");
    case.expect_state(2);
    let primary = of_type(&report, "primary");
    assert!(primary["reason"].as_str().unwrap().contains(says), "{primary:#}");
    assert!(primary["bytes_downloaded"].as_u64() >= primary["bytes_full"].as_u64(), "{primary:#}");
}

#[test]
fn a_delta_that_is_refused_costs_one_request_and_one_line() {
    try_refusals(|name, reply, says| {
        let requests = match name {
            // Each redirect of the loop is a request.
            "loop" => 6..=6,
            // It may have been a connection that was kept too long.
            "hung up" => 1..=2,
            _ => 1..=1,
        };
        in_vain(&reply, name, says, requests);
    });
}

#[test]
fn a_delta_with_wrong_bytes_is_never_decompressed() {
    // A bomb, would it be: the checksum is compared before.
    let size = fs::metadata(Case::behind().bench.files("primary.xml.delta0").remove(0)).unwrap().len();
    let size = usize::try_from(size).unwrap();
    let wrong = "is not what repomd.xml says";
    // It is asked for once more, past caches.
    let in_vain = |reply: &Reply, name: &str, says: &str| in_vain(reply, name, says, 2..=2);
    in_vain(&Reply::Bytes(vec![b'x'; size]), "wrong bytes", wrong);
    in_vain(&Reply::Bytes(vec![b'x'; size - 1]), "too short", "bytes announced");
    in_vain(&Reply::Bytes(vec![b'x'; size + 1]), "too long", "expected at most");
    in_vain(&Reply::Bytes(Vec::new()), "empty", "bytes announced");
    in_vain(&Reply::Announced(size as u64 + 1), "announced too long", "expected at most");
    in_vain(&Reply::Announced(size as u64 - 1), "announced too short", "bytes announced");
    in_vain(&Reply::Endless, "endless", "expected at most");
}

#[test]
fn a_delta_without_an_announced_length_is_fine() {
    for reply in [Reply::Chunked { whole: true }, Reply::UntilClosed] {
        let case = Case::behind();
        case.server.script(&case.path("primary", true), [reply]);
        expect_paths(&case.update(&[]).expect(0).json(), ["delta"; 3]);
        case.expect_state(2);
    }
}

/// Replaces a delta, and what repomd.xml says of it, by other bytes.
fn forge(case: &mut Case, version: u64, data_type: &str, bytes: &[u8]) {
    let path = case.bench.files(&format!("{data_type}.xml.delta0")).remove(0);
    let old = fs::read(&path).unwrap();
    fs::write(&path, bytes).unwrap();
    let repomd = fs::read_to_string(case.bench.repomd()).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let delta = repomd.split("<delta>").find(|part| part.contains(&name)).unwrap();
    let forged = delta.replacen(&format!(">{}<", sha256(&old)), &format!(">{}<", sha256(bytes)), 1).replacen(
        &format!("<size>{}<", old.len()),
        &format!("<size>{}<", bytes.len()),
        1,
    );
    fs::write(case.bench.repomd(), repomd.replacen(delta, &forged, 1)).unwrap();
    case.note(version);
}

/// As [`in_vain`], for a delta that is as repomd.xml says, and wrong all the same.
fn forged_in_vain(bytes: &[u8], says: &str) {
    let mut case = Case::behind();
    forge(&mut case, 2, "primary", bytes);
    let ran = case.update(&[]).expect(0);
    expect_paths(&ran.json(), ["full", "delta", "delta"]);
    assert_eq!(warnings(&ran).len(), 1, "{}", ran.stderr);
    assert_eq!(case.fetched(), ONE_IN_VAIN);
    case.expect_state(2);
    ran.says(&[says]);
}

#[test]
fn a_delta_that_is_none_is_refused() {
    forged_in_vain(b"not bzip2", "expected bzip2 data");
    forged_in_vain(b"", "expected bzip2 data");
    forged_in_vain(b"BZh9 and no more", "primary.xml.delta0.bz2");
}

#[test]
fn a_delta_of_another_type_does_not_fit() {
    let case = Case::behind();
    let other = fs::read(case.bench.files("filelists.xml.delta0").remove(0)).unwrap();
    forged_in_vain(&other, "primary.xml.delta0.bz2");
}

#[test]
fn a_delta_of_another_generation_does_not_fit() {
    let mut case = Case::new();
    case.update(&[]).expect(0);
    // Another history, which never saw version 1, claims to serve it.
    fs::remove_dir_all(case.bench.history()).unwrap();
    case.publish(2);
    case.publish(3);
    let claimed = fs::read_to_string(case.bench.repomd()).unwrap().replace(
        &format!("<timestamp>{}</timestamp>", timestamp(2)),
        &format!("<timestamp>{}</timestamp>", timestamp(1)),
    );
    fs::write(case.bench.repomd(), claimed).unwrap();
    case.note(3);
    case.server.take_paths();
    let ran = case.update(&[]).expect(0);
    expect_paths(&ran.json(), ["full"; 3]);
    assert_eq!(warnings(&ran).len(), 3, "{}", ran.stderr);
    assert_eq!(case.fetched().len(), 8);
    case.expect_state(3);
}

#[test]
fn a_damaged_copy_means_the_full_file_and_a_line() {
    let case = Case::behind();
    let repodata = case.cache().join("repodata");
    let name =
        fs::read_dir(&repodata).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let primary = repodata.join(name.into_iter().find(|name| name.contains("primary")).unwrap());
    let mut bytes = fs::read(&primary).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::remove_file(&primary).unwrap();
    fs::write(&primary, bytes).unwrap();
    let ran = case.update(&[]).expect(0);
    expect_paths(&ran.json(), ["full", "delta", "delta"]);
    assert_eq!(warnings(&ran).len(), 1, "{}", ran.stderr);
    case.expect_state(2);
    ran.says(&["the copy held is damaged"]);
}

#[test]
fn every_delta_can_fail_at_once() {
    let case = Case::behind();
    for data_type in crate::support::TYPES {
        case.server.script(&case.path(data_type, true), [Reply::Status(404)]);
    }
    let ran = case.update(&[]).expect(0);
    expect_paths(&ran.json(), ["full"; 3]);
    assert_eq!(warnings(&ran).len(), 3);
    assert_eq!(case.fetched().len(), 8);
    case.expect_state(2);
}
