//! The forms of a copy: exact, open, complete.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Bench, Ran, TYPES, program, run};

fn cache(bench: &Bench) -> PathBuf {
    bench.path("cache")
}

fn update(bench: &Bench, options: &[&str]) -> Ran {
    run(program("update").args(options).arg(bench.repo()).arg(cache(bench)))
}

/// A copy of version 1, taken with these options, and a repository at version 2.
fn behind(recipe: &'static str, options: &[&str]) -> Bench {
    let bench = Bench::with_recipe(recipe);
    bench.publish_to(1);
    update(&bench, options).expect(0);
    bench.publish(2);
    bench
}

/// The files of a `repodata/` by name, without sub-directories.
fn files(repodata: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(repodata).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.is_file());
    files
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap()))
        .collect()
}

/// The names of the publisher's files that the copy lacks; those that it has
/// must be the same.
#[track_caller]
fn lacking(bench: &Bench) -> Vec<String> {
    let (theirs, ours) = (files(&bench.repodata()), files(&cache(bench).join("repodata")));
    let mut lacking = Vec::new();
    for (name, bytes) in theirs {
        match ours.get(&name) {
            Some(held) => assert!(*held == bytes, "{name} differs"),
            None => lacking.push(name),
        }
    }
    lacking
}

fn column<'a>(json: &'a Value, field: &str) -> Vec<&'a str> {
    json["types"].as_array().unwrap().iter().map(|one| one[field].as_str().unwrap_or("-")).collect()
}

#[test]
fn a_copy_is_exact_where_it_can_be() {
    let bench = behind("gzip-9", &[]);
    for (name, text) in [("repomd.xml.asc", "a signature"), ("repomd.xml.key", "a key")] {
        fs::write(bench.repodata().join(name), text).unwrap();
    }
    let json = update(&bench, &["--json"]).expect(0).json();
    assert_eq!((&json["exact"], &json["warnings"]), (&true.into(), &serde_json::json!([])));
    assert_eq!(column(&json, "path"), ["delta"; 3]);
    assert_eq!(column(&json, "recipe"), ["gzip-9"; 3]);
    assert_eq!(column(&json, "inexact"), ["-"; 3]);
    // Deltas are for those who hold older copies.
    let lacking = lacking(&bench);
    assert!(lacking.iter().all(|name| name.contains(".delta")), "{lacking:?}");
    assert!(!cache(&bench).join("repodata/upstream").exists());
    update(&bench, &["--offline"]).expect(0).says(&["cache` is whole"]);
    let json = update(&bench, &["--offline", "--json"]).expect(0).json();
    assert_eq!((&json["exact"], &json["deltas"]), (&true.into(), &0.into()));
}

#[test]
fn the_open_form_is_chosen_and_left_again() {
    let bench = behind("gzip-6", &["--open"]);
    let json = update(&bench, &["--open", "--compress", "none", "--json"]).expect(0).json();
    assert_eq!(json["exact"], false);
    assert_eq!(column(&json, "inexact"), ["a re-described copy was asked for"; 3]);
    assert_eq!(column(&json, "recipe"), ["-"; 3]);
    let repodata = cache(&bench).join("repodata");
    let upstream = fs::read(repodata.join("upstream/repomd.xml")).unwrap();
    assert_eq!(upstream, fs::read(bench.repomd()).unwrap());
    assert_ne!(upstream, fs::read(repodata.join("repomd.xml")).unwrap());

    // The copy has no file of the publisher that a recipe could be found on.
    let json = update(&bench, &["--json"]).expect(0).json();
    assert_eq!((&json["exact"], column(&json, "path")), (&false.into(), vec!["current"; 3]));
    let json = update(&bench, &["--exact", "--json"]).expect(0).json();
    assert_eq!((&json["exact"], column(&json, "path")), (&true.into(), vec!["full"; 3]));
    bench.publish(3);
    let json = update(&bench, &["--json"]).expect(0).json();
    assert_eq!((&json["exact"], column(&json, "path")), (&true.into(), vec!["delta"; 3]));
}

#[test]
fn complete_copies_have_everything_and_serve_others() {
    let bench = behind("gzip-6", &["--complete"]);
    fs::write(bench.repodata().join("repomd.xml.asc"), "a signature").unwrap();
    // Somebody held version 1, too, and updates from the copy.
    let other = bench.path("other");
    let from_copy = |options: &[&str]| run(program("update").args(options).arg(cache(&bench)).arg(&other));
    from_copy(&[]).expect(0);
    let json = update(&bench, &["--complete", "--json"]).expect(0).json();
    assert_eq!(json["exact"], true);
    assert_eq!((&json["deltas"], &json["absent"]), (&TYPES.len().into(), &serde_json::json!([])));
    assert_eq!(lacking(&bench), [""; 0]);
    update(&bench, &["--offline"]).expect(0);
    update(&bench, &["--complete"]).expect(0).says(&["was up to date"]);
    let json = from_copy(&["--json"]).expect(0).json();
    assert_eq!((&json["exact"], column(&json, "path")), (&true.into(), vec!["delta"; 3]));
    assert!(other.join("repodata/repomd.xml.asc").exists());

    // A delta that is damaged in the copy is found, and fetched again.
    let damaged =
        files(&cache(&bench).join("repodata")).into_keys().find(|name| name.contains(".delta")).unwrap();
    let path = cache(&bench).join("repodata").join(&damaged);
    fs::remove_file(&path).unwrap();
    update(&bench, &["--offline"]).expect(1).says(&[&format!("the delta `{damaged}` is damaged or missing")]);
    update(&bench, &["--complete"]).expect(0);
    assert!(path.exists());
    update(&bench, &["--offline"]).expect(0);
}

#[test]
fn forms_that_contradict_each_other_are_refused() {
    let bench = Bench::new();
    for options in [["--open", "--exact"], ["--open", "--complete"]] {
        update(&bench, &options).expect(2).says(&["cannot be used with"]);
    }
}
