//! Records that are odd in repositories that package managers read: they are left
//! alone, or served without what is malformed, and all others are served as ever.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::fs;
use std::path::Path;

use common::{Repo, TYPES};
use delta_client::progress::Silent;
use delta_client::report::{PathTaken, Updated};
use delta_client::transport::DirectoryTransport;
use delta_client::update;
use delta_publish::options::VerifyOptions;
use delta_publish::report::ReductionKind;
use delta_publish::{Error, Options, verify};
use repomd::Repomd;

/// A repository with a past, whose current repomd.xml lists no deltas yet.
fn composed() -> Repo {
    let mut repo = Repo::new();
    for n in 0..3 {
        if n > 0 {
            repo.generate(&Options::default()).unwrap();
        }
        repo.compose(n);
    }
    repo
}

/// Replaces what is between `start` and `end` in the record `data_type`.
fn replace(repo: &Repo, data_type: &str, (start, end): (&str, &str), by: &str) {
    let text = String::from_utf8(repo.repomd()).unwrap();
    let (before, record) = text.split_at(text.find(&format!("<data type=\"{data_type}\"")).unwrap());
    let (head, rest) = record.split_once(start).unwrap();
    let (_, tail) = rest.split_once(end).unwrap();
    fs::write(repo.repodata().join("repomd.xml"), format!("{before}{head}{by}{tail}")).unwrap();
}

/// The types that list deltas.
fn listed(repo: &Repo) -> Vec<String> {
    let records = Repomd::parse(&repo.repomd()).unwrap().records;
    let with_deltas = records.into_iter().filter(|record| record.usable_deltas().next().is_some());
    with_deltas.map(|record| record.kind).collect()
}

fn updated(repo: &Repo, cache: &Path) -> Updated {
    let source = DirectoryTransport::open(&repo.root()).unwrap();
    update(&[&source], cache, &delta_client::options::Options::default(), &Silent).unwrap()
}

#[test]
fn malformed_numbers_do_not_keep_a_record_from_being_served() {
    for (field, values) in [
        ("size", ["", "-1", "1.5", "soon"]),
        ("open-size", ["", "-1", "99999999999999999999", "0x5"]),
        ("timestamp", ["", "-1", "now", "1e9"]),
    ] {
        for value in values {
            let repo = composed();
            let place = (&*format!("<{field}>"), &*format!("</{field}>"));
            replace(&repo, "other", place, &format!("<{field}>{value}</{field}>"));
            let outcome = repo.generate(&Options::default()).unwrap();
            assert!(outcome.types.iter().all(|one| one.skipped.is_none()), "{field} {value}");
            // Clients select by timestamp.
            let expected = if field == "timestamp" { &TYPES[..2] } else { &TYPES[..] };
            assert_eq!(listed(&repo), expected, "{field} {value}");
            assert_eq!(
                verify(&repo.root(), Some(&repo.history()), &VerifyOptions::default()).unwrap().problems,
                [""; 0],
                "{field} {value}"
            );
            let cache = repo.temp.path().join("cache");
            assert_eq!(updated(&repo, &cache).types.len(), 3, "{field} {value}");
        }
    }
}

#[test]
fn a_timestamp_in_nanoseconds_is_a_timestamp() {
    let mut repo = composed();
    repo.generate(&Options::default()).unwrap();
    repo.compose(3);
    replace(&repo, "other", ("<timestamp>", "</timestamp>"), "<timestamp>1790010800759368123</timestamp>");
    repo.generate(&Options::default()).unwrap();
    assert_eq!(listed(&repo), TYPES);
    assert!(repo.assert_clients_are_served() >= 3);
}

/// What cannot be compared, whichever way: one rule for the publisher, its
/// verification and its clients.
#[test]
fn checksums_that_cannot_be_compared_are_treated_alike_everywhere() {
    let long = "a".repeat(64);
    for (attribute, digits) in [
        (" type=\"sha256\"", ""),
        (" type=\"sha256\"", &long[..63]),
        (" type=\"sha256\"", &long[..62]),
        (" type=\"sha256\"", &long.replace('a', "g")),
        (" type=\"sha256\"", &long.repeat(2)),
        (" type=\"md5\"", &long[..32]),
        (" type=\"blake3\"", &long),
        (" type=\"sha-256\"", &long),
        (" type=\"\"", &long),
        ("", &long),
    ] {
        for field in ["checksum", "open-checksum"] {
            let repo = composed();
            let place = (&*format!("<{field} type"), &*format!("</{field}>"));
            let odd = format!("<{field}{attribute}>{digits}</{field}>");
            replace(&repo, "other", place, &odd);
            let before = repo.repomd();

            let outcome = repo.generate(&Options::default()).unwrap();
            let other = outcome.types.iter().find(|one| one.data_type == "other").unwrap();
            assert!(other.skipped.as_ref().is_some_and(|why| why.contains(field)), "{odd}: {other:?}");
            assert_eq!(listed(&repo), TYPES[..2], "{odd}");
            assert_eq!(repomd::strip(&repo.repomd()).unwrap(), before, "{odd}");

            let verified = verify(&repo.root(), Some(&repo.history()), &VerifyOptions::default()).unwrap();
            assert_eq!(verified.problems, [""; 0], "{odd}");
            assert!(matches!(&verified.left_alone[..], [why] if why.starts_with("type `other`: ")), "{odd}");

            let updated = updated(&repo, &repo.temp.path().join("cache"));
            let types: Vec<_> = updated.types.iter().map(|one| (&*one.data_type, one.path)).collect();
            let (absent, warnings) = (updated.absent, updated.warnings);
            if field == "checksum" {
                // Nothing tells whether its file is right.
                assert_eq!((types.len(), &absent[..]), (2, &["other".to_owned()][..]), "{odd}");
                assert!(
                    matches!(&warnings[..], [why] if why.contains("unusable record `other`")),
                    "{warnings:?}"
                );
            } else {
                assert_eq!(types[2], ("other", PathTaken::Full), "{odd}");
                assert_eq!((&absent[..], &warnings[..]), (&[][..], &[][..]), "{odd}");
            }
        }
    }
}

#[test]
fn a_type_given_twice_is_left_alone_and_the_others_are_served() {
    let repo = composed();
    let text = String::from_utf8(repo.repomd()).unwrap();
    let other = &text[text.find("<data type=\"other\"").unwrap()..text.find("</repomd>").unwrap()];
    let license = "<data type=\"license\"><location href=\"repodata/license\"/></data>".repeat(2);
    fs::write(repo.repodata().join("license"), "MIT").unwrap();
    let twice = text.replace("</repomd>", &format!("{other}{license}</repomd>"));
    fs::write(repo.repodata().join("repomd.xml"), &twice).unwrap();

    let outcome = repo.generate(&Options::default()).unwrap();
    let skipped: Vec<_> = outcome.types.iter().filter(|one| one.skipped.is_some()).collect();
    assert_eq!(skipped.len(), 1, "{skipped:?}");
    let why = skipped[0].skipped.as_deref().unwrap();
    assert!(why.starts_with("expected one record of type `other`, found another at byte "), "{why}");
    assert_eq!(listed(&repo), TYPES[..2]);
    let verified = verify(&repo.root(), None, &VerifyOptions::default()).unwrap();
    assert_eq!((verified.problems, verified.left_alone.len()), (Vec::new(), 4));
    assert_eq!(repomd::strip(&repo.repomd()).unwrap(), twice.as_bytes());
    let updated = updated(&repo, &repo.temp.path().join("cache"));
    assert_eq!((updated.types.len(), updated.exact), (2, false));
}

#[test]
fn a_document_that_only_others_read_is_told_from_a_broken_one() {
    for (from, to, unsupported) in [
        ("?>", "?><!DOCTYPE repomd>", true),
        ("UTF-8", "ISO-8859-1", true),
        ("version=\"1.0\"", "version=\"1.1\"", true),
        ("metadata/repo\"", "metadata/other\"", true),
        ("</repomd>", "", false),
        ("<repomd", "<!DOCTYPE repomd><html", false),
    ] {
        let repo = composed();
        let text = String::from_utf8(repo.repomd()).unwrap();
        fs::write(repo.repodata().join("repomd.xml"), text.replacen(from, to, 1)).unwrap();
        let before = repo.tree();
        match repo.generate(&Options::default()) {
            Ok(outcome) => {
                let codes: Vec<_> = outcome.reduced.iter().map(|reduced| reduced.reason_code).collect();
                assert_eq!((unsupported, &codes[..]), (true, &[ReductionKind::NotEdited][..]), "{to}");
            }
            Err(error) => assert!(!unsupported && matches!(error, Error::Repomd { .. }), "{error}"),
        }
        assert_eq!(repo.tree(), before);
    }
}
