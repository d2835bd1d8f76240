//! Generation after generation: who is served, what is listed, what stays and
//! what goes.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::fs;

use common::{EPOCH, Repo, TYPES, open_file};
use delta_publish::options::{Signing, StripOptions, Threshold, VerifyOptions, Windows};
use delta_publish::report::SignatureFate;
use delta_publish::{Options, strip, verify};
use repomd::Repomd;

#[test]
fn every_past_generation_is_served() {
    let mut repo = Repo::new();
    let mut applied = 0;
    for n in 0..12 {
        repo.compose(n);
        let outcome = repo.generate(&Options::default()).unwrap();
        assert_eq!(outcome.warnings, [""; 0]);
        assert_eq!(outcome.changed, n > 0);
        applied = repo.assert_clients_are_served();
        let verified = verify(&repo.root(), Some(&repo.history()), &VerifyOptions::default()).unwrap();
        assert_eq!(verified.problems, [""; 0]);
    }
    assert!(applied >= 3 * 8, "{applied}");
}

#[test]
fn deltas_come_first_newest_first_and_strip_restores_every_byte() {
    let mut repo = Repo::new();
    let mut before = Vec::new();
    for n in 0..6 {
        repo.compose(n);
        before = repo.repomd();
        repo.generate(&Options::default()).unwrap();
    }
    let edited = String::from_utf8(repo.repomd()).unwrap();
    for data in edited.split("<data ").skip(1) {
        let (first, rest) = data.split_once('<').unwrap();
        assert!(first.trim_end().ends_with('>') && rest.starts_with("delta-base>"), "{data}");
        assert!(data.rfind("</delta>").unwrap() < data.find("<open-checksum").unwrap());
    }
    let model = Repomd::parse(edited.as_bytes()).unwrap();
    for record in &model.records {
        let times: Vec<u64> = record.usable_deltas().map(|d| d.timestamp.seconds()).collect();
        assert!(times.is_sorted_by(|a, b| a > b) && !times.is_empty(), "{times:?}");
    }
    let stripped = strip(&repo.root(), Some(&repo.history()), &StripOptions::default()).unwrap();
    assert!(stripped.changed);
    assert_eq!(repo.repomd(), before);
    assert_eq!(repo.delta_files(), [""; 0]);
}

/// Readers that take the first location of a record would get another file.
#[test]
fn verify_tells_a_base_that_is_not_the_records_own() {
    let mut repo = Repo::new();
    for n in 0..2 {
        repo.compose(n);
        repo.generate(&Options::default()).unwrap();
    }
    let good = String::from_utf8(repo.repomd()).unwrap();
    let (start, rest) = good.split_once("<delta-base>").unwrap();
    let (base, end) = rest.split_once("</delta-base>").unwrap();
    for (changed, expected) in [
        (format!("{start}{end}"), "expected a `<delta-base>` before its deltas, found none"),
        (
            format!("{start}<x/><delta-base>{base}</delta-base>{end}"),
            "expected `<delta-base>` as its first element, found another one before it",
        ),
        (
            format!("{start}<delta-base>{base}</delta-base><delta-base/>{end}"),
            "expected one `<delta-base>`, found 2",
        ),
        (format!("{start}<delta-base/>{end}"), "its `<delta-base>` cannot be used"),
        (
            format!("{start}<delta-base><location href=\"repodata/x\"/></delta-base>{end}"),
            "in its `<delta-base>`, found `repodata/x`",
        ),
    ] {
        std::fs::write(repo.root().join("repodata/repomd.xml"), changed).unwrap();
        let problems = verify(&repo.root(), None, &VerifyOptions::default()).unwrap().problems;
        assert!(matches!(&problems[..], [one] if one.contains(expected)), "{problems:?}");
    }
}

#[test]
fn nothing_changed_nothing_is_rewritten() {
    let mut repo = Repo::new();
    for n in 0..4 {
        repo.compose(n);
        repo.generate(&Options::default()).unwrap();
    }
    let times = |dir| {
        let mut times: Vec<_> =
            walk(dir).into_iter().map(|p| (fs::metadata(&p).unwrap().modified().unwrap(), p)).collect();
        times.sort();
        times
    };
    let before = (times(repo.root()), times(repo.history()));
    let outcome = repo.generate(&Options::default()).unwrap();
    assert!(!outcome.changed);
    assert!(outcome.types.iter().flat_map(|t| &t.deltas).all(|d| !d.written));
    assert_eq!(before, (times(repo.root()), times(repo.history())));
}

fn walk(dir: std::path::PathBuf) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(&dir).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            all.extend(walk(entry.path()));
        } else if entry.file_name() != "lock" {
            all.push(entry.path());
        }
    }
    all.push(dir);
    all
}

#[test]
fn dropped_elements_come_back_with_the_files_that_are_there() {
    let mut repo = Repo::new();
    for n in 0..4 {
        repo.compose(n);
        repo.generate(&Options::default()).unwrap();
    }
    let before = repo.tree();
    // As `createrepo_c --update` does when no package changed.
    repo.compose(3);
    assert!(!repo.repomd().windows(7).any(|w| w == b"<delta>"));
    let outcome = repo.generate(&Options::default()).unwrap();
    assert!(outcome.changed);
    assert!(outcome.types.iter().flat_map(|t| &t.deltas).all(|d| !d.written));
    assert_eq!(repo.tree(), before);
}

#[test]
fn a_new_tree_each_time_gets_its_deltas_from_the_history() {
    let mut repo = Repo::new();
    for n in 0..5 {
        if repo.repodata().exists() {
            fs::remove_dir_all(repo.repodata()).unwrap();
        }
        repo.compose(n);
        repo.generate(&Options::default()).unwrap();
    }
    assert!(repo.assert_clients_are_served() > 6);
    fs::remove_dir_all(repo.repodata()).unwrap();
    repo.compose(4);
    repo.generate(&Options::default()).unwrap();
    assert!(repo.assert_clients_are_served() > 6);
}

#[test]
fn superseded_deltas_stay_for_three_states_and_then_go() {
    let mut repo = Repo::new();
    let foreign = "0000-primary.xml.delta9.bz2";
    let mut named = Vec::new();
    for n in 0..9 {
        repo.compose(n);
        fs::write(repo.repodata().join(foreign), "not ours").unwrap();
        repo.generate(&Options::default()).unwrap();
        let model = Repomd::parse(&repo.repomd()).unwrap();
        let now: Vec<String> = model
            .records
            .iter()
            .flat_map(repomd::Record::usable_deltas)
            .map(|d| d.location.file_name().to_owned())
            .collect();
        named.push(now);
        let mut expected: Vec<String> = named.iter().rev().take(4).flatten().cloned().collect();
        expected.push(foreign.to_owned());
        expected.sort();
        expected.dedup();
        assert_eq!(repo.delta_files(), expected, "after {n}");
    }
}

#[test]
fn a_regenerated_repository_costs_next_to_nothing() {
    let mut repo = Repo::new();
    let files = TYPES.map(|t| (t, open_file(t, 0)));
    repo.compose_files(&files, Some(EPOCH));
    repo.generate(&Options::default()).unwrap();
    repo.compose_files(&files, Some(EPOCH));
    assert!(!repo.generate(&Options::default()).unwrap().changed, "same content, same timestamp");
    repo.compose_files(&files, Some(EPOCH + 60));
    let outcome = repo.generate(&Options::default()).unwrap();
    for one in &outcome.types {
        assert_eq!(one.generations, 1);
        let [delta] = &one.deltas[..] else { panic!("{one:?}") };
        assert!(delta.size <= 48, "{}", delta.size);
    }
    assert_eq!(repo.assert_clients_are_served(), 6);
}

#[test]
fn content_that_returns_is_served_too() {
    let mut repo = Repo::new();
    for (content, hour) in [(0, 0), (1, 1), (0, 2), (3, 3), (1, 4)] {
        let files = TYPES.map(|t| (t, open_file(t, content)));
        repo.compose_files(&files, Some(EPOCH + hour * 3600));
        let outcome = repo.generate(&Options::default()).unwrap();
        assert!(outcome.types.iter().all(|t| t.generations <= 3));
        repo.assert_clients_are_served();
    }
    assert_eq!(repo.assert_clients_are_served(), 12);
}

#[test]
fn repeated_and_backward_timestamps_never_mislead() {
    let mut repo = Repo::new();
    // Two contents under one timestamp, one in the future, then back.
    for (content, hour) in [(0, 5), (1, 5), (2, 9), (3, 6), (4, 7)] {
        let files = TYPES.map(|t| (t, open_file(t, content)));
        repo.compose_files(&files, Some(EPOCH + hour * 3600));
        repo.generate(&Options::default()).unwrap();
        repo.assert_clients_are_served();
    }
    // The one of hour 9 is not older than the current file and gets no delta.
    assert_eq!(repo.assert_clients_are_served(), 9);
}

#[test]
fn without_timestamps_it_is_remembered_and_nothing_listed() {
    let mut repo = Repo::new();
    for n in 0..3 {
        let files = TYPES.map(|t| (t, open_file(t, n)));
        repo.compose_files(&files, None);
        let outcome = repo.generate(&Options::default().with_journal(None)).unwrap();
        assert!(!outcome.changed);
        assert_eq!((outcome.warnings.len(), outcome.notes.len()), (0, 1));
        assert_eq!(outcome.types[0].generations as u64, n + 1);
    }
}

#[test]
fn names_of_deltas_carry_their_digest_beside_simple_names_too() {
    let mut repo = Repo::new();
    repo.unique_names = false;
    for n in 0..5 {
        repo.compose(n);
        repo.generate(&Options::default()).unwrap();
        repo.assert_clients_are_served();
    }
    let tree = repo.tree();
    let files = repo.delta_files();
    assert!(!files.is_empty());
    for file in files {
        assert!(file.starts_with(&common::sha256(&tree[&file])), "{file}");
    }
}

#[test]
fn a_delta_over_the_cap_is_not_listed() {
    let mut repo = Repo::new();
    let mut options = Options::default();
    options.max_size = Threshold::Bytes(50);
    for n in 0..3 {
        repo.compose(n);
        let outcome = repo.generate(&options).unwrap();
        assert!(!outcome.changed);
    }
    assert_eq!(repo.delta_files(), [""; 0]);
}

#[test]
fn a_dry_run_writes_nothing() {
    let mut repo = Repo::new();
    let mut options = Options::default();
    options.dry_run = true;
    repo.compose(0);
    repo.generate(&options).unwrap();
    assert!(!repo.history().exists());
    repo.generate(&Options::default()).unwrap();
    repo.compose(1);
    let before = (repo.tree(), common::tree(&repo.history()));
    let outcome = repo.generate(&options).unwrap();
    assert!(outcome.changed);
    assert_eq!(outcome.types.iter().map(|t| t.deltas.len()).collect::<Vec<_>>(), [1, 1, 1]);
    assert_eq!(before, (repo.tree(), common::tree(&repo.history())));
}

#[test]
fn a_stale_signature_is_removed_kept_or_refused() {
    let mut repo = Repo::new();
    repo.compose(0);
    repo.generate(&Options::default()).unwrap();
    repo.compose(1);
    let signature = repo.repodata().join("repomd.xml.asc");
    fs::write(&signature, "signature").unwrap();
    let before = repo.tree();
    let mut refusing = Options::default();
    refusing.signing = Signing::Refuse;
    let refused = repo.generate(&refusing).unwrap();
    assert_eq!(refused.signature, SignatureFate::Kept);
    assert!(refused.reduced[0].message.contains("repomd.xml.asc"), "{refused:?}");
    assert_eq!(repo.tree(), before);

    assert_eq!(repo.generate(&Options::default()).unwrap().signature, SignatureFate::Removed);
    assert!(!signature.exists());
    fs::write(&signature, "signature").unwrap();
    assert_eq!(repo.generate(&refusing).unwrap().signature, SignatureFate::Kept);
    assert!(signature.exists());
}

#[test]
fn createrepo_at_work_is_left_alone() {
    let mut repo = Repo::new();
    repo.compose(0);
    fs::create_dir(repo.root().join(".repodata")).unwrap();
    let error = repo.generate(&Options::default()).unwrap_err();
    assert!(error.is_temporary(), "{error}");
    assert!(!repo.history().exists());
}

#[test]
fn a_record_that_is_not_what_repomd_says_is_refused_and_all_stays() {
    let mut repo = Repo::new();
    repo.compose(0);
    repo.generate(&Options::default()).unwrap();
    repo.compose(1);
    let name = repo.tree().into_keys().find(|n| n.ends_with("primary.xml.gz")).unwrap();
    let path = repo.repodata().join(&name);
    let good = fs::read(&path).unwrap();
    let repomd = repo.repomd();

    let mut bad = good.clone();
    *bad.last_mut().unwrap() ^= 1;
    fs::write(&path, &bad).unwrap();
    let error = repo.generate(&Options::default()).unwrap_err();
    assert!(error.to_string().contains(&name), "{error}");
    fs::remove_file(&path).unwrap();
    let error = repo.generate(&Options::default()).unwrap_err();
    assert!(error.to_string().contains("missing"), "{error}");
    assert_eq!(repo.repomd(), repomd);

    fs::write(&path, good).unwrap();
    repo.generate(&Options::default()).unwrap();
    assert_eq!(repo.assert_clients_are_served(), 3);
}

/// Found in a real history: the same content under more and more timestamps must
/// not make a delta that is in place serve less than it claims.
#[test]
fn republished_content_leaves_no_hole_in_the_windows() {
    let mut repo = Repo::new();
    let mut options = Options::default();
    options.windows =
        Windows::Thresholds(vec![Threshold::percent(1), Threshold::percent(10), Threshold::percent(500)]);
    options.max_size = Threshold::percent(500);
    for (hour, content) in [0, 9, 9, 3, 3, 7, 7, 7, 9, 5, 5, 9, 9].into_iter().enumerate() {
        let files = TYPES.map(|t| (t, open_file(t, content)));
        repo.compose_files(&files, Some(EPOCH + hour as u64 * 3600));
        repo.generate(&options).unwrap();
        repo.assert_clients_are_served();
        let verified = verify(&repo.root(), Some(&repo.history()), &VerifyOptions::default()).unwrap();
        assert_eq!(verified.problems, [""; 0], "after {hour}");
    }
}

#[test]
fn one_odd_compose_does_not_cut_off_the_past() {
    let mut repo = Repo::new();
    for n in 0..6 {
        repo.compose(n);
        repo.generate(&Options::default()).unwrap();
    }
    let empty = TYPES.map(|t| (t, format!("<{t}>\n</{t}>").into_bytes()));
    repo.compose_files(&empty, Some(EPOCH + 6 * 3600));
    repo.generate(&Options::default()).unwrap();
    for n in 7..9 {
        repo.compose(n);
        repo.generate(&Options::default()).unwrap();
    }
    let odd = repo.published.remove(6);
    assert!(repo.assert_clients_are_served() >= 3 * 6);
    repo.published.insert(6, odd);
    let verified = verify(&repo.root(), Some(&repo.history()), &VerifyOptions::default()).unwrap();
    assert_eq!(verified.problems, [""; 0]);
    assert_eq!(verified.types.iter().map(|t| t.unserved).collect::<Vec<_>>(), [1, 1, 1]);
}

#[test]
fn a_type_named_twice_is_done_once() {
    let mut repo = Repo::new();
    let mut options = Options::default();
    options.types = Some(vec!["primary".into(), "other".into(), "primary".into()]);
    repo.compose(0);
    repo.generate(&options).unwrap();
    repo.compose(1);
    let outcome = repo.generate(&options).unwrap();
    assert_eq!(outcome.types.len(), 2);
}

#[test]
fn leftovers_of_an_interrupted_run_are_removed() {
    let mut repo = Repo::new();
    repo.compose(0);
    let left = [".createrepo-delta.new.x-primary.xml.delta0.bz2", ".createrepo-delta.new.repomd.xml.asc"];
    for name in left {
        fs::write(repo.repodata().join(name), "left").unwrap();
    }
    repo.generate(&Options::default()).unwrap();
    assert!(repo.tree().into_keys().all(|name| !name.starts_with('.')));
}

#[test]
fn a_symbolic_link_is_left_alone() {
    let mut repo = Repo::new();
    repo.compose(0);
    let name = repo.tree().into_keys().find(|n| n.ends_with("other.xml.gz")).unwrap();
    let elsewhere = repo.temp.path().join("elsewhere");
    fs::rename(repo.repodata().join(&name), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, repo.repodata().join(&name)).unwrap();
    let outcome = repo.generate(&Options::default()).unwrap();
    assert!(outcome.types[2].skipped.as_ref().unwrap().contains("symbolic link"));
    assert_eq!(outcome.types[0].skipped, None);
}

#[test]
fn a_pinned_timestamp_is_warned_of() {
    let mut repo = Repo::new();
    for n in 0..2 {
        let files = TYPES.map(|t| (t, open_file(t, n)));
        repo.compose_files(&files, Some(EPOCH));
        let outcome = repo.generate(&Options::default().with_journal(None)).unwrap();
        assert_eq!(outcome.warnings.len() as u64, n, "{:?}", outcome.warnings);
        assert!(!outcome.changed);
    }
}
