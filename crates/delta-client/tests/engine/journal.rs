//! Updates that go by journals, and what happens where one does not serve.

use std::fs;

use delta_client::report::PathTaken;
use delta_client::transport::TransportErrorKind;
use repomd::Checksum;
use repomd::edit::Additions;

use crate::repo::{Repo, options, paths, reason, sha256};
use crate::scripted::{Act, Scripted};

/// Types that have journals.
const TYPES: [&str; 3] = ["primary", "filelists", "other"];

fn at(last: u64) -> Repo {
    Repo::with_journals(None, last)
}

/// A client of generation `held`, and the repository at generation `last`.
fn behind(held: u64, last: u64) -> Repo {
    let repo = at(held);
    repo.update().unwrap();
    (held + 1..=last).for_each(|generation| repo.publish(generation));
    repo
}

fn journal(repo: &Repo, data_type: &str) -> repomd::Journal {
    repo.model().record(data_type).unwrap().journal().unwrap().clone()
}

#[test]
fn from_any_generation_to_any_later_one() {
    for held in 0..4 {
        for last in held + 1..6 {
            let repo = behind(held, last);
            let source = Scripted::new(repo.root());
            let updated = repo.update_from(&[&source], &options()).unwrap();
            assert_eq!(updated.warnings, [""; 0]);
            assert_eq!(repo.assert_cache_is_whole(), last);
            for data_type in TYPES {
                assert!(paths(&updated).contains(&(data_type, PathTaken::Journal)), "{held} {last}");
                assert!(source.count(journal(&repo, data_type).location.as_str()) <= 2);
            }
        }
    }
}

#[test]
fn a_server_without_ranges_is_read_up_to_what_is_needed() {
    let repo = behind(1, 5);
    let source = Scripted::new(repo.root()).without_ranges();
    let updated = repo.update_from(&[&source], &options()).unwrap();
    assert_eq!(updated.warnings, [""; 0]);
    assert_eq!(repo.assert_cache_is_whole(), 5);
    for (data_type, path) in paths(&updated).into_iter().filter(|(of, _)| TYPES.contains(of)) {
        assert_eq!(path, PathTaken::Journal, "{data_type}");
        assert_eq!(source.count(journal(&repo, data_type).location.as_str()), 1);
    }
}

#[test]
fn what_goes_wrong_with_a_journal_costs_a_line_and_the_delta_is_taken() {
    let cases: Vec<(Act, &str)> = vec![
        (Act::Fail(TransportErrorKind::NotFound), "NotFound"),
        (Act::Fail(TransportErrorKind::Status(500)), "Status(500)"),
        (Act::Fail(TransportErrorKind::Timeout), "Timeout"),
        (Act::Damage(7), "expected a head with sha256:"),
        (Act::Bytes(b"<html>not found</html>".to_vec()), "found an end after 22"),
        (Act::Announce(1), "expected a file of"),
        (Act::Endless, "expected a head with sha256:"),
    ];
    for (act, why) in cases {
        let repo = behind(1, 4);
        let location = journal(&repo, "primary").location;
        // What has wrong bytes is asked for once more, past caches.
        let source = Scripted::new(repo.root()).on(location.as_str(), 2, act);
        let updated = repo.update_from(&[&source], &options()).unwrap();
        assert_eq!(paths(&updated)[0], ("primary", PathTaken::Delta), "{why}");
        assert_eq!(updated.warnings.len(), 1, "{:?}", updated.warnings);
        let warning = &updated.warnings[0];
        assert!(warning.starts_with("going on without the journal of `primary`: "), "{warning}");
        assert!(warning.contains(why), "{why}: {warning}");
        assert_eq!(repo.assert_cache_is_whole(), 4);
    }
}

#[test]
fn without_delta_and_journal_the_full_file_is_taken() {
    let repo = behind(1, 4);
    let location = journal(&repo, "primary").location;
    let delta = repo.locations("primary").1.unwrap();
    let source = Scripted::new(repo.root())
        .on(location.as_str(), 9, Act::Fail(TransportErrorKind::NotFound))
        .on(&delta, 9, Act::Fail(TransportErrorKind::NotFound));
    let updated = repo.update_from(&[&source], &options()).unwrap();
    assert_eq!(paths(&updated)[0], ("primary", PathTaken::Full));
    assert_eq!(updated.warnings.len(), 2, "{:?}", updated.warnings);
    assert_eq!((source.count(location.as_str()), source.count(&delta)), (1, 1));
    assert_eq!(repo.assert_cache_is_whole(), 4);
}

#[test]
fn steps_that_are_damaged_are_not_opened() {
    for which in 0..3 {
        let repo = behind(0, 4);
        let journal = journal(&repo, "primary");
        let path = repo.root().join(journal.location.as_str());
        let mut bytes = fs::read(&path).unwrap();
        let head = usize::try_from(journal.head_size).unwrap();
        let at = [head, head + 40, bytes.len() - 120][which];
        bytes[at] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let updated = repo.update().unwrap();
        assert_eq!(paths(&updated)[0], ("primary", PathTaken::Delta), "{at}");
        let warning = &updated.warnings[0];
        assert!(warning.contains("has another digest than expected"), "{warning}");
        assert_eq!(repo.assert_cache_is_whole(), 4);
    }
}

#[test]
fn a_generation_that_is_not_served_takes_the_delta() {
    let repo = behind(1, 4);
    // A journal of other generations, which leads to the same content.
    let other = at(0);
    other.publish(4);
    let theirs = journal(&other, "primary");
    fs::copy(other.root().join(theirs.location.as_str()), repo.root().join(theirs.location.as_str()))
        .unwrap();
    list(&repo, theirs);
    let updated = repo.update().unwrap();
    assert_eq!(updated.warnings, [""; 0]);
    assert_eq!(paths(&updated)[0], ("primary", PathTaken::Delta));
    assert!(reason(&updated, "primary").contains("does not serve the generation"), "{updated:?}");
    assert_eq!(repo.assert_cache_is_whole(), 4);
}

/// Lists another journal for primary, and the deltas as before.
fn list(repo: &Repo, journal: repomd::Journal) {
    let deltas = repo.model().record("primary").unwrap().usable_deltas().cloned().collect();
    let additions = Additions { journal: Some(journal), deltas };
    let edited = repomd::with_deltas(&repo.repomd(), &[("primary".to_owned(), additions)].into()).unwrap();
    fs::write(repo.root().join("repodata/repomd.xml"), edited).unwrap();
}

#[test]
fn a_journal_that_leads_elsewhere_is_not_even_asked_for() {
    let repo = behind(1, 4);
    let mut stale = journal(&repo, "primary");
    stale.open_checksum = Checksum::new("sha256", &sha256(b"another file")).unwrap();
    list(&repo, stale.clone());
    let source = Scripted::new(repo.root());
    let updated = repo.update_from(&[&source], &options()).unwrap();
    assert_eq!(paths(&updated)[0], ("primary", PathTaken::Delta));
    assert_eq!(source.count(stale.location.as_str()), 0);
    assert_eq!(repo.assert_cache_is_whole(), 4);
}

/// No error of a system, then, but one of the files: the command line tells them apart.
#[test]
fn a_journal_file_that_does_not_fit_or_is_damaged_or_cut_anywhere_is_told_as_that() {
    use delta_client::patch::{Error, Target, apply_files};

    let repo = behind(1, 3);
    let bytes = fs::read(repo.root().join(journal(&repo, "primary").location.as_str())).unwrap();
    let [old, file, new] = ["old", "a.journal", "new"].map(|name| repo.path(name));
    let attempt = |generation: u64, journal: &[u8]| {
        fs::write(&old, crate::repo::open_content("primary", generation)).unwrap();
        fs::write(&file, journal).unwrap();
        apply_files("primary", &old, &file, &new, &Target::default())
    };
    let is_told = |error: &Error| !matches!(error, Error::File(_) | Error::OpenFile { .. });
    attempt(0, &bytes).unwrap();
    fs::remove_file(&new).unwrap();
    for end in 0..bytes.len() {
        // What the way of this generation does not read may be missing.
        if let Err(error) = attempt(0, &bytes[..end]) {
            assert!(is_told(&error), "{end}: {error}");
        } else {
            assert_eq!(fs::read(&new).unwrap(), crate::repo::open_content("primary", 3));
        }
    }
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x11;
        if let Err(error) = attempt(0, &damaged) {
            assert!(is_told(&error), "{at}: {error}");
        } else {
            assert_eq!(fs::read(&new).unwrap(), crate::repo::open_content("primary", 3));
        }
    }
    let error = attempt(9, &bytes).unwrap_err();
    assert!(matches!(error, Error::NotServed { .. }), "{error}");
}

#[test]
fn a_dry_run_reads_the_heads_and_tells_what_the_run_downloads() {
    for (held, last) in [(0, 1), (1, 4), (0, 8)] {
        for ranges in [true, false] {
            let repo = behind(held, last);
            let source = || {
                let source = Scripted::new(repo.root());
                if ranges { source } else { source.without_ranges() }
            };
            let dry = options().with_dry_run(true);
            let before = repo.snapshot();
            let would = repo.update_from(&[&source()], &dry).unwrap();
            assert_eq!(repo.snapshot(), before);
            let done = repo.update_from(&[&source()], &options()).unwrap();
            assert_eq!(would.bytes_downloaded, done.bytes_downloaded, "{held} {last} {ranges}");
            for (would, done) in would.types.iter().zip(&done.types) {
                assert_eq!((would.path, would.bytes_downloaded), (done.path, done.bytes_downloaded));
                assert_eq!(would.reason, done.reason);
            }
        }
    }
}

#[test]
fn a_dry_run_foresees_what_a_journal_that_does_not_serve_costs() {
    let repo = behind(1, 4);
    let location = journal(&repo, "primary").location;
    for act in [|| Act::Fail(TransportErrorKind::NotFound), || Act::Damage(7)] {
        // What has wrong bytes is asked for once more, past caches.
        let source = || Scripted::new(repo.root()).on(location.as_str(), 2, act());
        let dry = options().with_dry_run(true);
        let would = repo.update_from(&[&source()], &dry).unwrap();
        let again = repo.update_from(&[&source()], &dry).unwrap();
        assert_eq!(would.types, again.types);
        assert_eq!(paths(&would)[0], ("primary", PathTaken::Delta));
        assert_eq!(would.warnings.len(), 1, "{:?}", would.warnings);
    }
}
