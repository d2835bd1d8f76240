//! `generate`, as a compose script runs it.

use std::fs;

use delta_client::select::{CopyVersion, Selection, select};
use repomd::Repomd;

use crate::support::{Bench, TYPES, copy_tree, flip, open, program, run, timestamp};

#[test]
fn the_second_generation_gets_deltas() {
    let bench = Bench::created(1);
    let first = bench.generate(&[]).expect(0);
    let history = bench.history();
    let said = format!(
        "Remembered the first publish (3 types) in `{}`.\n\
         No deltas yet: the next run that finds a change lists them.\n",
        history.display()
    );
    assert_eq!((first.stdout, first.stderr), (String::new(), said));
    assert!(bench.files(".delta").is_empty());

    bench.create(2);
    let second = bench.generate(&[]).expect(0);
    assert_eq!(second.stderr, "3 types have deltas\n");
    let header = "TYPE       FULL FILE  CLIENTS DOWNLOAD  SERVES\n";
    assert!(second.stdout.starts_with(header), "{}", second.stdout);
    assert_eq!(second.stdout.matches("1 of 1 generation\n").count(), 3, "{}", second.stdout);
    assert_eq!(bench.files(".delta").len(), TYPES.len());
    assert_eq!(fs::read_to_string(bench.repomd()).unwrap().matches("<delta>").count(), TYPES.len());

    let before = bench.snapshot();
    let third = bench.generate(&["-v"]).expect(0).says(&["\nNothing changed: 3 types have deltas\n"]);
    assert!(third.stdout.contains("2023-11-15 22:13:20  in place"), "{}", third.stdout);
    assert_eq!(bench.snapshot(), before);
}

#[test]
fn json_has_the_documented_fields() {
    let bench = Bench::published(1);
    bench.create(2);
    let ran = bench.generate(&["--json", "--quiet"]).expect(0);
    assert_eq!(ran.stderr, "");
    let json = ran.json();
    assert_eq!(json["changed"], true);
    assert_eq!(json["signature"], "none");
    assert_eq!(json["collected"].as_array().unwrap().len(), 0);
    assert_eq!(json["warnings"].as_array().unwrap().len(), 0);
    let primary = &json["types"][0];
    assert_eq!(primary["type"], "primary");
    assert_eq!(primary["skipped"], serde_json::Value::Null);
    assert_eq!(primary["recorded"], true);
    assert_eq!(primary["generations"], 2);
    assert_eq!(primary["open_size"], open("primary", 2).len());
    assert!(primary["full_size"].as_u64().unwrap() > 0);
    let delta = &primary["deltas"][0];
    assert_eq!(delta["timestamp"], timestamp(1));
    assert_eq!(delta["generations"], 1);
    assert_eq!(delta["written"], true);
    assert!(delta["literal_bytes"].as_u64().unwrap() > 0);
    let file = bench.repodata().join(delta["file"].as_str().unwrap());
    assert_eq!(fs::metadata(file).unwrap().len(), delta["size"].as_u64().unwrap());
}

#[test]
fn quiet_says_nothing() {
    let bench = Bench::published(1);
    bench.create(2);
    let ran = bench.generate(&["--quiet"]).expect(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
}

#[test]
fn verbose_names_the_files() {
    let bench = Bench::published(1);
    bench.create(2);
    let ran = bench.generate(&["-v"]).expect(0);
    assert!(ran.stdout.contains("-primary.xml.delta0.bz2"), "{}", ran.stdout);
}

#[test]
fn dry_run_writes_nothing() {
    let bench = Bench::created(1);
    let before = bench.snapshot();
    bench.generate(&["--dry-run"]).expect(0).says(&["Dry run, nothing was written: would remember"]);
    assert_eq!(bench.snapshot(), before);
    assert!(!bench.history().exists());

    bench.generate(&[]).expect(0);
    bench.create(2);
    let before = bench.snapshot();
    let said = "Dry run, nothing was written: 3 types would have deltas\n";
    let ran = bench.generate(&["--dry-run", "--verbose"]).expect(0).says(&[said]);
    assert!(ran.stdout.contains("to be made"), "{}", ran.stdout);
    assert_eq!(bench.snapshot(), before);
}

#[test]
fn options_reach_the_library() {
    let bench = Bench::new();
    let options = ["--deltamd-types", "primary", "--deltamd-sizes", "1,60%", "--keep", "3", "--json"];
    for version in 1..=4 {
        bench.create(version);
        bench.generate(&options).expect(0);
    }
    bench.create(5);
    let json = bench.generate(&options).expect(0).json();
    assert_eq!(json["types"].as_array().unwrap().len(), 1);
    assert_eq!(json["types"][0]["generations"], 3);
    let deltas = json["types"][0]["deltas"].as_array().unwrap();
    let served: Vec<_> = deltas.iter().map(|delta| delta["generations"].as_u64().unwrap()).collect();
    assert_eq!(served, [1, 1]);

    let json = bench.generate(&["--max-size", "1%", "--json"]).expect(0).json();
    assert_eq!(json["types"][0]["deltas"][0]["file"], serde_json::Value::Null);
}

/// Clients of format 1 alone, by the options of the original design, however little may be encoded by default.
#[test]
fn the_options_of_the_original_serve_every_age_up_to_the_last_threshold() {
    let bench = Bench::new();
    let (old, new) = (bench.path("old"), bench.path("new"));
    let options = ["--deltamd-types", "primary,filelists,other", "--deltamd-sizes", "200,500,1000000"];
    for version in 1..=9 {
        bench.create(version);
        let mut command = program("generate");
        command
            .arg("--deltamd")
            .arg(bench.history())
            .args(options)
            .args(["--budget", "1K"])
            .arg(bench.repo());
        run(&mut command).expect(0);
    }
    let model = Repomd::parse(&fs::read(bench.repomd()).unwrap()).unwrap();
    for data_type in TYPES {
        let record = model.record(data_type).unwrap();
        assert_eq!(record.usable_deltas().count(), 3, "{data_type}");
        for version in 1..9 {
            let client = CopyVersion { timestamp: Some(timestamp(version)), open_checksum: None };
            let Selection::Delta(delta) = select(record, &client) else {
                panic!("{data_type}: nothing serves version {version}");
            };
            fs::write(&old, open(data_type, version)).unwrap();
            let delta = bench.repo().join(delta.location.as_str());
            run(program("apply").args(["--type", data_type]).args([&old, &delta, &new])).expect(0);
            assert_eq!(fs::read_to_string(&new).unwrap(), open(data_type, 9), "{data_type} {version}");
        }
    }
}

#[test]
fn a_caller_that_signs_next_is_not_told_to() {
    let bench = Bench::created(1);
    bench.generate(&["--quiet"]).expect(0);
    let signature = bench.repodata().join("repomd.xml.asc");
    for (version, option, told) in [(2, "--sign-later", false), (3, "--keep=9", true)] {
        bench.create(version);
        fs::write(&signature, "signature").unwrap();
        let ran = bench.generate(&["--quiet", option]).expect(0);
        assert_eq!(ran.stderr.contains("removed the signature"), told, "{}", ran.stderr);
        assert_eq!(ran.stderr.is_empty(), !told, "{}", ran.stderr);
        assert!(!signature.exists());
    }
}

#[test]
fn a_type_that_is_not_there_is_left_alone() {
    let bench = Bench::created(1);
    let ran = bench.generate(&["--types", "primary,group"]).expect(0);
    assert_eq!(ran.stdout, "group: left alone: the repository has no such record\n");
}

#[test]
fn databases_are_wrong_usage() {
    let bench = Bench::created(1);
    let ran = bench.generate(&["--types", "primary,primary_db"]).expect(2);
    ran.says(&["no deltas are defined for metadata type `primary_db`", "\nhint: databases are published"]);
}

#[test]
fn the_repodata_directory_is_not_the_repository() {
    let bench = Bench::created(1);
    let generate = |wrong| run(program("generate").arg("--history").arg(bench.history()).arg(wrong));
    let hint = format!("hint: give the directory that contains repodata/: `{}`", bench.repo().display());
    generate(bench.repodata()).expect(1).says(&["is not a repository", &hint]);
    generate(bench.repomd()).says(&["hint: give the directory that contains repodata/"]);
    generate(bench.path("gone")).expect(1).says(&["is not a repository", "gone` does not exist"]);
    std::fs::create_dir(bench.path("empty")).unwrap();
    generate(bench.path("empty"))
        .expect(1)
        .says(&["is not a repository", "hint: make the metadata first: `createrepo_c"]);
    bench.generate(&[]).expect(0);
    let verify = |wrong: &std::path::Path| run(program("verify").arg(wrong)).expect(1);
    verify(bench.repo().parent().unwrap()).says(&["is not a repository", &hint]);
    verify(&bench.history()).says(&["is not a repository", "hint: this is a history: give it by"]);
}

#[test]
fn the_history_is_not_in_the_repository() {
    let bench = Bench::created(1);
    for inside in ["history", "repodata/history"] {
        let mut command = program("generate");
        command.arg("--history").arg(bench.repo().join(inside)).arg(bench.repo());
        run(&mut command).expect(2).says(&["is inside the repository", "hint: name a directory"]);
        assert!(!bench.repo().join(inside).exists());
    }
}

#[test]
fn damaged_metadata_is_refused_with_a_way_out() {
    let bench = Bench::created(1);
    flip(&bench.files("-other.xml.gz")[0]);
    let again = format!("\nhint: make the metadata again: `createrepo_c {}`\n", bench.repo().display());
    bench.generate(&[]).expect(1).says(&["-other.xml.gz", &again]);
    bench.generate(&["--types", "primary,filelists"]).expect(0);
}

#[test]
fn missing_metadata_is_refused_with_a_way_out() {
    let bench = Bench::created(1);
    fs::remove_file(bench.files("-other.xml.gz").remove(0)).unwrap();
    bench.generate(&[]).expect(1).says(&["is missing", "make the metadata again: `createrepo_c "]);
}

/// What is said where nothing is served is the reason that is true.
#[test]
fn a_publish_without_deltas_says_why() {
    let bench = Bench::created(1);
    let none = ["--no-journal", "--no-deltas"];
    let asked = "lists no deltas: neither journal nor deltas are asked for (`--no-journal`, `--no-deltas`)\n";
    bench.generate(&none).expect(0).says(&[&asked["lists no deltas".len()..]]);
    bench.create(2);
    assert_eq!(bench.generate(&none).expect(0).says(&[asked]).stdout, "");

    let too_large = bench.generate(&["--max-size", "1%"]).expect(0).says(&["repomd.xml` lists no deltas\n"]);
    let line = too_large.stdout.lines().last().unwrap();
    assert!(line.starts_with("other: a delta would be "), "{line}");
    assert!(line.ends_with(" % of the file; `--max-size` allows 1 %"), "{line}");
    assert_eq!(too_large.stdout.matches("the full file     0 of 1 generation\n").count(), 3);
    let json = bench.generate(&["--max-size", "1%", "--json"]).expect(0).json();
    assert_eq!(
        (&json["types"][0]["unserved"], &json["types"][0]["served"]),
        (&"too-large".into(), &0.into())
    );

    bench.create_from(3, |data_type, _| open(data_type, 60));
    let beyond = bench.generate(&["--budget", "1K"]).expect(0);
    let hint = "hint: to serve them, run this again with `--budget 2M`\n";
    let beyond =
        beyond.says(&["warning: this publish changes about ", ", and `--budget` is 1.0 KiB: clients", hint]);
    assert!(beyond.stderr.ends_with("repomd.xml` lists no deltas\n"), "{}", beyond.stderr);
    bench.generate(&["--budget", "2M"]).expect(0).says(&["3 types have deltas\n"]);
}

#[test]
fn two_publishes_in_one_second_are_told_in_one_line() {
    let bench = Bench::created(1);
    bench.generate(&["--no-journal"]).expect(0);
    bench.create_from(1, |data_type, _| open(data_type, 2));
    let ran = bench.generate(&["--no-journal"]).expect(0);
    assert_eq!(ran.stdout.lines().count(), 4, "{}", ran.stdout);
    let said: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].starts_with("warning: `primary`, `filelists`, `other`: published within the same second")
    );
    assert!(said[1].ends_with("repomd.xml` lists no deltas"));
}

#[test]
fn who_signs_is_not_told_to_sign() {
    let bench = Bench::published(1);
    bench.create(2);
    let later = bench.generate(&["--sign-later"]).expect(0);
    assert_eq!(later.stderr, "3 types have deltas\n");
}

#[test]
fn what_was_missing_is_made_again_and_told() {
    let bench = Bench::new();
    (1..=2).for_each(|version| bench.publish_with_journal(version));
    fs::remove_file(bench.files(".journal").remove(0)).unwrap();
    let stays = format!("`{}` would stay as it is; would make 1 journal, ", bench.repomd().display());
    bench.generate(&["--dry-run"]).expect(0).says(&[&stays]);
    fs::remove_file(bench.files(".delta0").remove(0)).unwrap();
    let made = "` stays as it is; made 1 delta file and 1 journal, missing or damaged before\n";
    bench.generate(&[]).expect(0).says(&[made]);
    bench.generate(&[]).expect(0).says(&["Nothing changed: 3 types have deltas\n"]);
}

#[test]
fn files_that_are_deleted_are_counted_by_what_they_are() {
    let bench = Bench::new();
    (1..=2).for_each(|version| bench.publish_with_journal(version));
    let old = bench.path("old");
    copy_tree(&bench.repodata(), &old);
    bench.create(3);
    for file in fs::read_dir(old).unwrap().map(|entry| entry.unwrap().path()) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if name.contains(".delta0") || name.ends_with(".journal") {
            fs::copy(&file, bench.repodata().join(name)).unwrap();
        }
    }
    let deleted = "deleted 3 delta files and 1 journal that no recent repomd.xml names\n";
    bench.generate(&["--keep-states", "0"]).expect(0).says(&[deleted]);
    let strip = run(program("strip").arg(bench.repo())).expect(0);
    assert!(strip.stdout.ends_with("deleted     3 delta files and 1 journal\n"), "{}", strip.stdout);
}

#[test]
fn a_history_that_keeps_nothing_is_told() {
    let bench = Bench::created(1);
    let never = "No deltas, now and later: `--keep 1` remembers the current publish alone.\n";
    for version in 1..=3 {
        bench.create(version);
        bench.generate(&["--keep", "1"]).expect(0).says(&[never]);
    }
    bench.create(4);
    bench.generate(&["--keep", "2"]).expect(0).says(&["3 types have deltas\n"]);
}

#[test]
fn a_quiet_run_says_what_the_budget_leaves_out() {
    let bench = Bench::new();
    (1..=2).for_each(|version| bench.publish_with_journal(version));
    bench.create_from(3, |data_type, _| open(data_type, 60));
    let ran = bench.generate(&["--quiet", "--budget", "1K"]).expect(0);
    ran.says(&[
        "warning: beyond the budget: 1 generation of `primary`, ",
        "warning: this publish changes about ",
        "hint: to serve them, run this again with `--budget 2M`\n",
    ]);
}

#[test]
fn small_repositories_have_no_journal_and_are_told_why() {
    let bench = Bench::new();
    let small =
        |data_type: &str, version| format!("<{data_type}>\n<package>{version}</package>\n</{data_type}>\n");
    for version in 1..=2 {
        bench.create_from(version, small);
        let ran = bench.generate(&[]).expect(0);
        let why = "B, and below 4.0 KiB they are cheaper in full\n";
        assert_eq!(ran.stdout.ends_with(why), version == 2, "{}", ran.stdout);
    }
}

#[test]
fn file_times_are_thought_of_where_only_primary_has_no_delta() {
    let bench = Bench::new();
    (1..=2).for_each(|version| bench.publish_with_journal(version));
    bench.create_from(3, |data_type, version| match data_type {
        "primary" => open(data_type, 200),
        _ => open(data_type, version),
    });
    let says = "note: only `primary` has no delta, as after packages were copied without their times\nhint: ";
    bench.generate(&[]).expect(0).says(&[says]);
    assert!(!bench.generate(&[]).expect(0).stderr.contains("only `primary`"));
}

#[test]
fn what_the_replaced_repomd_xml_names_stays() {
    let bench = Bench::published(3);
    let (right, lost) = (bench.history(), bench.path("right"));
    fs::rename(&right, &lost).unwrap();
    bench.publish(4);
    bench.publish(5);
    let named = bench.files(".delta");
    assert!(!named.is_empty());

    fs::remove_dir_all(&right).unwrap();
    fs::rename(&lost, &right).unwrap();
    let deltas = ["--no-journal", "--windows", "2", "--keep-states", "1"];
    bench.generate(&deltas);
    assert!(bench.files(".delta").len() > named.len());
    assert!(named.iter().all(|file| file.exists()), "{named:?}");

    // Until there were so many states.
    let text = fs::read_to_string(bench.repomd()).unwrap();
    fs::write(bench.repomd(), text.replace("<revision>5<", "<revision>6<")).unwrap();
    bench.generate(&deltas).expect(0);
    assert!(named.iter().all(|file| !file.exists()), "{named:?}");
}

#[test]
fn files_that_other_options_make_alike_are_not_written_again() {
    use std::os::unix::fs::MetadataExt as _;
    let bench = Bench::new();
    let terms: [(&[&str], &[&str; 2]); 2] = [
        (&["--windows", "1"], &["--budget", "1G"]),
        (&["--no-journal", "--windows", "2"], &["--max-size", "80%"]),
    ];
    for (options, own) in terms {
        for version in 1..=3 {
            bench.create(version);
            bench.generate(options).expect(0);
        }
        let inodes = || -> Vec<u64> {
            let files = [bench.files(".delta"), bench.files(".journal")].concat();
            files.iter().map(|file| fs::metadata(file).unwrap().ino()).collect()
        };
        let before = inodes();
        assert!(!before.is_empty());
        for other in [&["--keep", "9"], &["--max-size", "90%"], own] {
            let ran = bench.generate(&[options, other].concat()).expect(0);
            ran.says(&["Nothing changed: 3 types have deltas\n"]);
            assert_eq!(inodes(), before, "{other:?}");
        }
        fs::write(&bench.files(".delta")[0], "damaged").unwrap();
        bench
            .generate(&[options, &["--max-size", "70%"]].concat())
            .expect(0)
            .says(&["missing or damaged before"]);
        fs::remove_dir_all(bench.history()).unwrap();
    }
}
