//! `history …`.

use std::fs;

use crate::support::{Bench, TYPES, flip, open, program, run, sha256, timestamp};

fn digest(version: u64) -> String {
    sha256(open("primary", version).as_bytes())
}

/// The SHA-256 of each generation of primary, newest first.
fn generations(bench: &Bench) -> Vec<String> {
    let json = bench.history_command("show", &["primary", "--json"]).expect(0).json();
    let generations = json["generations"].as_array().unwrap().iter();
    generations.map(|generation| generation["open_sha256"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn list_shows_every_type() {
    let bench = Bench::published(3);
    let text = bench.history_command("list", &[]).expect(0).stdout;
    assert!(text.contains("primary              3  2023-11-15 22:13:20  2023-11-17 22:13:20  "), "{text}");
    let json = bench.history_command("list", &["--json"]).expect(0).json();
    assert_eq!(json["types"].as_array().unwrap().len(), TYPES.len());
    let first = &json["types"][0];
    assert_eq!(first["type"], "filelists");
    assert_eq!(first["generations"], 3);
    assert_eq!(first["oldest"], timestamp(1));
    assert_eq!(first["newest"], timestamp(3));
    assert!(first["pack_bytes"].as_u64().unwrap() > 0);
}

#[test]
fn show_lists_generations_newest_first() {
    let bench = Bench::published(3);
    assert_eq!(generations(&bench), [digest(3), digest(2), digest(1)]);
    let text = bench.history_command("show", &["primary"]).expect(0).stdout;
    let line = "1  2023-11-16 22:13:20  ";
    assert!(text.contains(line) && text.contains(&digest(2)[..12]), "{text}");
    bench
        .history_command("show", &["group"])
        .expect(2)
        .says(&["nothing of type `group`", "hint: it has filelists"]);
}

#[test]
fn show_writes_a_generation_out() {
    let bench = Bench::published(3);
    let out = bench.path("old.xml");
    for selector in ["2", &digest(1)[..10]] {
        let options = ["primary", "--generation", selector, "--output", out.to_str().unwrap()];
        bench.history_command("show", &options).expect(0).says(&["wrote `"]);
        assert_eq!(fs::read_to_string(&out).unwrap(), open("primary", 1));
        fs::remove_file(&out).unwrap();
    }
    for (selector, message) in [("3", "there is no generation 3"), ("ffffffffff", "starts with `ffffffffff`")]
    {
        bench
            .history_command("show", &["primary", "--generation", selector])
            .expect(2)
            .says(&[message, "hint: "]);
    }
}

#[test]
fn import_makes_no_history_inside_a_repository() {
    let bench = Bench::created(1);
    let inside = bench.repo().join("h");
    let refused = run(program("history").arg("import").arg(&inside).arg(bench.repodata()));
    refused.expect(2).says(&["h` is inside the repository `", "hint: name a directory that stays"]);
    assert!(!inside.exists());
}

#[test]
fn import_fills_a_history() {
    let bench = Bench::new();
    for version in 1..=2 {
        bench.create(version);
        if version == 1 {
            fs::remove_file(bench.files("-other.xml.gz").remove(0)).unwrap();
        }
        fs::rename(bench.repodata(), bench.path(&format!("kept-{version}"))).unwrap();
        fs::create_dir(bench.repodata()).unwrap();
    }
    let kept = ["kept-1", "kept-2"].map(|name| bench.path(name));
    let mut import = program("history");
    import.arg("import").arg(bench.history()).args(kept);
    let ran = run(&mut import).expect(0).says(&["warning: `", "kept-1`: other: "]);
    assert!(ran.stdout.contains("primary, filelists, other\n"), "{}", ran.stdout);
    assert_eq!(generations(&bench), [digest(2), digest(1)]);

    bench.publish(3);
    assert_eq!(bench.files("-primary.xml.delta0").len(), 1);
}

#[test]
fn drop_forgets_what_was_named() {
    let bench = Bench::published(4);
    let json = bench.history_command("drop", &["primary", "1", &digest(1)[..12], "--json"]).expect(0).json();
    assert_eq!(json["types"][0]["dropped"], serde_json::json!([digest(3), digest(1)]));
    assert_eq!(json["types"][0]["generations"], 2);
    assert_eq!(generations(&bench), [digest(4), digest(2)]);
    bench.history_command("drop", &["primary", "2"]).expect(2);
}

#[test]
fn a_discarded_compose_is_forgotten() {
    let bench = Bench::published(3);
    let ran = bench.history_command("drop", &["--newest", "-v"]).expect(0);
    ran.says(&[&format!("dropped primary {}", digest(3))]);
    assert_eq!(generations(&bench), [digest(2), digest(1)]);
}

#[test]
fn content_that_came_back_is_not_forgotten() {
    let bench = Bench::published(2);
    bench.create(1);
    let later = fs::read_to_string(bench.repomd()).unwrap();
    let later = later.replace(&timestamp(1).to_string(), &timestamp(3).to_string());
    fs::write(bench.repomd(), later).unwrap();
    bench.generate(&[]).expect(0);
    bench.history_command("drop", &["--newest"]).expect(0).says(&["was published before, too, and is kept"]);
    assert_eq!(generations(&bench), [digest(1), digest(2)]);
}

#[test]
fn prune_keeps_what_was_asked_for() {
    let bench = Bench::published(4);
    bench.history_command("prune", &[]).expect(2);
    bench.history_command("prune", &["--keep-age", "2d"]).expect(0);
    assert_eq!(generations(&bench), [digest(4), digest(3), digest(2)]);
    let text = bench.history_command("prune", &["--keep", "1"]).expect(0).stdout;
    assert!(text.contains("primary          2     1\n"), "{text}");
    assert_eq!(generations(&bench), [digest(4)]);
}

#[test]
fn verify_finds_damage_and_repairs_it() {
    let bench = Bench::published(3);
    bench.history_command("verify", &[]).expect(0).says(&["` is whole"]);
    let packs = fs::read_dir(bench.history().join("primary")).unwrap().map(|entry| entry.unwrap().path());
    let pack =
        packs.filter(|path| !path.ends_with("index")).max_by_key(|path| fs::metadata(path).unwrap().len());
    let pack = pack.unwrap();
    flip(&pack);

    let json = bench.history_command("verify", &["--json"]).expect(1).says(&["error: ", "hint: `"]).json();
    assert_eq!(json["types"][2]["damage"].as_array().unwrap().len(), 1);
    let repaired = bench.history_command("verify", &["--repair", "--json"]).expect(0);
    let aside = repaired.says(&["primary/aside-1-*`", "warning: forgot what was damaged"]).json();
    assert_eq!(aside["types"][2]["set_aside"][0]["name"], "aside-1-index");
    bench
        .history_command("verify", &[])
        .expect(0)
        .says(&["` is whole", ") were set aside after earlier damage"]);
    assert_eq!(bench.history_command("verify", &["--quiet"]).expect(0).stderr, "");
    bench.generate(&[]).expect(3).says(&["warning: withdrawn: "]);
    bench.generate(&["--quiet"]).expect(0);
}

#[test]
fn a_lost_or_unreadable_index_is_told_and_its_packs_are_set_aside() {
    for lost in [true, false] {
        let bench = Bench::published(2);
        let track = bench.history().join("primary");
        fs::write(track.join("index"), "nothing").unwrap();
        if lost {
            fs::remove_file(track.join("index")).unwrap();
        }
        let told = ["primary/index", "every generation of it is dropped"];
        bench.history_command("verify", &[]).expect(1).says(&told);
        bench.history_command("list", &[]).expect(0).says(&told);
        let forgotten = ["primary/aside-1-*`", "warning: forgot what was damaged"];
        bench.history_command("verify", &["--repair"]).expect(0).says(&forgotten);
        assert!(track.join("aside-1-pack-00000000").exists());
        assert_eq!(track.join("aside-1-index").exists(), !lost);
        bench.history_command("verify", &[]).expect(0);
        bench.generate(&[]);
        assert_eq!(generations(&bench), [digest(2)]);
    }
}

#[test]
fn what_cannot_be_read_is_told_and_not_forgotten() {
    let bench = Bench::published(2);
    let pack = bench.history().join("primary/pack-00000000");
    let bytes = fs::read(&pack).unwrap();
    fs::remove_file(&pack).unwrap();
    fs::create_dir(&pack).unwrap();
    let told = ["type `primary` cannot be checked", "pack-00000000", "damaged in 1 place"];
    bench.history_command("verify", &[]).expect(1).says(&told);
    bench.history_command("verify", &["--repair"]).expect(1).says(&told);
    fs::remove_dir(&pack).unwrap();
    fs::write(&pack, bytes).unwrap();
    bench.history_command("verify", &[]).expect(0);
    assert_eq!(generations(&bench), [digest(2), digest(1)]);
}

#[test]
fn what_a_newer_version_wrote_is_told_and_left_as_it_is() {
    for name in ["format", "primary/index"] {
        let bench = Bench::published(1);
        let path = bench.history().join(name);
        let mut bytes = fs::read(&path).unwrap();
        let end = bytes.iter().position(|byte| *byte == b'\n').unwrap();
        bytes[end - 1] += 1;
        fs::write(&path, &bytes).unwrap();
        for options in [&[][..], &["--repair"]] {
            let told =
                ["was written by a newer version", "hint: use the version of createrepo-delta that wrote it"];
            bench.history_command("verify", options).expect(3).says(&told);
        }
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}

#[test]
fn no_history_is_made_by_looking() {
    let bench = Bench::created(1);
    run(program("strip").arg("--history").arg(bench.history()).arg(bench.repo())).expect(3);
    for (action, rest) in [
        ("list", &[][..]),
        ("show", &["primary"]),
        ("drop", &["--newest"]),
        ("prune", &["--keep", "1"]),
        ("verify", &["--repair"]),
    ] {
        bench
            .history_command(action, rest)
            .expect(2)
            .says(&["holds no history", "hint: `createrepo-delta generate"]);
        assert!(!bench.history().exists());
    }
}
