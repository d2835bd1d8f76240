//! repomd.xml, journal and history that do not fit together: what that costs, and what comes of it.

use std::fs;
use std::path::Path;

use delta_client::report::PathTaken;
use repomd::Journal;
use repomd::journal::NewestSteps;

use crate::journal::{TYPES, behind, goes_by_deltas};
use crate::reading::{of, update};
use crate::repo::{Repo, options, paths};
use crate::scripted::Scripted;

/// What whoever is one publish behind reads for the first types of the journal.
fn newest_of(repo: &Repo, types: &[&str]) -> (u64, u64) {
    let journal = repo.journal();
    let newest = journal.newest.as_ref().unwrap();
    let parts: u64 = newest.parts[..types.len()].iter().filter(|number| **number > 1).sum();
    (journal.head_size, journal.head_size + newest.table + parts)
}

fn copy_dir(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn a_row_whose_numbers_are_given_twice_costs_a_line_and_the_delta() {
    let repo = Repo::with_journals(None, 2);
    copy_dir(&repo.path("history"), &repo.path("backup"));
    repo.publish(3);
    let first = repo.journal();
    // It would be noticed by a journal that it does not know.
    let lost = repo.root().join(first.location.as_str());
    update(&repo, &Scripted::new(repo.root()), &of(&TYPES));
    // The history of an older time is put back, and goes on with another content.
    fs::remove_file(lost).unwrap();
    copy_dir(&repo.path("backup"), &repo.path("history"));
    repo.publish(6);
    assert_eq!((repo.journal().id, repo.journal().sequence), (first.id, first.sequence));
    repo.publish(7);
    let source = Scripted::new(repo.root());
    let updated = update(&repo, &source, &of(&TYPES));
    assert_eq!(source.ranges(".journal"), [newest_of(&repo, &TYPES)]);
    assert!(paths(&updated).iter().all(|(_, path)| *path == PathTaken::Delta), "{updated:?}");
    for kind in TYPES {
        let line = format!("going on without the journal of `{kind}`: the result of ");
        assert_eq!(updated.warnings.iter().filter(|warning| warning.starts_with(&line)).count(), 1);
    }
    assert_eq!(updated.warnings.len(), TYPES.len(), "{:?}", updated.warnings);
    assert_eq!(repo.assert_cache_is_whole(), 7);
}

#[test]
fn an_instruction_that_is_malformed_is_as_good_as_none() {
    for (from, to) in [
        (" format=\"2\"", " format=\"3\""),
        (" sequence=\"", " sequence=\"x"),
        (" head=\"", " tail=\""),
        (" href=\"repodata/", " href=\"../"),
        (" href=\"repodata/", " href=\"http://other.example/"),
        (" href=\"repodata/", " href=\"repodata/x-"),
        (" types=\"primary:", " types=\"primary:xx"),
        (" newest=\"", " newest=\"9:"),
        (" size=\"", " size=\"99\" further=\"1\" size=\""),
    ] {
        let repo = behind(1, 4);
        repo.edit(|text| {
            let (before, rest) = text.split_once("<?delta-journal").unwrap();
            let (instruction, after) = rest.split_once("?>").unwrap();
            format!("{before}<?delta-journal{}?>{after}", instruction.replace(from, to))
        });
        let source = Scripted::new(repo.root());
        let updated = update(&repo, &source, &of(&TYPES));
        assert_eq!((source.count(".journal"), updated.warnings.len()), (0, 0), "{to}");
        assert!(paths(&updated).iter().all(|(_, path)| *path == PathTaken::Delta), "{to}: {updated:?}");
        assert_eq!(repo.assert_cache_is_whole(), 4);
    }
}

#[test]
fn steps_that_are_not_where_the_instruction_tells_cost_a_line_and_the_delta() {
    type Lie = fn(&mut NewestSteps);
    let lies: [(Lie, &str); 3] = [
        (|newest| newest.table -= 1, "unexpected end of file"),
        (|newest| newest.parts[0] = 2, "unexpected end of file"),
        (|newest| newest.digest[0] ^= 1, "has another digest than expected"),
    ];
    for (lie, why) in lies {
        let repo = behind(3, 4);
        let mut journal = repo.journal();
        lie(journal.newest.as_mut().unwrap());
        repo.list(journal);
        let updated = update(&repo, &Scripted::new(repo.root()), &options());
        goes_by_deltas(&repo, &updated, why);
    }
}

#[test]
fn a_head_that_lies_costs_a_line_and_the_delta() {
    type Lie = fn(&mut Journal, &mut Vec<u8>);
    let lies: [(Lie, &str); 5] = [
        (|journal, _| journal.head_digest[0] ^= 1, "expected the head that repomd.xml tells of"),
        (|journal, _| journal.sequence += 1, "expected a head that leads to publish"),
        (|journal, _| journal.types.swap(0, 1), "expected a head of the types that repomd.xml tells"),
        (|journal, _| journal.size -= 1, "expected a file of"),
        // The head is right, and there is more than it tells of.
        (
            |journal, file| {
                file.push(0);
                journal.size += 1;
            },
            "expected a head of a journal of",
        ),
    ];
    for (lie, why) in lies {
        let repo = behind(0, 4);
        let mut journal = repo.journal();
        let path = repo.root().join(journal.location.as_str());
        let mut file = fs::read(&path).unwrap();
        lie(&mut journal, &mut file);
        fs::write(&path, file).unwrap();
        repo.list(journal);
        let source = Scripted::new(repo.root());
        let updated = update(&repo, &source, &options());
        goes_by_deltas(&repo, &updated, why);
        // Once more past caches.
        assert_eq!(source.count(".journal"), 2, "{why}");
    }
}
