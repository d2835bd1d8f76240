//! A dry run is the run without its last step: the same answer, whatever is asked for.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

mod common;

use common::{EPOCH, Repo, TYPES, open_file, tree};
use delta_publish::options::{ImportOptions, JournalOptions, StripOptions, Threshold, Windows};
use delta_publish::report::Generated;
use delta_publish::{Forget, Options, forget, generate, import, strip};
use history::Retention;

/// One option that a person may give.
type Change = (&'static str, fn(&mut Options));

fn journal(options: &mut Options) -> &mut JournalOptions {
    options.journal.get_or_insert_default()
}

/// Each option alone, with values that change something.
const CHANGES: [Change; 14] = [
    ("no-journal", |o| o.journal = None),
    ("no-deltas", |o| o.deltas = false),
    ("no-recipe", |o| journal(o).recipe = false),
    ("budget", |o| o.budget = 100),
    ("journal for small files", |o| journal(o).min_full = 0),
    ("types", |o| o.types = Some(vec!["primary".to_owned(), "other".to_owned()])),
    ("windows", |o| o.windows = Windows::Cheapest { most: 1 }),
    ("sizes", |o| o.windows = Windows::Thresholds(vec![Threshold::percent(2), Threshold::percent(20)])),
    ("max-size", |o| o.max_size = Threshold::percent(10)),
    ("max-size of few bytes", |o| o.max_size = Threshold::Bytes(400)),
    ("keep", |o| o.retention.generations = 3),
    ("keep-age", |o| o.retention.max_age = Some(7200)),
    ("keep-states", |o| o.keep_states = 0),
    ("a type that is not there", |o| o.types = Some(vec!["primary".to_owned(), "group".to_owned()])),
];

/// Several publishes, and one that is not yet published.
fn prepared() -> Repo {
    let mut repo = Repo::new();
    for n in 0..7 {
        repo.compose(n);
        let mut options = Options::default();
        journal(&mut options).min_full = 0;
        repo.generate(&options).unwrap();
    }
    repo.compose(7);
    repo
}

/// What does not depend on the time that it took.
fn without_times(mut outcome: Generated) -> String {
    outcome.phases.clear();
    serde_json::to_string_pretty(&outcome).unwrap()
}

fn assert_the_dry_run_is_the_run(repo: &Repo, options: &Options, what: &str) {
    let before = (tree(&repo.root()), tree(&repo.history()));
    let mut dry = options.clone();
    dry.dry_run = true;
    let foretold = generate(&repo.root(), &repo.history(), &dry).unwrap();
    assert_eq!((tree(&repo.root()), tree(&repo.history())), before, "{what}: a dry run wrote");
    let done = generate(&repo.root(), &repo.history(), options).unwrap();
    assert_eq!(without_times(foretold), without_times(done), "{what}");
}

#[test]
fn every_option_alone_is_foretold() {
    let prepared = prepared();
    for (what, change) in CHANGES {
        let mut options = Options::default();
        change(&mut options);
        // On new metadata, and then once more on the same.
        let repo = prepared.copy();
        assert_the_dry_run_is_the_run(&repo, &options, what);
        assert_the_dry_run_is_the_run(&repo, &Options::default(), what);
        assert_the_dry_run_is_the_run(&repo, &options, what);
    }
}

#[test]
fn random_sets_of_options_are_foretold() {
    let prepared = prepared();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..24 {
        let repo = prepared.copy();
        for _ in 0..2 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut options = Options::default();
            let mut chosen = Vec::new();
            for (at, (what, change)) in CHANGES.iter().enumerate() {
                if (state >> (16 + at)).is_multiple_of(4) {
                    change(&mut options);
                    chosen.push(*what);
                }
            }
            assert_the_dry_run_is_the_run(&repo, &options, &format!("{round}: {chosen:?}"));
        }
    }
}

/// Puts a generation of the history of testdata in the place of what is there.
fn compose_real(repo: &Repo, generation: usize) {
    let from =
        format!("{}/../../testdata/demo-history/gen-{generation:04}/repodata", env!("CARGO_MANIFEST_DIR"));
    let to = repo.root().join("repodata");
    std::fs::create_dir_all(&to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn a_real_history_is_foretold() {
    let repo = Repo::new();
    for generation in 0..9 {
        compose_real(&repo, generation);
        let mut options = Options::default();
        options.deltas = generation.is_multiple_of(2);
        assert_the_dry_run_is_the_run(&repo, &options, &format!("publish {generation}"));
    }
    compose_real(&repo, 9);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for round in 0..CHANGES.len() * 2 {
        let repo = repo.copy();
        let mut options = Options::default();
        let (what, change) = CHANGES[round % CHANGES.len()];
        change(&mut options);
        let mut chosen = vec![what];
        if round >= CHANGES.len() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let others = CHANGES.iter().enumerate().filter(|(at, _)| (state >> (16 + at)).is_multiple_of(3));
            for (_, (what, change)) in others {
                change(&mut options);
                chosen.push(what);
            }
        }
        assert_the_dry_run_is_the_run(&repo, &options, &format!("{chosen:?}"));
        compose_real(&repo, 10);
        assert_the_dry_run_is_the_run(&repo, &options, &format!("{chosen:?}, once more"));
    }
}

#[test]
fn first_publishes_and_histories_of_others_are_foretold() {
    let mut repo = Repo::new();
    repo.compose(0);
    assert_the_dry_run_is_the_run(&repo, &Options::default(), "first publish");
    for (at, data_type) in TYPES.iter().enumerate() {
        let files = TYPES.map(|t| (t, open_file(t, 1)));
        repo.compose_files(&files[..=at], Some(EPOCH + 7200 + at as u64));
        assert_the_dry_run_is_the_run(&repo, &Options::default(), data_type);
    }
    std::fs::remove_file(repo.history().join("primary/index")).unwrap();
    repo.compose(5);
    let mut dry = Options::default();
    dry.dry_run = true;
    let foretold = generate(&repo.root(), &repo.history(), &dry).unwrap();
    let done = generate(&repo.root(), &repo.history(), &Options::default()).unwrap();
    assert!(!done.reduced.is_empty());
    assert_eq!(without_times(foretold), without_times(done));
}

#[test]
fn strip_import_and_forget_are_foretold() {
    let repo = prepared();
    repo.copy();
    let mut stripping = StripOptions::default();
    stripping.dry_run = true;
    let before = (tree(&repo.root()), tree(&repo.history()));
    let foretold = strip(&repo.root(), Some(&repo.history()), &stripping).unwrap();
    let mut importing = ImportOptions::default();
    importing.dry_run = true;
    let other = repo.temp.path().join("other");
    let imported = import(&other, &[repo.root()], &importing).unwrap();
    assert!(!other.exists());
    let kinds = [
        Forget::Newest,
        Forget::Beyond(Retention { generations: 2, max_age: None }),
        Forget::Generations { data_type: "primary".to_owned(), open_sha256: vec![[0; 32]] },
    ];
    let forgotten = kinds.each_ref().map(|what| forget(&repo.history(), what, true).unwrap());
    assert_eq!((tree(&repo.root()), tree(&repo.history())), before, "a dry run wrote");

    for (what, foretold) in kinds.iter().zip(forgotten) {
        let copy = repo.copy();
        assert_eq!(forget(&copy.history(), what, false).unwrap(), foretold);
    }
    assert_eq!(strip(&repo.root(), Some(&repo.history()), &StripOptions::default()).unwrap(), foretold);
    assert_eq!(import(&other, &[repo.root()], &ImportOptions::default()).unwrap(), imported);
}
