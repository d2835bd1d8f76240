//! What the versions of every format wrote, as `testdata/versions` has it, is read and gone on
//! from; what a newer version wrote stays as it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Bench, System, copy_tree, fill, program, run};

/// The fixtures whose names begin so.
fn fixtures(beginning: &str) -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/versions");
    let paths = fs::read_dir(all).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        paths.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(beginning)).collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

/// With a history of this version, and metadata that is newer than it.
fn after(history: &Path) -> Bench {
    let bench = Bench::new();
    copy_tree(history, &bench.history());
    bench.compose_demo(5);
    bench
}

#[test]
fn histories_of_every_version_serve_what_they_remember() {
    for history in fixtures("history-") {
        let bench = after(&history);
        let done = bench.generate(&["--types", "primary", "--json"]).expect(0).json();
        assert_eq!(done["types"][0]["generations"], 4, "{}: {done:#}", history.display());
        assert_eq!(done["withdrawn"].as_array().unwrap().len(), 0, "{done:#}");
        let verified =
            run(program("verify").arg("--json").arg("--history").args([bench.history(), bench.repo()]));
        let verified = verified.expect(0).json();
        assert_eq!(verified["types"][0]["journal_proven"], 3, "{verified:#}");
    }
}

#[test]
fn caches_of_every_version_are_whole_and_brought_up_to_date() {
    let bench = after(&fixtures("history-")[0]);
    bench.generate(&["--types", "primary"]).expect(0);
    for fixture in fixtures("cache-") {
        let cache = bench.path("cache");
        copy_tree(&fixture, &cache);
        let update = |options: &[&str]| {
            let mut update = program("update");
            run(update.args(options).args([bench.repo(), cache.clone()]))
        };
        update(&["--offline"]).expect(0);
        let done = update(&["--types", "primary", "--json"]).expect(0).json();
        let path = done["types"][0]["path"].as_str().unwrap();
        assert!(["delta", "journal"].contains(&path), "{}: {done:#}", fixture.display());
        fs::remove_dir_all(cache).unwrap();
    }
}

/// A cache of dnf that is one publish behind, and where the notes of `refresh` are.
fn behind() -> (System, PathBuf) {
    let system = System::new(&["--dnf"], "");
    (1..=3).for_each(|generation| system.bench.publish_demo(generation));
    fill(&system.cache().join("repodata"), &system.expected_of_dnf());
    system.bench.publish_demo(5);
    let notes = system.root().join("var/cache/createrepo-delta/refresh.json");
    fs::create_dir_all(notes.parent().unwrap()).unwrap();
    (system, notes)
}

#[test]
fn notes_of_refresh_of_every_version_are_read() {
    for fixture in fixtures("refresh-") {
        let (system, notes) = behind();
        fs::copy(&fixture, &notes).unwrap();
        let ran = system.refresh(&["--verbose"]).expect(0);
        assert!(!ran.stderr.contains("refresh.json"), "{}: {}", fixture.display(), ran.stderr);
        assert!(fs::read_to_string(notes).unwrap().contains("\"rebuilding\""));
    }
}

#[test]
fn notes_of_refresh_that_a_newer_version_wrote_stay_as_they_are() {
    let (system, notes) = behind();
    let newer = r#"{"format": "createrepo-delta refresh 2", "all": "new"}"#;
    fs::write(&notes, newer).unwrap();
    let told = ["1 cache refreshed", "refresh.json", "createrepo-delta refresh 2", "is left as it is"];
    let ran = system.refresh(&[]).expect(0).says(&told);
    assert_eq!(fs::read_to_string(&notes).unwrap(), newer);
    // As the warning says.
    let (_, command) = ran.stderr.split_once("begin anew: `").unwrap();
    let command = command.split('`').next().unwrap();
    assert!(Command::new("sh").args(["-c", command]).status().unwrap().success(), "{command}");
    let again = system.refresh(&[]).expect(0);
    assert!(!again.stderr.contains("refresh.json"), "{}", again.stderr);
}

#[test]
fn a_ledger_that_a_newer_version_wrote_is_refused_and_stays_as_it_is() {
    let bench = after(&fixtures("history-")[0]);
    let ledger = bench.history().join("ledger.json");
    let tree = |path: PathBuf| {
        let mut list = Command::new("sh");
        list.current_dir(path).args(["-c", "find . -type f | sort | xargs sha256sum"]);
        String::from_utf8(list.output().unwrap().stdout).unwrap()
    };
    for format in ["9", "5000000000"] {
        fs::write(&ledger, format!(r#"{{"format": {format}, "all": "new"}}"#)).unwrap();
        let before = [tree(bench.history()), tree(bench.repo())];
        let refused = bench.generate(&["--types", "primary"]);
        assert_ne!(refused.status, 0);
        refused.says(&["ledger.json", format]);
        assert_eq!([tree(bench.history()), tree(bench.repo())], before);
    }
}
