//! Updates that go by journals, and what happens where one does not serve.

use std::fs;

use delta_client::report::{PathTaken, Updated};
use delta_client::transport::TransportErrorKind;

use crate::repo::{Repo, damage, options, paths, reason};
use crate::scripted::{Act, Scripted};

/// Types that journal and deltas have; updateinfo is in the journal alone.
pub(crate) const TYPES: [&str; 3] = ["primary", "filelists", "other"];

fn at(last: u64) -> Repo {
    Repo::with_journals(None, last)
}

/// A client of generation `held`, and the repository at generation `last`. The first publish lists no journal,
/// so that whoever has that one reads the head.
pub(crate) fn behind(held: u64, last: u64) -> Repo {
    let repo = at(held);
    repo.update().unwrap();
    (held + 1..=last).for_each(|generation| repo.publish(generation));
    repo
}

/// Whether a client of generation `held` does not know from repomd.xml alone what it needs.
fn reads_head(repo: &Repo, held: u64, last: u64) -> bool {
    held == 0 || last - held > 1 + repo.journal().newest.unwrap().further.len() as u64
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
            }
            // The copy knows how far behind it is, but for the first.
            let requests = if reads_head(&repo, held, last) { 2 } else { 1 };
            assert_eq!(source.count(repo.journal().location.as_str()), requests, "{held} {last}");
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
    }
    assert_eq!(source.count(repo.journal().location.as_str()), 1);
}

#[test]
fn what_goes_wrong_with_a_journal_costs_a_line_and_the_delta_is_taken() {
    type Fault = fn(usize) -> Act;
    let cases: [(Fault, &str, usize); 7] = [
        (|_| Act::Fail(TransportErrorKind::NotFound), "NotFound", 1),
        (|_| Act::Fail(TransportErrorKind::Status(500)), "Status(500)", 1),
        (|_| Act::Fail(TransportErrorKind::Timeout), "Timeout", 1),
        // What has wrong bytes is asked for once more, past caches.
        (|head| Act::Damage(head + 40), "has another digest than expected", 2),
        (|_| Act::Bytes(b"<html>not found</html>".to_vec()), "found an end after 22", 2),
        (|_| Act::Announce(1), "expected a file of", 2),
        (|_| Act::Endless, "has another digest than expected", 2),
    ];
    for (act, why, requests) in cases {
        let repo = behind(2, 4);
        let journal = repo.journal();
        let act = act(usize::try_from(journal.head_size).unwrap());
        let source = Scripted::new(repo.root()).on(journal.location.as_str(), 9, act);
        let updated = repo.update_from(&[&source], &options()).unwrap();
        assert_eq!(source.count(journal.location.as_str()), requests, "{why}");
        goes_by_deltas(&repo, &updated, why);
    }
}

/// The journal did not serve, which is told once; updateinfo has no delta.
#[track_caller]
pub(crate) fn goes_by_deltas(repo: &Repo, updated: &Updated, why: &str) {
    for (data_type, path) in paths(updated) {
        let expected = if TYPES.contains(&data_type) { PathTaken::Delta } else { PathTaken::Full };
        assert_eq!(path, expected, "{why}: {data_type}");
    }
    let [of_all, of_one] = &updated.warnings[..] else { panic!("{why}: {:?}", updated.warnings) };
    assert!(of_all.starts_with("going on without the journal: ") && of_all.contains(why), "{why}: {of_all}");
    // Why, the other one told.
    assert_eq!(of_one, "taking the full file of `updateinfo`");
    assert_eq!(Some(repo.assert_cache_is_whole()), repo.last());
}

#[test]
fn without_delta_and_journal_the_full_file_is_taken() {
    let repo = behind(1, 4);
    let location = repo.journal().location;
    let delta = repo.locations("primary").1.unwrap();
    let source = Scripted::new(repo.root())
        .on(location.as_str(), 9, Act::Fail(TransportErrorKind::NotFound))
        .on(&delta, 9, Act::Fail(TransportErrorKind::NotFound));
    let updated = repo.update_from(&[&source], &options()).unwrap();
    assert_eq!(paths(&updated)[0], ("primary", PathTaken::Full));
    // Of the journal, of the delta, and of updateinfo, which has none.
    assert_eq!(updated.warnings.len(), 3, "{:?}", updated.warnings);
    assert_eq!((source.count(location.as_str()), source.count(&delta)), (1, 1));
    assert_eq!(repo.assert_cache_is_whole(), 4);
}

#[test]
fn steps_that_are_damaged_are_not_opened() {
    // Of the first table, of its link or entries, of the last part that is read.
    for which in 0..3 {
        let repo = behind(2, 4);
        let journal = repo.journal();
        let newest = journal.newest.as_ref().unwrap();
        let read =
            journal.head_size + newest.table + newest.parts.iter().chain(&newest.further[..1]).sum::<u64>();
        let at = [journal.head_size, journal.head_size + 40, read - 1][which];
        damage(&repo.root().join(journal.location.as_str()), usize::try_from(at).unwrap());
        let updated = repo.update().unwrap();
        goes_by_deltas(&repo, &updated, "has another digest than expected");
    }
}

#[test]
fn a_generation_that_is_not_served_takes_the_delta() {
    let repo = behind(1, 4);
    // A journal of other generations, which leads to the same content.
    let other = at(0);
    other.publish(4);
    let theirs = other.journal();
    fs::copy(other.root().join(theirs.location.as_str()), repo.root().join(theirs.location.as_str()))
        .unwrap();
    repo.list(theirs);
    let would = repo.update_with(&options().with_dry_run(true)).unwrap();
    let updated = repo.update().unwrap();
    assert_eq!(would.bytes_downloaded, updated.bytes_downloaded);
    assert_eq!(updated.warnings, [""; 0]);
    assert_eq!(paths(&updated)[0], ("primary", PathTaken::Delta));
    assert!(reason(&updated, "primary").contains("does not serve the generation"), "{updated:?}");
    assert_eq!(repo.assert_cache_is_whole(), 4);
}

#[test]
fn a_journal_that_leads_elsewhere_is_not_even_asked_for() {
    let repo = behind(1, 4);
    let mut stale = repo.journal();
    stale.types.iter_mut().for_each(|of| of.id = [1, 2, 3, 4]);
    repo.list(stale.clone());
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
    let bytes = fs::read(repo.root().join(repo.journal().location.as_str())).unwrap();
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
fn a_dry_run_reads_no_more_than_the_head_and_tells_what_the_run_downloads() {
    for (held, last) in [(0, 1), (2, 4), (1, 4), (0, 8), (1, 8), (7, 8)] {
        let repo = behind(held, last);
        let source = Scripted::new(repo.root());
        let dry = options().with_dry_run(true);
        let before = repo.snapshot();
        let would = repo.update_from(&[&source], &dry).unwrap();
        assert_eq!(repo.snapshot(), before);
        let heads = if reads_head(&repo, held, last) { vec![(0, repo.journal().head_size)] } else { vec![] };
        assert_eq!(source.ranges(".journal"), heads, "{held} {last}");
        let done = repo.update_from(&[&source], &options()).unwrap();
        assert_eq!(would.bytes_downloaded, done.bytes_downloaded, "{held} {last}");
        for (would, done) in would.types.iter().zip(&done.types) {
            assert_eq!((would.path, would.bytes_downloaded), (done.path, done.bytes_downloaded));
            assert_eq!(would.reason, done.reason);
        }
    }
}

/// What comes before the steps, a server without ranges sends, too: the head, and other runs.
#[test]
fn a_dry_run_does_not_know_that_a_server_has_no_ranges() {
    for held in [0, 2, 3] {
        let repo = behind(held, 4);
        let source = || Scripted::new(repo.root()).without_ranges();
        let would = repo.update_from(&[&source()], &options().with_dry_run(true)).unwrap();
        let done = repo.update_from(&[&source()], &options()).unwrap();
        let (journal, more) = (repo.journal(), done.bytes_downloaded - would.bytes_downloaded);
        assert!(if held == 0 { more < journal.size } else { more == journal.head_size }, "{held}: {more}");
    }
}

#[test]
fn a_dry_run_that_reads_the_head_foresees_what_a_journal_that_does_not_serve_costs() {
    let repo = behind(0, 4);
    let location = repo.journal().location;
    for act in [|| Act::Fail(TransportErrorKind::NotFound), || Act::Damage(20)] {
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
