//! Sources that fail: deltas fall back, mirrors step in, and what is wrong is
//! never taken.

use std::time::{Duration, SystemTime};

use delta_client::error::UpdateError;
use delta_client::report::{PathTaken, RepomdFound};
use delta_client::transport::TransportErrorKind;

use crate::repo::{Repo, options, paths, reason};
use crate::scripted::{Act, Scripted};

/// A cache at generation 1, a repository at generation 2.
fn behind() -> Repo {
    let repo = Repo::at(1);
    repo.update().unwrap();
    repo.publish(2);
    repo
}

#[test]
fn a_delta_that_does_not_come_costs_a_request_and_one_with_wrong_bytes_two() {
    let repo = behind();
    let (_, delta) = repo.locations("primary");
    let delta = delta.unwrap();
    let good = std::fs::read(repo.root().join(&delta)).unwrap();
    let wrong_size = good.len() as u64 + 1;
    let cases: Vec<(Act, &str)> = vec![
        (Act::Fail(TransportErrorKind::NotFound), "NotFound"),
        (Act::Fail(TransportErrorKind::Denied), "Denied"),
        (Act::Fail(TransportErrorKind::Status(500)), "Status(500)"),
        (Act::Fail(TransportErrorKind::Timeout), "Timeout"),
        (Act::Break, "the connection broke"),
        (Act::Damage(good.len() / 2), "is not what repomd.xml says: expected sha256:"),
        (Act::Bytes(good[1..].to_vec()), "bytes, found"),
        (Act::Bytes(Vec::new()), "bytes, found 0 bytes"),
        (Act::Announce(wrong_size), "bytes announced"),
        (Act::Endless, "bytes, found more"),
    ];
    for (act, why) in cases {
        let repo = behind();
        let source = Scripted::new(repo.root()).on(&delta, 9, act);
        let mirror = Scripted::new(repo.root()).named("mirror");
        let updated = repo.update_from(&[&source, &mirror], &options()).unwrap();
        assert_eq!(paths(&updated)[0], ("primary", PathTaken::Full), "{why}");
        assert!(reason(&updated, "primary").contains(why), "{why}: {}", reason(&updated, "primary"));
        assert!(updated.warnings[0].starts_with("taking the full file of `primary`: "), "{why}");
        assert_eq!(updated.warnings.len(), 1, "{:?}", updated.warnings);
        let is_wrong = why.contains("bytes") || why.contains("sha256");
        assert_eq!((source.count(&delta), mirror.count(&delta)), (if is_wrong { 2 } else { 1 }, 0), "{why}");
        let primary = &updated.types[0];
        let most = primary.bytes_full.unwrap() + 2 * (good.len() as u64 + 1);
        assert!(primary.bytes_downloaded <= most, "{why}");
        assert_eq!(repo.assert_cache_is_whole(), 2);
    }
}

#[test]
fn a_full_file_comes_from_the_first_mirror_that_has_it() {
    for (act, requests) in [
        (Act::Fail(TransportErrorKind::NotFound), 1),
        (Act::Fail(TransportErrorKind::Denied), 1),
        (Act::Damage(7), 2),
        (Act::Bytes(b"<html>".to_vec()), 2),
        (Act::Endless, 2),
    ] {
        let repo = Repo::at(0);
        let source = Scripted::new(repo.root()).on("-primary.xml.gz", 9, act);
        let mirror = Scripted::new(repo.root()).named("mirror");
        let updated = repo.update_from(&[&source, &mirror], &options()).unwrap();
        assert_eq!((source.count("-primary.xml.gz"), mirror.count("-primary.xml.gz")), (requests, 1));
        assert_eq!(mirror.count("-filelists.xml.gz"), 0);
        assert_eq!(updated.source, "http://script.example/repo");
        assert_eq!(repo.assert_cache_is_whole(), 0);
    }
}

#[test]
fn a_source_that_kept_the_update_waiting_is_asked_last() {
    for act in [Act::Fail(TransportErrorKind::Timeout), Act::Stall] {
        let repo = Repo::at(0);
        let source = Scripted::new(repo.root()).on("-primary.xml.gz", 1, act);
        let mirror = Scripted::new(repo.root()).named("mirror");
        let options = options().with_parallel(1);
        repo.update_from(&[&source, &mirror], &options).unwrap();
        assert_eq!((source.count("-primary.xml.gz"), mirror.count("-primary.xml.gz")), (1, 1));
        assert_eq!((source.count("-filelists.xml.gz"), mirror.count("-filelists.xml.gz")), (0, 1));
        assert_eq!(repo.assert_cache_is_whole(), 0);
    }
}

#[test]
fn what_a_cache_on_the_way_has_of_old_is_asked_for_once_more_past_it() {
    let repo = Repo::with_journals(None, 0);
    repo.update().unwrap();
    repo.publish(1);
    let old = b"what was under that name before".to_vec();
    let source = Scripted::new(repo.root()).cached("repodata/", Act::Bytes(old.clone()));
    let updated = repo.update_from(&[&source], &options()).unwrap();
    assert_eq!(paths(&updated)[0], ("primary", PathTaken::Journal), "{:?}", updated.warnings);
    assert_eq!(updated.warnings, [""; 0]);
    assert_eq!(repo.assert_cache_is_whole(), 1);
    // repomd.xml is never taken from a cache.
    assert_eq!(source.count("repomd.xml"), 1);

    let empty = Repo::at(0);
    let source = Scripted::new(empty.root()).cached("primary.xml.gz", Act::Bytes(old));
    let updated = empty.update_from(&[&source], &options()).unwrap();
    assert_eq!((source.count("primary.xml.gz"), &updated.warnings[..]), (2, &[][..]));
}

#[test]
fn a_server_whose_dates_stand_still_is_not_believed() {
    for (text, seconds) in [
        ("Thu, 01 Jan 1970 00:00:01 GMT", 1),
        ("Tue, 01 Jan 1980 00:00:00 GMT", 315_532_800),
        // Older than what it describes.
        ("Mon, 21 Sep 2026 14:13:19 GMT", crate::repo::EPOCH - 1),
    ] {
        let repo = Repo::new();
        for generation in 0..3 {
            repo.publish(generation);
            let source = Scripted::new(repo.root()).dated(text, seconds);
            repo.update_from(&[&source], &options()).unwrap();
            assert_eq!(repo.assert_cache_is_whole(), generation, "{text}");
        }
    }
    // One whose date is later than what it describes is believed, until it repeats.
    let repo = Repo::new();
    repo.publish(0);
    let source = || Scripted::new(repo.root()).dated("Sat, 01 Jan 2028 00:00:00 GMT", 1_830_297_600);
    let update = || repo.update_from(&[&source()], &options()).unwrap().repomd;
    assert_eq!((update(), update()), (RepomdFound::New, RepomdFound::NotModified));
    let fresh = options().with_fresh(true);
    assert_eq!(repo.update_from(&[&source()], &fresh).unwrap().repomd, RepomdFound::Same);
    assert_eq!(update(), RepomdFound::NotModified);
    repo.publish(1);
    repo.update_from(&[&source()], &fresh).unwrap();
    assert_eq!((update(), update()), (RepomdFound::Same, RepomdFound::Same));
    repo.publish(2);
    assert_eq!(update(), RepomdFound::New);
}

#[test]
fn transient_failures_are_retried_and_others_are_not() {
    for (act, times, requests) in [
        (Act::Fail(TransportErrorKind::Timeout), 3, 4),
        (Act::Fail(TransportErrorKind::Status(503)), 2, 3),
        (Act::Break, 1, 2),
    ] {
        let repo = Repo::at(0);
        let source = Scripted::new(repo.root()).on("-primary.xml.gz", times, act);
        repo.update_from(&[&source], &options()).unwrap();
        assert_eq!(source.count("-primary.xml.gz"), requests);
        assert_eq!(repo.assert_cache_is_whole(), 0);
    }
    let repo = Repo::at(0);
    let source = Scripted::new(repo.root()).on("-primary.xml.gz", 99, Act::Fail(TransportErrorKind::Timeout));
    let error = repo.update_from(&[&source], &options()).unwrap_err();
    assert!(matches!(error, UpdateError::Full { .. }), "{error}");
    assert_eq!(error.transport_kind(), Some(TransportErrorKind::Timeout));
    assert_eq!(source.count("-primary.xml.gz"), 4);
    assert!(repo.snapshot().is_empty());
}

#[test]
fn repomd_comes_from_a_mirror_where_the_source_is_down() {
    let repo = behind();
    let source = Scripted::new(repo.root()).on("", 99, Act::Fail(TransportErrorKind::Connect));
    let mirror = Scripted::new(repo.root()).named("mirror");
    let updated = repo.update_from(&[&source, &mirror], &options()).unwrap();
    assert_eq!(updated.source, "mirror");
    // What the mirror gave is asked for there first.
    assert_eq!(source.count("delta"), 0);
    assert!(paths(&updated).contains(&("primary", PathTaken::Delta)));
    assert_eq!(repo.assert_cache_is_whole(), 2);
    let error = repo.update_from(&[&source], &options()).unwrap_err();
    assert!(matches!(error, UpdateError::Fetch(_)), "{error}");
    assert_eq!(repo.assert_cache_is_whole(), 2);
}

#[test]
fn what_is_no_repomd_changes_nothing() {
    let repo = behind();
    let before = repo.snapshot();
    let repomd = repo.repomd();
    for bytes in [b"<html>404 not found</html>".to_vec(), Vec::new(), repomd[..repomd.len() / 2].to_vec()] {
        let source = Scripted::new(repo.root()).on("repomd.xml", 9, Act::Bytes(bytes));
        let error = repo.update_from(&[&source], &options()).unwrap_err();
        assert!(
            error.to_string().contains("`http://script.example/repo` gave no usable repomd.xml"),
            "{error}"
        );
        assert_eq!(source.asked().len(), 1);
        assert_eq!(repo.snapshot(), before);
    }
    let source = Scripted::new(repo.root()).on("repomd.xml", 9, Act::Endless);
    let error = repo.update_from(&[&source], &options()).unwrap_err();
    assert!(error.to_string().contains("too large"), "{error}");
}

#[test]
fn records_that_cannot_be_verified_or_lead_elsewhere_are_refused() {
    let repo = Repo::at(0);
    let text = String::from_utf8(repo.repomd()).unwrap();
    for (from, to, why) in [
        ("<location href=\"repodata/", "<location href=\"../", "its location is unsafe"),
        ("<location href=\"repodata/", "<location href=\"http://x/", "its location is unsafe"),
        ("<location href=", "<location xml:base=\"http://x/\" href=", "its file is elsewhere"),
        ("<checksum type=\"sha256\">", "<checksum type=\"md5\">", "cannot be compared"),
        ("<checksum type=\"sha256\">", "<nothing type=\"sha256\">", ""),
    ] {
        let text = text.replacen(from, to, 1);
        let source = Scripted::new(repo.root()).on("repomd.xml", 9, Act::Bytes(text.into_bytes()));
        let error = repo.update_from(&[&source], &options()).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(source.asked().len(), 1);
        assert!(repo.snapshot().is_empty());
    }
}

/// A repomd.xml in whose record of filelists, deltas aside, `to` is in place of `from`.
fn odd_filelists(repo: &Repo, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(repo.repomd()).unwrap();
    let start = text.find("<data type=\"filelists\"").unwrap();
    let own = start + text[start..].split_once("</data>").unwrap().0.rfind("</delta>").unwrap();
    let (before, record) = text.split_at(own);
    assert!(record.contains(from), "{record}");
    format!("{before}{}", record.replacen(from, to, 1)).into_bytes()
}

#[test]
fn one_odd_record_is_left_out_and_the_others_are_current() {
    for (from, to, why) in [
        ("<location href=\"repodata/", "<location href=\"../", "its location is unsafe"),
        ("<location ", "<x ", "it has no location"),
        ("<checksum type=\"sha256\">", "<checksum type=\"md5\">", "cannot be compared"),
        ("<checksum type=\"sha256\">", "<checksum>", "expected attribute `type` in `<checksum>`"),
        ("<size>", "<size>99999999999999", "more than the limit of"),
        ("<location href=", "<location xml:base=\"http://x/\" href=", "its file is elsewhere"),
        ("</data>", "</data><data type=\"filelists\"/>", "expected one record of type `filelists`"),
    ] {
        let repo = behind();
        let bytes = odd_filelists(&repo, from, to);
        let source = || Scripted::new(repo.root()).on("repomd.xml", 9, Act::Bytes(bytes.clone()));
        let updated = repo.update_from(&[&source()], &options()).unwrap();
        assert!(paths(&updated).iter().all(|(kind, _)| *kind != "filelists"), "{why}");
        assert_eq!(paths(&updated)[0], ("primary", PathTaken::Delta), "{why}");
        assert_eq!(updated.dropped, ["filelists"]);
        assert!(updated.absent.contains(&"filelists".to_owned()), "{updated:?}");
        assert!(matches!(&updated.warnings[..], [one] if one.contains(why)), "{:?}", updated.warnings);

        let exact = options().with_copy(delta_client::options::CopyAs::Exact);
        let error = repo.update_from(&[&source()], &exact).unwrap_err();
        assert!(matches!(error, UpdateError::Record { .. }), "{error}");
    }
}

#[test]
fn malformed_numbers_cost_no_delta() {
    for field in ["<size>", "<open-size>"] {
        let repo = behind();
        let odd = odd_filelists(&repo, field, &format!("{field}-"));
        let source = Scripted::new(repo.root()).on("repomd.xml", 9, Act::Bytes(odd));
        let updated = repo.update_from(&[&source], &options()).unwrap();
        assert!(paths(&updated).contains(&("filelists", PathTaken::Delta)), "{updated:?}");
        assert_eq!(updated.warnings, [""; 0]);
        assert_eq!(repo.assert_cache_is_whole(), 2);
    }
}

#[test]
fn a_size_beyond_the_cap_is_not_downloaded() {
    let repo = Repo::at(0);
    let small = options().with_max_file_size(100);
    let source = Scripted::new(repo.root());
    let error = repo.update_from(&[&source], &small).unwrap_err();
    assert!(error.to_string().contains("bytes, more than the limit of 100"), "{error}");
    assert_eq!(source.asked().len(), 1);
    assert!(repo.snapshot().is_empty());

    let small = options().with_max_open_size(1000);
    let error = repo.update_from(&[&source], &small).unwrap_err();
    assert!(error.to_string().contains("more than the limit of 1000"), "{error}");
    assert!(repo.snapshot().is_empty());
}

#[test]
fn no_source_is_an_error() {
    let repo = Repo::at(0);
    assert!(matches!(repo.update_from(&[], &options()), Err(UpdateError::NoSource)));
}

#[test]
fn nothing_is_hidden_for_longer_than_a_day() {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000);
    let after = |repo: &Repo, etags: fn(String) -> Option<String>, seconds: u64| {
        let options = options().with_now(start + Duration::from_secs(seconds));
        let source = Scripted::new(repo.root()).stubborn(etags);
        repo.update_from(&[&source], &options).unwrap().repomd
    };
    // By the date alone it is not asked.
    let none = |_| None;
    let repo = Repo::at(0);
    assert_eq!((after(&repo, none, 0), after(&repo, none, 1)), (RepomdFound::New, RepomdFound::Same));
    repo.publish(1);
    assert_eq!(after(&repo, none, 2), RepomdFound::New);
    // By both it is, and the answers do not make the day longer.
    let constant = |_| Some("\"constant\"".to_owned());
    let repo = Repo::at(0);
    assert_eq!(after(&repo, constant, 0), RepomdFound::New);
    repo.publish(1);
    for seconds in [1, 43_200, 86_399] {
        assert_eq!(after(&repo, constant, seconds), RepomdFound::NotModified, "{seconds}");
    }
    assert_eq!(after(&repo, constant, 86_400), RepomdFound::New);
    assert_eq!(after(&repo, constant, 86_401), RepomdFound::NotModified);
    // A clock that went back says nothing.
    assert_eq!(after(&repo, constant, 0), RepomdFound::Same);
}
