//! What was found wrong once: each test failed before its fix.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::fs;
use std::os::unix::fs::symlink;

use common::{EPOCH, Repo, TYPES, open_file};
use delta_publish::options::{ImportOptions, SignCommand, Signing, VerifyOptions};
use delta_publish::report::ReductionKind;
use delta_publish::{Options, import, verify};
use history::{History, Retention};
use repomd::{Record, Repomd};

/// A primary with some packages more than usual.
fn primary_with(packages: &[(&str, usize)]) -> Vec<u8> {
    let usual = String::from_utf8(open_file("primary", 0)).unwrap();
    let mut file = usual.trim_end_matches("</primary>").to_owned();
    for (name, len) in packages {
        file += &["<package name=\"", name, "\">", &name.repeat(*len), "</package>\n"].concat();
    }
    (file + "</primary>").into_bytes()
}

fn failing_to_sign() -> Options {
    let mut options = Options::default();
    options.signing = Signing::Command(SignCommand::new(vec!["false".into()]));
    options
}

/// Moves a file of repodata/ elsewhere and leaves a link.
fn replace_by_link(repo: &Repo, name: &str) {
    let (from, to) = (repo.repodata().join(name), repo.temp.path().join(name));
    fs::rename(&from, &to).unwrap();
    symlink(&to, &from).unwrap();
}

#[test]
fn damage_that_a_rewrite_of_packs_finds_makes_no_wrong_delta() {
    let mut repo = Repo::new();
    let mut options = Options::default();
    options.types = Some(vec!["primary".into()]);
    let contents = [
        primary_with(&[("j", 6 << 20)]),
        primary_with(&[]),
        primary_with(&[("q", 100)]),
        primary_with(&[("q", 100), ("r", 100)]),
    ];
    for (hour, content) in contents.iter().enumerate() {
        repo.compose_files(&[("primary", content.clone())], Some(EPOCH + hour as u64 * 3600));
        if hour == 3 {
            let pack = repo.history().join("primary/pack-00000001");
            let mut bytes = fs::read(&pack).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x10;
            fs::write(&pack, bytes).unwrap();
            options.retention.generations = 3;
        }
        let outcome = repo.generate(&options).unwrap();
        let damaged = outcome.reduced.iter().any(|r| r.reason_code == ReductionKind::HistoryDamaged);
        assert_eq!(damaged, hour == 3, "{:?}", outcome.reduced);
    }
    // Clients of generations that were lost may try a delta in vain; those that
    // the history has get the current file.
    let verified = verify(&repo.root(), Some(&repo.history()), &VerifyOptions::default()).unwrap();
    assert_eq!(verified.problems, [""; 0]);
    let history = History::read(&repo.history()).unwrap();
    let track = history.track("primary").unwrap();
    let mut newest = Vec::new();
    track.write_generation(0, &mut newest).unwrap();
    assert_eq!(newest, contents[3]);
}

#[test]
fn runs_that_fail_do_not_cost_the_deltas_that_are_published() {
    let mut repo = Repo::new();
    for n in 0..3 {
        repo.compose(n);
        repo.generate(&Options::default()).unwrap();
    }
    let model = Repomd::parse(&repo.repomd()).unwrap();
    let deltas = model.records.iter().flat_map(Record::usable_deltas);
    let published: Vec<String> = deltas.map(|d| d.location.file_name().to_owned()).collect();
    for n in 3..7 {
        repo.compose(n);
        repo.generate(&failing_to_sign()).unwrap_err();
    }
    repo.compose(7);
    repo.generate(&Options::default()).unwrap();
    let there = repo.delta_files();
    assert!(!published.is_empty() && published.iter().all(|name| there.contains(name)));
}

#[test]
fn a_failed_signature_leaves_deltas_with_simple_names_as_they_are_listed() {
    let mut repo = Repo::new();
    repo.unique_names = false;
    for n in 0..3 {
        repo.compose(n);
        repo.generate(&Options::default()).unwrap();
    }
    // With a generation dropped other deltas are made for the same metadata.
    let history = History::open(&repo.history()).unwrap();
    for data_type in TYPES {
        let mut track = history.track(data_type).unwrap();
        track.drop_generation(1);
        track.commit(&Retention::default()).unwrap();
    }
    drop(history);
    repo.generate(&failing_to_sign()).unwrap_err();
    assert_eq!(
        verify(&repo.root(), Some(&repo.history()), &VerifyOptions::default()).unwrap().problems,
        [""; 0]
    );
}

#[test]
fn deltas_that_became_links_are_made_again() {
    let mut repo = Repo::new();
    for n in 0..3 {
        repo.compose(n);
        repo.generate(&Options::default()).unwrap();
    }
    repo.delta_files().iter().for_each(|name| replace_by_link(&repo, name));
    assert!(!verify(&repo.root(), None, &VerifyOptions::default()).unwrap().problems.is_empty());
    repo.generate(&Options::default()).unwrap();
    assert_eq!(verify(&repo.root(), None, &VerifyOptions::default()).unwrap().problems, [""; 0]);
}

#[test]
fn import_leaves_out_what_is_a_link() {
    let mut repo = Repo::new();
    repo.compose(0);
    let name = repo.tree().into_keys().find(|n| n.contains("filelists")).unwrap();
    replace_by_link(&repo, &name);
    let types = TYPES.map(str::to_owned);
    let mut options = ImportOptions::default();
    options.types = Some(types.to_vec());
    let imported = import(&repo.history(), &[repo.root()], &options).unwrap();
    assert_eq!(imported.directories[0].types, ["primary", "other"]);
    assert!(imported.directories[0].skipped[0].contains("symbolic link"));
}

#[test]
fn a_type_that_can_have_no_deltas_does_not_cost_the_others_theirs() {
    let mut repo = Repo::new();
    repo.compose(0);
    repo.generate(&Options::default()).unwrap();
    repo.compose(1);
    let repomd = String::from_utf8(repo.repomd()).unwrap();
    let (before, other) = repomd.split_at(repomd.find("<data type=\"other\"").unwrap());
    let other = other.replacen("<checksum type=\"sha256\"", "<checksum type=\"whirlpool\"", 1);
    fs::write(repo.repodata().join("repomd.xml"), [before, &other].concat()).unwrap();
    for dry_run in [true, false] {
        let mut options = Options::default();
        options.dry_run = dry_run;
        let outcome = repo.generate(&options).unwrap();
        assert!(outcome.notes[0].contains("whirlpool"), "{:?}", outcome.notes);
        assert_eq!(outcome.reduced.len(), 0, "{:?}", outcome.reduced);
        assert_eq!(outcome.types.iter().map(|t| t.deltas.len()).collect::<Vec<_>>(), [1, 1, 0]);
    }
}

#[test]
fn a_ledger_that_is_no_ledger_is_told_and_set_aside() {
    let mut repo = Repo::new();
    repo.compose(0);
    repo.generate(&Options::default()).unwrap();
    fs::File::create(repo.history().join("ledger.json")).unwrap().set_len(65 << 20).unwrap();
    repo.compose(1);
    let outcome = repo.generate(&Options::default()).unwrap();
    assert_eq!(outcome.reduced[0].reason_code, ReductionKind::HistoryDamaged);
    assert_eq!(outcome.reduced.len(), 1, "{:?}", outcome.reduced);
    assert_eq!(repo.assert_clients_are_served(), 3);
}
