//! `update`, as the operator of a mirror runs it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Bench, Ran, program, run};

fn cache(bench: &Bench) -> PathBuf {
    bench.path("cache")
}

fn update(bench: &Bench, options: &[&str]) -> Ran {
    run(program("update").args(options).arg(bench.repo()).arg(cache(bench)))
}

fn cached_file(bench: &Bench, part: &str) -> PathBuf {
    let entries = fs::read_dir(cache(bench).join("repodata")).unwrap();
    let mut paths = entries.map(|entry| entry.unwrap().path());
    paths.find(|path| path.to_str().unwrap().contains(part)).unwrap()
}

/// How many rows have this word in their second column.
fn column(ran: &Ran, word: &str) -> usize {
    ran.stdout.lines().filter(|line| line.split_whitespace().nth(1) == Some(word)).count()
}

#[test]
fn the_first_run_takes_full_files_and_the_next_one_deltas() {
    let bench = Bench::published(1);
    let first = update(&bench, &[]).expect(0).says(&["Up to date: ", " downloaded.\n"]);
    assert_eq!(column(&first, "full"), 3, "{}", first.stdout);
    assert!(first.stdout.ends_with("\nprimary, filelists, other: nothing is held yet\n"), "{}", first.stdout);
    bench.publish(2);
    let second = update(&bench, &[]).expect(0);
    assert_eq!(column(&second, "delta"), 3, "{}", second.stdout);
    let second = second.says(&["Up to date: ", " downloaded instead of "]);
    assert!(second.stderr.ends_with(" %).\n"), "{}", second.stderr);
    let third = update(&bench, &[]).expect(0).says(&["cache/repodata` was up to date (checked with "]);
    assert_eq!(column(&third, "current"), 3, "{}", third.stdout);
    let offline = update(&bench, &["--offline"]).expect(0).says(&["cache` is whole"]);
    assert_eq!(column(&offline, "whole"), 3, "{}", offline.stdout);
}

#[test]
fn a_journal_leads_on_from_it() {
    let bench = Bench::new();
    bench.publish_with_journal(1);
    update(&bench, &[]).expect(0);
    bench.publish_with_journal(2);
    let second = update(&bench, &[]).expect(0);
    assert_eq!(column(&second, "journal"), 3, "{}", second.stdout);
    bench.publish_with_journal(3);
    fs::remove_file(&bench.files("-repodata.journal")[0]).unwrap();
    let third = update(&bench, &[]).expect(0).says(&["going on without the journal: "]);
    assert_eq!(column(&third, "delta"), 3, "{}", third.stdout);
}

#[test]
fn json_has_the_documented_fields() {
    let bench = Bench::published(1);
    update(&bench, &["--quiet"]).expect(0);
    bench.publish(2);
    let ran = update(&bench, &["--json", "--quiet"]).expect(0);
    assert_eq!(ran.stderr, "");
    let json = ran.json();
    assert_eq!((&json["changed"], &json["dry_run"]), (&true.into(), &false.into()));
    assert_eq!(json["source"], bench.repo().to_str().unwrap());
    assert_eq!((&json["revision"], &json["repomd"]), (&"2".into(), &"new".into()));
    assert_eq!(json["signed_by"], serde_json::Value::Null);
    let primary = &json["types"][0];
    assert_eq!((&primary["type"], &primary["path"]), (&"primary".into(), &"delta".into()));
    assert!(primary["bytes_downloaded"].as_u64() < primary["bytes_full"].as_u64());
    assert!(cache(&bench).join("repodata").join(primary["file"].as_str().unwrap()).exists());
    let bytes = |list: &str| {
        let list = json[list].as_array().unwrap().iter();
        list.map(|one| one["bytes_downloaded"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!(json["shared"][0]["file"], "repomd.xml");
    assert_eq!(bytes("shared") + bytes("types"), json["bytes_downloaded"].as_u64().unwrap());
    assert_eq!(json["dropped"].as_array().unwrap().len(), 0);
    assert_eq!(json["warnings"].as_array().unwrap().len(), 0);
}

#[test]
fn quiet_says_nothing() {
    let bench = Bench::published(1);
    let ran = update(&bench, &["--quiet"]).expect(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
}

#[test]
fn falling_back_is_told_and_is_no_failure() {
    let bench = Bench::published(1);
    update(&bench, &[]).expect(0);
    bench.publish(2);
    let delta = bench.files("primary.xml.delta").remove(0);
    fs::remove_file(delta).unwrap();
    let ran = update(&bench, &["--quiet"]).expect(0);
    assert!(
        ran.stderr.starts_with("warning: taking the full file of `primary`: cannot fetch `"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stderr.lines().count(), 1);
}

/// With `--verbose` the table has a column for it.
#[test]
fn what_a_warning_told_is_not_repeated() {
    for (options, shown) in [(&[][..], 0), (&["--verbose"], 1)] {
        let bench = Bench::published(1);
        update(&bench, &[]).expect(0);
        bench.publish(2);
        fs::remove_file(bench.files("primary.xml.delta").remove(0)).unwrap();
        let ran = update(&bench, options).expect(0);
        assert_eq!(ran.stderr.matches("cannot fetch").count(), 1, "{}", ran.stderr);
        assert_eq!(ran.stdout.matches("cannot fetch").count(), 0, "{}", ran.stdout);
        assert_eq!(ran.stdout.matches("see the warning").count(), shown, "{}", ran.stdout);
    }
    let new = update(&Bench::published(1), &["--verbose"]).expect(0);
    assert_eq!(new.stdout.matches("nothing is held yet").count(), 3, "{}", new.stdout);
}

#[test]
fn each_source_that_fails_is_told_once() {
    let bench = Bench::published(1);
    let [first, second] = ["first", "second"].map(|name| bench.path(name));
    for empty in [&first, &second] {
        fs::create_dir(empty).unwrap();
    }
    let mut none = program("update");
    let ran =
        run(none.args(["--retries", "2", "--mirror"]).args([&second, &first, &cache(&bench)])).expect(1);
    for (name, label) in [("first", "error"), ("second", "warning")] {
        let line = format!("{label}: cannot fetch `{}/repodata/", bench.path(name).display());
        assert_eq!(ran.stderr.matches(&line).count(), 1, "{}", ran.stderr);
    }
    assert_eq!(ran.stderr.matches("cannot fetch").count(), 2, "{}", ran.stderr);
}

#[test]
fn files_that_a_complete_copy_did_not_have_are_new() {
    let bench = Bench::published(2);
    update(&bench, &["--exact"]).expect(0);
    let ran = update(&bench, &["--complete"]).expect(0);
    let how = |file: &str| {
        let mut rows = ran.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        rows.find(|row| row[0] == file).unwrap()[1].to_owned()
    };
    assert_eq!((&*how("repomd.xml"), &*how("deltas")), ("checked", "new"), "{}", ran.stdout);
}

#[test]
fn a_dry_run_changes_nothing() {
    let bench = Bench::published(1);
    let before = bench.snapshot();
    let dry = update(&bench, &["--dry-run"]).expect(0);
    let dry = dry.says(&["Dry run, nothing was written: ", " would be downloaded for `"]);
    assert_eq!(column(&dry, "full"), 3, "{}", dry.stdout);
    assert_eq!(bench.snapshot(), before);
    assert!(!cache(&bench).exists());
    update(&bench, &[]).expect(0);
    update(&bench, &["-n"]).expect(0).says(&["is up to date"]);
}

#[test]
fn damage_is_found_offline_and_mended_online() {
    let bench = Bench::published(1);
    update(&bench, &["--offline"])
        .expect(1)
        .says(&["holds no metadata", "hint: `createrepo-delta update` without"]);
    update(&bench, &[]).expect(0);
    let path = cached_file(&bench, "-other.xml");
    fs::write(&path, "cut").unwrap();
    let ran = update(&bench, &["--offline"]).expect(1);
    assert!(ran.stdout.contains("damaged"), "{}", ran.stdout);
    ran.says(&["error: `", "-other.xml.gz` is damaged: expected ", "cache` has 1 problem", "\nhint: "]);
    let json = update(&bench, &["--offline", "--json"]).expect(1).json();
    assert_eq!(json["problems"].as_array().unwrap().len(), 1);
    update(&bench, &[]).expect(0);
    update(&bench, &["--offline"]).expect(0);
}

#[test]
fn options_reach_the_library() {
    let bench = Bench::published(1);
    let options =
        ["--types", "primary,other", "--compress", "gz", "--retries", "0", "--connect-timeout", "0.5"];
    let json = update(&bench, &[&options[..], &["--json"]].concat()).expect(0).json();
    assert_eq!(json["types"].as_array().unwrap().len(), 2);
    bench.publish(2);
    let json = update(&bench, &[&options[..], &["--json"]].concat()).expect(0).json();
    assert!(json["types"][0]["file"].as_str().unwrap().ends_with("-primary.xml.gz"));
    assert_eq!(json["types"][0]["path"], "delta");
}

#[test]
fn an_older_repomd_is_refused() {
    let bench = Bench::published(2);
    update(&bench, &[]).expect(0);
    bench.create(1);
    update(&bench, &[])
        .expect(1)
        .says(&["gave an older repomd.xml: expected at least revision 2", "\nhint: "]);
    update(&bench, &["--allow-rollback"]).expect(0);
}

#[test]
fn a_mirror_steps_in() {
    let bench = Bench::published(1);
    let arguments: [&OsStr; 4] = ["--mirror".as_ref(), "".as_ref(), "".as_ref(), "".as_ref()];
    let (mirror, empty, cache) = (bench.repo(), bench.path("empty"), cache(&bench));
    fs::create_dir(&empty).unwrap();
    let mut arguments = arguments;
    arguments[1] = mirror.as_os_str();
    arguments[2] = empty.as_os_str();
    arguments[3] = cache.as_os_str();
    run(program("update").args(arguments)).expect(0).says(&["using another source: cannot fetch `"]);
    let file_url = format!("file://{}", mirror.display());
    run(program("update").arg(file_url).arg(&cache)).expect(0).says(&["was up to date"]);
}

#[test]
fn somebody_elses_directory_is_not_taken_over() {
    let bench = Bench::published(1);
    let before = bench.snapshot();
    let ran = run(program("update").args([bench.repo(), bench.repo()])).expect(2);
    ran.says(&[
        "repo/repodata` was not written by createrepo-delta update",
        "hint: CACHE is a directory of its own",
    ]);
    assert_eq!(bench.snapshot(), before);
    let ran = run(program("update").arg(bench.repo()).arg("https://mirror.example.org/repo")).expect(2);
    ran.says(&[
        "CACHE is a directory of this machine, found `https://",
        "hint: SOURCE comes first, then CACHE",
    ]);
}

#[test]
fn the_inside_of_a_copy_is_no_place_for_one() {
    let bench = Bench::published(1);
    update(&bench, &[]).expect(0);
    let cache = cache(&bench);
    let before = bench.snapshot();
    let inside = cache.join("repodata");
    let run_in = |options: &[&str], cache: &Path| {
        run(program("update").args(options).arg(bench.repo()).arg(cache).current_dir(&inside))
    };
    for (options, path) in [
        (&[][..], inside.join("")),
        (&["--dry-run"], inside.clone()),
        (&[], PathBuf::from(".")),
        (&[], bench.repo().join("repodata")),
    ] {
        run_in(options, &path).expect(2).says(&[
            "` is a repodata directory: expected the directory that contains it",
            "hint: leave out `/repodata` at the end: CACHE is what contains repodata/",
        ]);
        assert_eq!(bench.snapshot(), before);
    }
    let ran = run(program("update").arg("--offline").arg(bench.repo()).arg(&inside)).expect(2);
    ran.says(&["` is a repodata directory"]);
    // Also when nothing is left in it.
    fs::remove_file(inside.join("repomd.xml")).unwrap();
    run_in(&[], &inside).expect(2).says(&["` is a repodata directory"]);
    run_in(&[], &cache).expect(0);
}

#[test]
fn a_locked_cache_is_tried_again_later() {
    let bench = Bench::published(1);
    update(&bench, &[]).expect(0);
    let lock = fs::File::options().write(true).open(cache(&bench).join(".createrepo-delta.lock")).unwrap();
    lock.lock().unwrap();
    update(&bench, &[]).expect(75).says(&["the cache is in use", "hint: run this again when"]);
}

#[test]
fn the_password_of_a_url_is_not_shown() {
    let bench = Bench::new();
    let url = "http://somebody:secret@127.0.0.1:1/repo";
    let ran = run(program("update").args(["--retries", "0", url]).arg(cache(&bench))).expect(1);
    assert!(ran.stderr.contains("127.0.0.1:1") && !ran.stderr.contains("secret"), "{}", ran.stderr);
}
