//! Which windows are published, and what is told of their cost: compared with
//! clients that are played.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{EPOCH, Repo, TYPES, open_file};
use delta_client::select::{CopyVersion, Selection, select};
use delta_publish::options::{Threshold, Windows};
use delta_publish::report::{Expected, Generated};
use delta_publish::{Options, inspect};
use repomd::{Record, Repomd};

/// Publishes every generation, the last of them with `windows`.
fn published(generations: u64, windows: &Windows) -> Repo {
    let mut repo = Repo::new();
    let mut options = Options::default();
    for n in 0..generations {
        repo.compose(n);
        if n + 1 == generations {
            options.windows = windows.clone();
        }
        repo.generate(&options).unwrap();
    }
    repo
}

/// What a client downloads by its own rule, repomd.xml not counted.
fn download(record: &Record, timestamp: u64) -> u64 {
    match select(record, &CopyVersion { timestamp: Some(timestamp), open_checksum: None }) {
        Selection::Delta(delta) => delta.size,
        _ => record.size.unwrap(),
    }
}

fn expected(repo: &Repo) -> Vec<(Record, Expected)> {
    let found = inspect::repository(&repo.root(), Some(&repo.history())).unwrap();
    let model = Repomd::parse(&repo.repomd()).unwrap();
    let expected = found.records.into_iter().map(|r| r.expected.unwrap());
    model.records.into_iter().zip(expected).collect()
}

#[test]
fn what_is_expected_is_what_clients_download() {
    let repo = published(12, &Windows::default());
    for (record, expected) in expected(&repo) {
        assert_eq!(expected.ages.len(), 11);
        let mut sum = 0;
        for (behind, age) in (1..).zip(&expected.ages) {
            assert_eq!(age.timestamp, EPOCH + (11 - behind) * 3600);
            assert_eq!(age.bytes, download(&record, age.timestamp), "{} {behind}", record.kind);
            sum += age.bytes;
        }
        assert_eq!(expected.bytes, sum.div_ceil(11) + expected.listing_bytes);
    }
}

#[test]
fn what_journals_save_is_told_apart() {
    let mut repo = Repo::new();
    let mut options = Options::default();
    options.journal.as_mut().unwrap().min_full = 0;
    let mut made = Generated::default();
    for n in 0..8 {
        repo.compose(n);
        made = repo.generate(&options).unwrap();
    }
    let journal = Repomd::parse(&repo.repomd()).unwrap().journal.unwrap();
    assert_eq!(journal.sequence, 8);
    let mut sums = [0; 7];
    for (_, expected) in expected(&repo) {
        assert_eq!(expected.ages.len(), 7);
        let mut sum = 0;
        for (age, all) in expected.ages.iter().zip(&mut sums) {
            let reads = age.journal.unwrap();
            *all += reads;
            sum += reads.min(age.bytes);
        }
        assert_eq!(expected.journal_bytes, Some(sum.div_ceil(7)));
    }
    assert_eq!(sums.to_vec(), made.journal.unwrap().reads, "shares add up");
    options.journal = None;
    repo.compose(8);
    repo.generate(&options).unwrap();
    for (_, expected) in expected(&repo) {
        assert_eq!(expected.journal_bytes, None);
        assert!(expected.ages.iter().all(|age| age.journal.is_none()));
    }
}

#[test]
fn listings_are_counted_as_long_as_they_are() {
    let options = Options::default().with_journal(None).with_windows(Windows::Cheapest { most: 2 });
    for unique_names in [true, false] {
        let mut repo = Repo { unique_names, ..Repo::new() };
        for n in 0..8 {
            repo.compose(n);
            repo.generate(&options).unwrap();
        }
        let counted: u64 = expected(&repo).iter().map(|(_, e)| e.listing_bytes).sum();
        let repomd = repo.repomd();
        let real = (repomd.len() - repomd::strip(&repomd).unwrap().len()) as u64;
        let deltas = Repomd::parse(&repomd).unwrap().records.iter().map(|r| r.deltas.len()).sum::<usize>();
        // Sizes and timestamps may have a few digits more or less.
        assert!(deltas > 3 && counted.abs_diff(real) <= 6 * deltas as u64, "{counted} {real}");
    }
}

#[test]
fn the_cheapest_windows_are_cheaper_than_thresholds() {
    let thresholds = [10, 50, 200, 1000, 6000].map(Threshold::Share).to_vec();
    let cheapest = published(30, &Windows::Cheapest { most: 5 });
    let by_size = published(30, &Windows::Thresholds(thresholds));
    for ((record, cheapest), (_, by_size)) in expected(&cheapest).iter().zip(&expected(&by_size)) {
        assert!(cheapest.bytes <= by_size.bytes, "{}: {} {}", record.kind, cheapest.bytes, by_size.bytes);
    }
}

#[test]
fn one_window_serves_all_and_none_serves_nobody() {
    let mut repo = published(6, &Windows::Cheapest { most: 1 });
    let lists = |repo: &Repo| -> Vec<usize> {
        Repomd::parse(&repo.repomd()).unwrap().records.iter().map(|r| r.deltas.len()).collect()
    };
    assert_eq!(lists(&repo), [1, 1, 1]);
    assert_eq!(repo.assert_clients_are_served(), 3 * 5);
    repo.compose(6);
    let mut options = Options::default();
    options.windows = Windows::Cheapest { most: 0 };
    repo.generate(&options).unwrap();
    assert_eq!(lists(&repo), [0, 0, 0]);
}

#[test]
fn nothing_is_expected_of_content_that_is_not_the_newest() {
    let mut repo = published(3, &Windows::default());
    let files = TYPES.map(|t| (t, open_file(t, 40)));
    repo.compose_files(&files, Some(EPOCH + 40 * 3600));
    let found = inspect::repository(&repo.root(), Some(&repo.history())).unwrap();
    assert!(found.records.iter().all(|r| r.expected.is_none()));
    let found = inspect::repository(&repo.root(), None).unwrap();
    assert!(found.records.iter().all(|r| r.expected.is_none()));
}
