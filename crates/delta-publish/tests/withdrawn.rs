//! What is withdrawn without having been asked for is told; what is explained is not.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::fs;
use std::path::Path;

use common::{EPOCH, Repo, TYPES, open_file, tree};
use delta_publish::options::{Threshold, VerifyOptions};
use delta_publish::report::{Generated, ReductionKind};
use delta_publish::{Forget, Options, forget, generate};
use history::Retention;

fn prepared(publishes: u64) -> Repo {
    let mut repo = Repo::new();
    for n in 0..publishes {
        repo.compose(n);
        let outcome = repo.generate(&options()).unwrap();
        assert_eq!((outcome.reduced.len(), outcome.withdrawn.len()), (0, 0), "{n}: {:?}", outcome.reduced);
    }
    repo
}

/// Journals for files of any size.
fn options() -> Options {
    let mut options = Options::default();
    options.journal.get_or_insert_default().min_full = 0;
    options
}

fn kinds(outcome: &Generated) -> Vec<ReductionKind> {
    outcome.reduced.iter().map(|reduction| reduction.reason_code).collect()
}

fn copy_tree(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    for (name, bytes) in tree(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Publishes with what became of the history, with new metadata and without.
fn publishes(repo: &Repo, mut spoil: impl FnMut(&Repo)) -> [Generated; 2] {
    [false, true].map(|anew| {
        let mut repo = repo.copy();
        spoil(&repo);
        if anew {
            repo.compose(9);
        }
        generate(&repo.root(), &repo.history(), &options()).unwrap()
    })
}

#[test]
fn a_new_or_lost_history_withdraws_all_and_says_so() {
    let repo = prepared(4);
    let outcomes = publishes(&repo, |repo| fs::remove_dir_all(repo.history()).unwrap());
    // With new metadata the one that was current is in the past, too.
    for (outcome, number) in outcomes.into_iter().zip([3, 4]) {
        assert!(outcome.history_created);
        assert_eq!(kinds(&outcome), [ReductionKind::Withdrawn]);
        let types: Vec<&str> = outcome.withdrawn.iter().map(|w| &*w.data_type).collect();
        assert_eq!(types, TYPES);
        assert!(outcome.withdrawn.iter().all(|w| w.generations == Some(number)), "{:?}", outcome.withdrawn);
    }
}

#[test]
fn a_lost_index_withdraws_the_generations_of_its_type() {
    let repo = prepared(4);
    let lose = |repo: &Repo| fs::remove_file(repo.history().join("filelists/index")).unwrap();
    for outcome in publishes(&repo, lose) {
        assert_eq!(kinds(&outcome), [ReductionKind::HistoryDamaged, ReductionKind::Withdrawn]);
        let [withdrawn] = &outcome.withdrawn[..] else { panic!("{:?}", outcome.withdrawn) };
        assert_eq!(withdrawn.data_type, "filelists");
    }
}

#[test]
fn a_restored_history_misses_what_was_published_since() {
    let mut repo = prepared(3);
    let backup = repo.temp.path().join("backup");
    copy_tree(&repo.history(), &backup);
    for n in 3..6 {
        repo.compose(n);
        repo.generate(&options()).unwrap();
    }
    let restore = |repo: &Repo| copy_tree(&repo.temp.path().join("backup"), &repo.history());
    for (outcome, number) in publishes(&repo, restore).into_iter().zip([2, 3]) {
        assert_eq!(kinds(&outcome), [ReductionKind::Withdrawn], "{:?}", outcome.reduced);
        assert!(outcome.withdrawn.iter().all(|w| w.generations == Some(number)), "{:?}", outcome.withdrawn);
    }
}

#[test]
fn a_history_restored_from_the_publish_before_misses_the_current_clients() {
    let mut repo = prepared(4);
    let backup = repo.temp.path().join("backup");
    copy_tree(&repo.history(), &backup);
    repo.compose(4);
    repo.generate(&options()).unwrap();
    copy_tree(&backup, &repo.history());
    repo.compose(5);
    let outcome = repo.generate(&options()).unwrap();
    assert_eq!(kinds(&outcome), [ReductionKind::Withdrawn], "{:?}", outcome.reduced);
    assert!(outcome.withdrawn.iter().all(|w| w.generations == Some(1)), "{:?}", outcome.withdrawn);
}

#[test]
fn a_lost_ledger_is_told_and_files_of_its_states_stay_for_mirrors_that_lag() {
    let mut repo = prepared(5);
    let mut options = options();
    options.retention.generations = 4;
    repo.compose(5);
    repo.generate(&options).unwrap();
    let named: Vec<String> =
        repo.tree().into_keys().filter(|n| n.contains(".delta") || n.contains(".journal")).collect();
    fs::remove_file(repo.history().join("ledger.json")).unwrap();
    for n in 6..9 {
        repo.compose(n);
        let outcome = repo.generate(&options).unwrap();
        let expected: &[ReductionKind] = if n == 6 { &[ReductionKind::HistoryDamaged] } else { &[] };
        assert_eq!(kinds(&outcome), expected, "{n}: {:?}", outcome.reduced);
        let tree = repo.tree();
        assert!(named.iter().all(|name| tree.contains_key(name)), "{n}");
    }
    for n in 9..11 {
        repo.compose(n);
        repo.generate(&options).unwrap();
    }
    let tree = repo.tree();
    assert!(!named.iter().any(|name| tree.contains_key(name)));
}

#[test]
fn a_file_of_a_record_is_never_taken_for_a_delta() {
    let mut repo = Repo::new();
    repo.compose(0);
    let bytes = b"a list of units";
    let name = format!("{}-systemd.journal", common::sha256(bytes));
    fs::write(repo.repodata().join(&name), bytes).unwrap();
    let record = format!(
        "<data type=\"systemd\"><checksum type=\"sha256\">{}</checksum><location href=\"repodata/{name}\"/></data></repomd>",
        common::sha256(bytes)
    );
    let repomd = String::from_utf8(repo.repomd()).unwrap().replace("</repomd>", &record);
    fs::write(repo.repodata().join("repomd.xml"), repomd).unwrap();
    repo.generate(&options()).unwrap();
    assert!(repo.tree().contains_key(&name));
    delta_publish::strip(
        &repo.root(),
        Some(&repo.history()),
        &delta_publish::options::StripOptions::default(),
    )
    .unwrap();
    assert!(repo.tree().contains_key(&name));
    let verified =
        delta_publish::verify(&repo.root(), Some(&repo.history()), &VerifyOptions::default()).unwrap();
    assert_eq!(verified.unnamed, [""; 0]);
}

#[test]
fn runs_that_fail_do_not_make_what_they_retired_look_lost() {
    let mut repo = prepared(4);
    let mut options = options();
    options.retention.generations = 3;
    repo.compose(4);
    let mut failing = options.clone();
    failing.signing =
        delta_publish::options::Signing::Command(delta_publish::options::SignCommand::new(vec![
            "false".to_owned(),
        ]));
    repo.generate(&failing).unwrap_err();
    assert_eq!(kinds(&repo.generate(&options).unwrap()), []);
}

#[test]
fn what_an_import_retires_is_not_lost() {
    let mut repo = prepared(5);
    let mut importing = delta_publish::options::ImportOptions::default();
    importing.retention.generations = 2;
    delta_publish::import(&repo.history(), &[repo.root()], &importing).unwrap();
    repo.compose(5);
    assert_eq!(kinds(&repo.generate(&options()).unwrap()), []);
}

#[test]
fn a_lost_directory_of_a_type_is_damage() {
    let repo = prepared(4);
    let lose = |repo: &Repo| fs::remove_dir_all(repo.history().join("other")).unwrap();
    for outcome in publishes(&repo, lose) {
        assert_eq!(kinds(&outcome), [ReductionKind::HistoryDamaged, ReductionKind::Withdrawn]);
    }
}

#[test]
fn the_history_of_another_repository_is_left_alone() {
    let repo = prepared(3);
    let mut other = Repo::new();
    for n in 0..2 {
        let of = |t| String::from_utf8(open_file(t, n)).unwrap().replace("name=\"p", "name=\"q").into_bytes();
        other.compose_files(&TYPES.map(|t| (t, of(t))), Some(EPOCH + n * 3600));
        other.generate(&options()).unwrap();
    }
    let before = tree(&repo.history());
    let outcome = generate(&other.root(), &repo.history(), &options()).unwrap();
    assert_eq!(kinds(&outcome), [ReductionKind::HistoryForeign]);
    assert!(!outcome.changed);
    assert_eq!(tree(&repo.history()), before);
    // Made anew it lists nothing, and what was served is.
    let of = |t| String::from_utf8(open_file(t, 7)).unwrap().replace("name=\"p", "name=\"q").into_bytes();
    other.compose_files(&TYPES.map(|t| (t, of(t))), Some(EPOCH + 9 * 3600));
    let outcome = generate(&other.root(), &repo.history(), &options()).unwrap();
    assert_eq!(kinds(&outcome), [ReductionKind::HistoryForeign, ReductionKind::Withdrawn]);
    assert_eq!(tree(&repo.history()), before);
}

#[test]
fn rollbacks_mass_rebuilds_and_growth_are_not_another_repository() {
    let mut repo = prepared(4);
    let bump =
        |t, from: &str, to: &str| String::from_utf8(open_file(t, 3)).unwrap().replace(from, to).into_bytes();
    let rebuilt = TYPES.map(|t| (t, bump(t, " v=\"", " v=\"9")));
    let rolled_back = TYPES.map(|t| (t, open_file(t, 1)));
    let small = TYPES.map(|t| (t, format!("<{t}>\n<package name=\"p1\">x</package>\n</{t}>").into_bytes()));
    for (hour, files) in [rebuilt, rolled_back.clone(), small, rolled_back].iter().enumerate() {
        repo.compose_files(files, Some(EPOCH + (10 + hour as u64) * 3600));
        let outcome = repo.generate(&options()).unwrap();
        assert_eq!(kinds(&outcome), [], "{hour}: {:?}", outcome.reduced);
    }
}

#[test]
fn a_history_that_two_repositories_share_is_told_and_blue_and_green_trees_do_not_share() {
    let mut repo = Repo::new();
    let (a, b) = (repo.temp.path().join("a"), repo.temp.path().join("b"));
    let mut told = Vec::new();
    for n in 0..6 {
        for (root, from, to) in [(&a, "", ""), (&b, "<package name=\"p1\"", "<package name=\"r1\"")] {
            let of = |t| String::from_utf8(open_file(t, n)).unwrap().replace(from, to).into_bytes();
            let text =
                if root == &a { TYPES.map(|t| (t, open_file(t, n))) } else { TYPES.map(|t| (t, of(t))) };
            // b has other versions of everything, under the same names.
            let text = text.map(|(t, bytes)| {
                let text = String::from_utf8(bytes).unwrap();
                (t, if root == &b { text.replace(" v=", " w=") } else { text }.into_bytes())
            });
            repo.compose_files(&text, Some(EPOCH + n * 7200 + u64::from(root == &b)));
            copy_tree(&repo.repodata(), &root.join("repodata"));
            told.push(kinds(&generate(root, &repo.history(), &options()).unwrap()));
        }
    }
    assert_eq!(told[..3], [[], [], []]);
    assert!(told[3..].iter().all(|kinds| kinds == &[ReductionKind::HistoryShared]), "{told:?}");

    let mut repo = Repo::new();
    let trees = [repo.temp.path().join("blue"), repo.temp.path().join("green")];
    for n in 0..6 {
        repo.compose(n);
        let root = &trees[usize::from(n % 2 == 1)];
        copy_tree(&repo.repodata(), &root.join("repodata"));
        assert_eq!(kinds(&generate(root, &repo.history(), &options()).unwrap()), [], "{n}");
    }
}

#[test]
fn what_was_asked_for_is_not_told() {
    let prepared = prepared(5);
    let asked: [fn(&mut Options); 6] = [
        |o| o.types = Some(vec!["primary".to_owned()]),
        |o| o.retention.generations = 2,
        |o| o.deltas = false,
        |o| o.journal = None,
        |o| o.max_size = Threshold::Bytes(1),
        |o| o.budget = 0,
    ];
    for ask in asked {
        let mut repo = prepared.copy();
        repo.compose(5);
        let mut options = options();
        ask(&mut options);
        let outcome = repo.generate(&options).unwrap();
        assert_eq!(kinds(&outcome), [], "{:?}", outcome.reduced);
    }
    for what in [Forget::Newest, Forget::Beyond(Retention { generations: 2, max_age: None })] {
        let mut repo = prepared.copy();
        forget(&repo.history(), &what, false).unwrap();
        repo.compose(5);
        let outcome = repo.generate(&options()).unwrap();
        assert_eq!(kinds(&outcome), [], "{what:?}: {:?}", outcome.reduced);
    }
}

#[test]
fn a_type_that_was_served_and_is_asked_for_but_gone_is_told() {
    let mut repo = prepared(3);
    let mut options = options();
    options.types = Some(TYPES.map(str::to_owned).to_vec());
    let files = TYPES.map(|t| (t, open_file(t, 4)));
    repo.compose_files(&files[..2], Some(EPOCH + 9 * 3600));
    let outcome = repo.generate(&options).unwrap();
    assert_eq!(kinds(&outcome), [ReductionKind::TypeMissing]);
    repo.compose_files(&TYPES.map(|t| (t, open_file(t, 5)))[..2], Some(EPOCH + 10 * 3600));
    assert_eq!(kinds(&repo.generate(&options).unwrap()), []);
    options.types = Some(vec!["primry".to_owned()]);
    let before = (repo.tree(), tree(&repo.history()));
    let error = repo.generate(&options).unwrap_err();
    assert!(error.to_string().contains("` has no metadata of type `"), "{error}");
    assert_eq!((repo.tree(), tree(&repo.history())), before);
}

#[test]
fn a_mirror_with_a_history_of_its_own_is_told_once() {
    let mut upstream = prepared(5);
    let (mirror, own) = (upstream.temp.path().join("mirror"), upstream.temp.path().join("own"));
    let mut told = Vec::new();
    for n in 5..9 {
        upstream.compose(n);
        upstream.generate(&options()).unwrap();
        copy_tree(&upstream.repodata(), &mirror.join("repodata"));
        told.push(kinds(&generate(&mirror, &own, &options()).unwrap()));
    }
    assert_eq!(told[0], [ReductionKind::Withdrawn]);
    assert!(told[1..].iter().all(Vec::is_empty), "{told:?}");
}
