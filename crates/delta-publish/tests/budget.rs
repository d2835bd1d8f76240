//! What one run may encode, and what is made whatever it costs.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::fs;

use common::{EPOCH, Repo, TYPES, open_file};
use delta_publish::Options;
use delta_publish::options::{Threshold, Windows};
use delta_publish::report::{Generated, TypeGenerated};

/// The literals of a few publishes fit into the part of it that is theirs.
const BUDGET: u64 = 32 * 5_000;

/// As people have it, for files of any size.
fn options(budget: u64) -> Options {
    let mut options = Options::default().with_budget(budget);
    options.journal.as_mut().unwrap().min_full = 0;
    options
}

/// Publishes so many generations; gives what the last run did.
fn published(repo: &mut Repo, generations: u64, options: &Options) -> Generated {
    let mut outcome = Generated::default();
    for n in 0..generations {
        repo.compose(n);
        outcome = repo.generate(options).unwrap();
        assert!(outcome.withdrawn.is_empty() && outcome.reduced.is_empty(), "{n}: {:?}", outcome.reduced);
    }
    outcome
}

fn served_by_deltas(of_type: &TypeGenerated) -> usize {
    of_type.deltas.iter().filter(|delta| delta.file.is_some()).map(|delta| delta.generations).sum()
}

fn literals(outcome: &Generated) -> u64 {
    outcome.types.iter().flat_map(|of_type| &of_type.deltas).map(|delta| delta.literal_bytes).sum()
}

#[test]
fn what_is_chosen_beside_a_journal_is_within_the_budget() {
    let mut repo = Repo::new();
    for n in 0..14 {
        repo.compose(n);
        let outcome = repo.generate(&options(BUDGET)).unwrap();
        let encoded = outcome.journal.as_ref().map_or(0, |journal| journal.text_bytes);
        assert!(literals(&outcome) <= BUDGET / 32 && encoded + literals(&outcome) <= BUDGET, "{n}");
        assert!(outcome.types.iter().all(|of_type| of_type.deltas.len() <= 1), "{n}");
        let served: Vec<usize> = outcome.types.iter().map(served_by_deltas).collect();
        assert!(n == 0 || served.iter().all(|generations| *generations > 0), "{n}: {served:?}");
        if n == 12 {
            assert!(served.iter().all(|generations| *generations < 12), "{served:?}");
            let journal = |of_type: &TypeGenerated| of_type.journal.as_ref().unwrap().generations;
            assert_eq!(outcome.types.iter().map(journal).collect::<Vec<_>>(), [12; 3]);
        }
        let again = repo.generate(&options(BUDGET)).unwrap();
        assert!(!again.changed && again.types.iter().flat_map(|t| &t.deltas).all(|delta| !delta.written));
    }
}

#[test]
fn what_is_asked_for_is_made_beyond_the_budget() {
    let sixty = Windows::Thresholds(vec![Threshold::percent(60)]);
    for windows in [Windows::Cheapest { most: 1 }, Windows::Cheapest { most: 3 }, sixty] {
        let mut repo = Repo::new();
        published(&mut repo, 11, &options(16));
        repo.compose(11);
        let outcome = repo.generate(&options(16).with_windows(windows.clone())).unwrap();
        assert!(literals(&outcome) > 16);
        for of_type in &outcome.types {
            assert_eq!(served_by_deltas(of_type), 11, "{windows:?} {}", of_type.data_type);
        }
    }
}

#[test]
fn without_a_journal_all_are_served() {
    let mut repo = Repo::new();
    let outcome = published(&mut repo, 12, &options(16).with_journal(None));
    assert!(outcome.types.iter().all(|of_type| served_by_deltas(of_type) == 11));
}

#[test]
fn a_type_that_no_journal_has_is_served_as_without_one() {
    let mut repo = Repo::new();
    let mut outcome = Generated::default();
    for n in 0..12 {
        repo.compose(n);
        let repomd = String::from_utf8(repo.repomd()).unwrap();
        let (before, other) = repomd.split_at(repomd.find("<data type=\"other\"").unwrap());
        let lines = other.lines().filter(|line| !line.contains("<open-checksum"));
        let other: String = lines.flat_map(|line| [line, "\n"]).collect();
        fs::write(repo.repodata().join("repomd.xml"), before.to_owned() + &other).unwrap();
        outcome = repo.generate(&options(16)).unwrap();
    }
    let served: Vec<usize> = outcome.types.iter().map(served_by_deltas).collect();
    assert_eq!(served, [0, 0, 11]);
}

#[test]
fn a_type_that_did_not_change_keeps_its_delta() {
    let mut repo = Repo::new();
    published(&mut repo, 5, &Options::default());
    let mut outcome = Generated::default();
    // That the current content was published before is new to the first delta, and not to the second.
    for hour in [5, 6] {
        let files = [hour, 4, 4].into_iter().zip(TYPES).map(|(n, t)| (t, open_file(t, n)));
        repo.compose_files(&files.collect::<Vec<_>>(), Some(EPOCH + hour * 3600));
        outcome = repo.generate(&Options::default()).unwrap();
    }
    let written: Vec<bool> = outcome.types.iter().map(|of_type| of_type.deltas[0].written).collect();
    assert_eq!(written, [true, false, false]);
}

#[test]
fn what_nothing_serves_any_more_for_the_budget_is_said_once() {
    let mut repo = Repo::new();
    published(&mut repo, 8, &Options::default().with_journal(None));
    let mut said = Vec::new();
    for n in 8..11 {
        repo.compose(n);
        let outcome = repo.generate(&options(16)).unwrap();
        assert!(outcome.withdrawn.is_empty() && outcome.reduced.is_empty());
        said.push(outcome.warnings);
    }
    // The one that was current is served by nothing either, but was not served before.
    assert_eq!(said[0].len(), 1, "{said:?}");
    assert!(said[0][0].starts_with("beyond the budget: 7 generations of `primary`, "), "{said:?}");
    assert!(said[1..].iter().all(Vec::is_empty), "{said:?}");
}
