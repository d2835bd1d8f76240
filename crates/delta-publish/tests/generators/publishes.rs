//! Which publishes the journal leads from, whatever becomes of history and repository: everybody who ever
//! updated gets what is published now.

use std::collections::BTreeMap;
use std::fs;

use delta_client::report::PathTaken::{self, Current, Full, Journal};
use delta_publish::options::{ImportOptions, Retention, Threshold, VerifyOptions};
use delta_publish::report::Generated;
use delta_publish::{Forget, Options, forget, generate, import, verify};
use repomd::Repomd;

use crate::compose::{File, Site, Style};

/// A repository that is published by journal alone, and a client that stayed with each publish.
struct Story {
    site: Site,
    options: Options,
    published: u64,
}

impl Story {
    fn new() -> Self {
        let mut options = Options::default().with_deltas(false).with_max_size(Threshold::percent(100));
        options.journal.get_or_insert_default().min_full = 0;
        Self { site: Site::new(), options, published: 0 }
    }

    /// Publishes these types, each with the content of a number, an hour after the publish before.
    fn publish(&mut self, contents: &[(&str, u64)]) -> Generated {
        let outcome = self.publish_alone(contents);
        self.site.update_client(&format!("client {}", self.published));
        outcome
    }

    /// The same, and nobody updates.
    fn publish_alone(&mut self, contents: &[(&str, u64)]) -> Generated {
        self.published += 1;
        let files: Vec<File> = contents.iter().map(|(kind, n)| File::new(kind, *n)).collect();
        self.site.compose(self.published, &files, &Style::default());
        let planned =
            generate(&self.site.root(), &self.site.history(), &self.options.clone().with_dry_run(true));
        let outcome = self.site.publish(&self.options);
        assert_eq!(told(&planned.unwrap()), told(&outcome), "a dry run is the run");
        outcome
    }

    /// How the client of a publish gets what is published now; nothing is fetched in vain.
    fn client(&self, publish: u64) -> Vec<PathTaken> {
        let (paths, warnings) = self.site.update_client(&format!("client {publish}"));
        assert_eq!(warnings, [""; 0], "client of publish {publish}");
        paths.into_values().collect()
    }

    fn journal(&self) -> repomd::journal::Journal {
        Repomd::parse(&self.site.repomd()).unwrap().journal.unwrap()
    }

    /// The types that the journal has.
    fn types(&self) -> Vec<String> {
        self.journal().types.into_iter().map(|of| of.name).collect()
    }
}

/// What is told of a run, but for the time that it took.
fn told(outcome: &Generated) -> Generated {
    let mut outcome = outcome.clone();
    outcome.phases.clear();
    outcome
}

#[test]
fn content_that_returns_is_led_to_from_everywhere() {
    let mut story = Story::new();
    for n in [0, 1, 0, 2, 1, 3] {
        story.publish(&[("primary", n), ("updateinfo", n)]);
    }
    for publish in 1..=5 {
        assert_eq!(story.client(publish), [Journal; 2], "{publish}");
    }
}

#[test]
fn one_type_may_return_while_others_go_on() {
    let mut story = Story::new();
    for (n, other) in [(0, 0), (1, 1), (0, 2), (1, 3), (1, 4), (0, 5)] {
        story.publish(&[("primary", n), ("updateinfo", other)]);
    }
    for (publish, primary) in [(1, Current), (2, Journal), (3, Current), (4, Journal), (5, Journal)] {
        assert_eq!(story.client(publish), [primary, Journal], "{publish}");
    }
}

#[test]
fn types_come_and_go() {
    let mut story = Story::new();
    story.publish(&[("primary", 0)]);
    story.publish(&[("primary", 1), ("updateinfo", 1)]);
    // What is new has nothing to lead on from.
    assert_eq!(story.types(), ["primary"]);
    story.publish(&[("primary", 2), ("updateinfo", 2)]);
    let gone = story.publish(&[("primary", 3)]);
    assert_eq!(gone.withdrawn, []);
    story.publish(&[("primary", 4), ("updateinfo", 4)]);
    assert_eq!(story.client(1), [Journal, Full]);
    assert_eq!(story.client(2), [Journal; 2]);
    assert_eq!(story.client(3), [Journal; 2]);
    assert_eq!(story.client(4), [Journal, Full]);
}

#[test]
fn a_type_that_is_not_asked_for_once_goes_on_afterwards() {
    let mut story = Story::new();
    let both = |n| [("primary", n), ("updateinfo", n)];
    story.publish(&both(0));
    story.publish(&both(1));
    story.options.types = Some(vec!["primary".to_owned()]);
    story.publish(&both(2));
    story.options.types = None;
    let outcome = story.publish(&both(3));
    // What was encoded before is used again: only the steps from and to the publish between are new.
    assert!(outcome.journal.unwrap().steps_encoded <= 2);
    assert_eq!(story.client(1), [Journal; 2]);
    assert_eq!(story.client(2), [Journal; 2]);
    // Its updateinfo is unknown to the history: that is known before anything is asked for.
    let (paths, _) = story.site.update_client("client 3");
    assert_eq!(paths.into_values().collect::<Vec<_>>(), [Journal, Full]);
}

#[test]
fn a_type_that_changes_seldom_is_led_on_from_publishes_that_are_forgotten_otherwise() {
    let mut story = Story::new();
    story.options.retention = Retention { generations: 3, ..Retention::default() };
    for n in 0..8 {
        let outcome = story.publish(&[("primary", n), ("updateinfo", n / 4)]);
        assert_eq!(outcome.withdrawn, []);
    }
    let (paths, _) = story.site.update_client("client 1");
    assert_eq!(paths.into_values().collect::<Vec<_>>(), [Full, Journal]);
    assert_eq!(story.client(6), [Journal, Current]);
    assert_eq!(story.client(7), [Journal, Current]);
}

#[test]
fn generations_that_are_dropped_are_passed_over() {
    let mut story = Story::new();
    let mut contents = Vec::new();
    for n in 0..5 {
        story.publish(&[("primary", n), ("updateinfo", n)]);
        contents.push(sha256(&File::new("primary", n).open));
    }
    let what = Forget::Generations { data_type: "primary".to_owned(), open_sha256: vec![contents[2]] };
    forget(&story.site.history(), &what, false).unwrap();
    let again = generate(&story.site.root(), &story.site.history(), &story.options).unwrap();
    assert!(again.changed && again.withdrawn.is_empty() && again.reduced.is_empty(), "{:?}", again.reduced);
    for publish in [1, 2, 4] {
        assert_eq!(story.client(publish), [Journal; 2], "{publish}");
    }
    let (paths, _) = story.site.update_client("client 3");
    assert_eq!(paths.into_values().collect::<Vec<_>>(), [Full, Journal]);
}

#[test]
fn a_compose_that_is_discarded_leaves_no_step() {
    let mut story = Story::new();
    let both = |n| [("primary", n), ("updateinfo", n)];
    (0..3).for_each(|n| drop(story.publish(&both(n))));
    story.publish_alone(&both(7));
    forget(&story.site.history(), &Forget::Newest, false).unwrap();
    story.publish(&both(3));
    for publish in 1..=3 {
        assert_eq!(story.client(publish), [Journal; 2], "{publish}");
    }
    let one = Retention { generations: 1, ..Retention::default() };
    forget(&story.site.history(), &Forget::Beyond(one), false).unwrap();
    story.publish(&both(4));
    assert_eq!(story.journal().newest.unwrap().further, [0; 0]);
    assert_eq!(story.client(5), [Journal; 2]);
}

#[test]
fn imports_between_publishes_mislead_nobody() {
    let mut story = Story::new();
    let both = |n| [("primary", n), ("updateinfo", n)];
    let mut kept = BTreeMap::new();
    for n in 0..5 {
        if n == 1 || n == 3 {
            // Published elsewhere.
            let mut other = Story::new();
            other.published = story.published;
            other.publish_alone(&both(n));
            story.published += 1;
            kept.insert(n, other);
        } else {
            story.publish(&both(n));
        }
    }
    let id = story.journal().id;
    for other in kept.values() {
        import(&story.site.history(), &[other.site.root()], &ImportOptions::default()).unwrap();
    }
    story.publish(&both(5));
    assert_ne!(story.journal().id, id);
    // By numbers alone the first one would be led on from another publish.
    for publish in [1, 3, 5] {
        assert_eq!(story.client(publish), [Journal; 2], "{publish}");
    }
}

#[test]
fn a_lost_ledger_loses_no_generation() {
    let mut story = Story::new();
    let both = |n| [("primary", n), ("updateinfo", n / 2)];
    (0..4).for_each(|n| drop(story.publish(&both(n))));
    let id = story.journal().id;
    fs::remove_file(story.site.history().join("ledger.json")).unwrap();
    let outcome = story.publish(&both(4));
    assert_eq!(outcome.withdrawn, []);
    assert_ne!(story.journal().id, id);
    assert_eq!(story.client(1), [Journal; 2]);
    assert_eq!(story.client(4), [Journal; 2]);
}

#[test]
fn a_history_of_before_begins_another_row() {
    let mut story = Story::new();
    let both = |n| [("primary", n), ("updateinfo", n)];
    (0..3).for_each(|n| drop(story.publish(&both(n))));
    let ledger = story.site.history().join("ledger.json");
    let before = fs::read(&ledger).unwrap();
    story.publish(&both(3));
    let (id, journal) = (story.journal().id, story.site.root().join(story.journal().location.as_str()));
    let bytes = fs::read(&journal).unwrap();
    story.publish(&both(4));
    fs::write(&ledger, before).unwrap();
    // createrepo_c keeps the files that it does not know.
    story.published += 1;
    let files = both(5).map(|(kind, n)| File::new(kind, n));
    story.site.compose(story.published, &files, &Style::default());
    fs::write(&journal, bytes).unwrap();
    story.site.publish(&story.options);
    assert_ne!(story.journal().id, id);
    for publish in 1..=3 {
        assert_eq!(story.client(publish), [Journal; 2], "{publish}");
    }
}

#[test]
fn damaged_steps_are_made_again() {
    let mut story = Story::new();
    let both = |n| [("primary", n), ("updateinfo", n)];
    (0..4).for_each(|n| drop(story.publish(&both(n))));
    for entry in fs::read_dir(story.site.history().join("steps")).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
    }
    let outcome = story.publish(&both(4)).journal.unwrap();
    assert_eq!((outcome.reads.len(), outcome.steps_reused), (4, 0));
    assert_eq!(story.client(1), [Journal; 2]);
}

#[test]
fn verify_names_what_is_wrong_with_a_journal() {
    let mut story = Story::new();
    (0..3).for_each(|n| drop(story.publish(&[("primary", n), ("updateinfo", n)])));
    let verify =
        || verify(&story.site.root(), Some(&story.site.history()), &VerifyOptions::default()).unwrap();
    let proven: Vec<usize> = verify().types.iter().map(|of_type| of_type.journal_proven).collect();
    assert_eq!(proven, [2, 2]);
    let repomd = story.site.root().join("repodata/repomd.xml");
    let text = fs::read_to_string(&repomd).unwrap();
    let sequence = format!(" sequence=\"{}\"", story.journal().sequence);
    let primary = &text[text.find("primary:").unwrap()..][.."primary:01234567".len()];
    let newest = &text[text.find("newest=\"").unwrap()..];
    let table = &newest[..newest.find(':').unwrap()];
    for (from, to, says) in [
        (
            sequence.as_str(),
            " sequence=\"99\"",
            "-repodata.journal`: it is of other types, or of another publish",
        ),
        (primary, "primary:01234567", "it leads to another `primary` than the one published"),
        (table, "newest=\"9", "its newest parts are not what repomd.xml says"),
    ] {
        fs::write(&repomd, text.replacen(from, to, 1)).unwrap();
        let problems = verify().problems;
        assert!(problems.len() == 1 && problems[0].contains(says), "{problems:?}");
    }
    fs::write(&repomd, &text).unwrap();
    let journal = story.site.root().join(story.journal().location.as_str());
    let bytes = fs::read(&journal).unwrap();
    fs::write(&journal, &bytes[1..]).unwrap();
    let problems = verify().problems;
    assert!(problems.len() == 1 && problems[0].contains("-repodata.journal`: expected"), "{problems:?}");
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    codec::Algorithm::Sha256.digest(bytes).as_bytes().try_into().unwrap()
}
