//! What is asked of a journal: which bytes, in how many requests, and what comes of it.

use std::fs;

use delta_client::options::{KnownRecipes, Options};
use delta_client::progress::Silent;
use delta_client::report::{PathTaken, Updated};
use delta_client::update_beside;
use repomd::Journal;

use crate::exact::{auto, number};
use crate::journal::{TYPES, behind};
use crate::repo::{CLIENT_TYPES, Repo, options, paths, reason};
use crate::scripted::Scripted;

pub(crate) fn of(types: &[&str]) -> Options {
    options().with_types(types.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>())
}

pub(crate) fn update(repo: &Repo, source: &Scripted, options: &Options) -> Updated {
    repo.update_from(&[source], options).unwrap()
}

/// Bytes that all types together took.
fn bytes(updated: &Updated) -> u64 {
    updated.types.iter().map(|of_type| of_type.bytes_downloaded).sum()
}

/// Where the newest steps are, as repomd.xml tells it.
fn newest(journal: &Journal, steps: usize) -> (u64, u64) {
    let newest = journal.newest.as_ref().unwrap();
    let first = newest.table + newest.parts.iter().filter(|number| **number > 1).sum::<u64>();
    let further: u64 = newest.further[..steps - 1].iter().sum();
    (journal.head_size, journal.head_size + first + further)
}

#[track_caller]
fn all_by_the_journal(updated: &Updated) {
    assert_eq!(updated.warnings, [""; 0]);
    for (data_type, path) in paths(updated).into_iter().filter(|(_, path)| *path != PathTaken::Current) {
        assert_eq!(path, PathTaken::Journal, "{data_type}");
    }
}

#[test]
fn whoever_knows_its_age_asks_for_just_those_steps_and_for_nothing_else() {
    for (held, last) in [(1, 2), (2, 4), (5, 8)] {
        let repo = Repo::with_journals(Some(number("gzip-9")), held);
        update(&repo, &Scripted::new(repo.root()), &auto());
        (held + 1..=last).for_each(|generation| repo.publish(generation));
        let source = Scripted::new(repo.root());
        let updated = update(&repo, &source, &auto());
        all_by_the_journal(&updated);
        let journal = repo.journal();
        let range = newest(&journal, usize::try_from(last - held).unwrap());
        assert_eq!(source.ranges(".journal"), [range]);
        let repomd = repo.repomd().len() as u64;
        assert_eq!(updated.bytes_downloaded, repomd + range.1 - range.0);
        // No key where there is no signature.
        assert_eq!(
            source.asked(),
            ["repodata/repomd.xml", "repodata/repomd.xml.asc", journal.location.as_str()]
        );
        assert_eq!(repo.assert_cache_is_exact(), last);
    }
}

#[test]
fn a_server_without_ranges_costs_what_is_before_the_steps() {
    for held in [0, 3, 4] {
        let repo = behind(held, 5);
        let source = Scripted::new(repo.root()).without_ranges();
        let updated = update(&repo, &source, &options());
        all_by_the_journal(&updated);
        assert_eq!(source.count(".journal"), 1, "{held}");
        let journal = repo.journal();
        match held {
            0 => assert!(bytes(&updated) <= journal.size),
            _ => assert_eq!(bytes(&updated), newest(&journal, usize::try_from(5 - held).unwrap()).1),
        }
        assert_eq!(repo.assert_cache_is_whole(), 5);
    }
}

#[test]
fn of_the_newest_step_only_the_parts_that_are_wanted_are_read() {
    let repo = Repo::with_journals(None, 1);
    update(&repo, &Scripted::new(repo.root()), &of(&["primary"]));
    repo.publish(2);
    let journal = repo.journal();
    let (newest, head) = (journal.newest.as_ref().unwrap(), journal.head_size);
    let own = journal.types.iter().position(|of| of.name == "primary").unwrap();
    assert_eq!(own, 0);
    let source = Scripted::new(repo.root());
    let updated = update(&repo, &source, &of(&["primary"]));
    all_by_the_journal(&updated);
    assert_eq!(source.ranges(".journal"), [(head, head + newest.table + newest.parts[own])]);
    assert_eq!(bytes(&updated), newest.table + newest.parts[own]);
    assert_eq!(repo.assert_cache_is_whole(), 2);
}

#[test]
fn types_that_are_new_in_the_selection_are_fetched_and_others_go_by_the_journal() {
    let repo = Repo::with_journals(None, 1);
    update(&repo, &Scripted::new(repo.root()), &of(&["primary"]));
    for generation in [2, 3] {
        repo.publish(generation);
        let source = Scripted::new(repo.root());
        // More, and then fewer.
        let (types, more) = match generation {
            2 => (&["primary", "filelists"][..], Some("filelists")),
            _ => (&["filelists"][..], None),
        };
        let updated = update(&repo, &source, &of(types));
        assert_eq!(updated.warnings, [""; 0]);
        for (data_type, path) in paths(&updated) {
            let is_new = Some(data_type) == more;
            assert_eq!(path, if is_new { PathTaken::Full } else { PathTaken::Journal }, "{data_type}");
        }
        if let Some(more) = more {
            assert_eq!(reason(&updated, more), "this type is not held yet");
        }
        assert_eq!(source.asked().len(), 2 + usize::from(more.is_some()));
        assert_eq!(repo.assert_cache_is_whole(), generation);
    }
}

/// A directory with primary of generation 2 and the other types of generation 3, and a repository at
/// generation 4. Its repomd.xml has the instruction of generation 3, or none.
fn mixed(tells: bool) -> Repo {
    let repo = Repo::with_journals(Some(number("gzip-9")), 3);
    let text = |generation| fs::read_to_string(repo.path(&format!("repomd-{generation}.xml"))).unwrap();
    let record = |text: &str| {
        let start = text.find("<data type=\"primary\">").unwrap();
        text[start..start + text[start..].find("</data>").unwrap()].to_owned()
    };
    let mut mixed = text(3).replace(&record(&text(3)), &record(&text(2)));
    if !tells {
        let (before, rest) = mixed.split_once("<?delta-journal").unwrap();
        mixed = format!("{before}{}", rest.split_once("?>").unwrap().1);
    }
    let old = repo.path("old");
    fs::create_dir(&old).unwrap();
    for record in &repomd::Repomd::parse(mixed.as_bytes()).unwrap().records {
        let name = record.local_location().unwrap().in_repodata().unwrap();
        fs::copy(repo.root().join("repodata").join(name), old.join(name)).unwrap();
    }
    fs::write(old.join("repomd.xml"), mixed).unwrap();
    repo.publish(4);
    repo
}

fn beside(repo: &Repo, source: &Scripted) -> Updated {
    let (old, staging) = (repo.path("old"), repo.path("staging"));
    fs::create_dir(&staging).unwrap();
    let options = auto().with_types(CLIENT_TYPES.map(ToOwned::to_owned).to_vec());
    let done = update_beside(&[source], &old, &staging, &options, &mut KnownRecipes::default(), &Silent);
    assert_eq!(repo.assert_is_exact(&staging), repo.last().unwrap());
    done.unwrap().report.unwrap()
}

#[test]
fn types_of_different_ages_go_by_the_head_whatever_their_repomd_tells() {
    for tells in [true, false] {
        let repo = mixed(tells);
        let source = Scripted::new(repo.root());
        let updated = beside(&repo, &source);
        all_by_the_journal(&updated);
        let head = repo.journal().head_size;
        let ranges = source.ranges(".journal");
        assert_eq!((ranges.len(), &ranges[0]), (2, &(0, head)), "{tells}");
        assert_eq!(bytes(&updated), head + ranges[1].1 - ranges[1].0);
    }
}

#[test]
fn a_history_that_begins_anew_serves_by_its_head_whoever_has_what_it_has() {
    for (held, path, requests) in [(3, PathTaken::Journal, 2), (2, PathTaken::Full, 1)] {
        let repo = behind(held, 3);
        let before = repo.journal();
        fs::remove_dir_all(repo.path("history")).unwrap();
        // The publish of generation 3 is the first of another row, and generation 4 the second.
        repo.compose(3, crate::repo::EPOCH + 3 * 3600, 3);
        repo.generate(3);
        repo.publish(4);
        let journal = repo.journal();
        assert!(journal.id != before.id && journal.sequence == 2);
        let source = Scripted::new(repo.root());
        let updated = update(&repo, &source, &of(&TYPES));
        assert!(paths(&updated).iter().all(|(_, taken)| *taken == path), "{updated:?}");
        assert_eq!(source.ranges(".journal").len(), requests);
        assert_eq!(source.ranges(".journal")[0], (0, journal.head_size));
        let lines = if path == PathTaken::Full { TYPES.len() } else { 0 };
        assert_eq!(updated.warnings.len(), lines, "{:?}", updated.warnings);
        let why = "the journal does not serve the generation of the copy";
        assert!(updated.warnings.iter().all(|line| line.ends_with(why)), "{:?}", updated.warnings);
        assert_eq!(repo.assert_cache_is_whole(), 4);
    }
}
