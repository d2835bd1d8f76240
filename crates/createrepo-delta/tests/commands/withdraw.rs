//! `verify`, `inspect` and `strip`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::{Bench, TYPES, copy_tree, gunzip, obedient_program, program, run};

#[test]
fn verify_proves_what_generate_wrote() {
    let bench = Bench::published(3);
    let mut verify = program("verify");
    verify.arg("--json").arg("--history").arg(bench.history()).arg(bench.repo());
    let json = run(&mut verify).expect(0).says(&["` is whole"]).json();
    assert_eq!(json["problems"].as_array().unwrap().len(), 0);
    assert_eq!(json["types"][0]["type"], "primary");
    assert!(json["types"][0]["deltas"].as_u64().unwrap() > 0);
    assert_eq!(json["types"][0]["proven"], 2);
}

#[test]
fn verify_sees_damage() {
    let bench = Bench::published(2);
    let delta = bench.files("-primary.xml.delta0").remove(0);
    let good = fs::read(&delta).unwrap();
    let mut bad = good.clone();
    bad[good.len() / 2] ^= 0x10;
    fs::write(&delta, bad).unwrap();
    let verify = || run(program("verify").arg("--json").arg(bench.repo()));
    let json = verify().expect(1).says(&["error: ", "has 1 problem\n", "\nhint: "]).json();
    assert_eq!(json["problems"].as_array().unwrap().len(), 1);
    fs::remove_file(&delta).unwrap();
    verify().expect(1);
    fs::write(&delta, good).unwrap();
    verify().expect(0);
}

#[test]
fn generate_heals_a_damaged_delta() {
    let bench = Bench::published(2);
    fs::write(bench.files("-primary.xml.delta0").remove(0), "nothing").unwrap();
    run(program("verify").arg(bench.repo())).expect(1);
    bench.generate(&[]).expect(0);
    run(program("verify").arg(bench.repo())).expect(0);
}

#[test]
fn inspect_shows_a_repository() {
    let bench = Bench::published(2);
    let text = run(program("inspect").arg(bench.repo())).expect(0).stdout;
    assert!(text.contains("revision  2\nsigned    no\n\n"), "{text}");
    assert_eq!(text.matches("\n  delta").count(), TYPES.len(), "{text}");
    assert!(!text.contains("missing"), "{text}");

    fs::remove_file(bench.files("-primary.xml.delta0").remove(0)).unwrap();
    let json = run(program("inspect").arg("--json").arg(bench.repo())).expect(0).json();
    let primary = &json["records"][0];
    assert_eq!(primary["type"], "primary");
    assert_eq!(primary["left_alone"], serde_json::Value::Null);
    assert_eq!(primary["deltas"][0]["present"], false);
    assert_eq!(json["records"][1]["deltas"][0]["present"], true);
}

#[test]
fn inspect_shows_a_delta() {
    let bench = Bench::published(2);
    let delta = bench.files("-primary.xml.delta0").remove(0);
    let text = run(program("inspect").arg(&delta)).expect(0).stdout;
    assert!(text.contains("references  201, of which 200 empty"), "{text}");
    let json = run(program("inspect").arg("--json").arg(&delta)).expect(0).json();
    assert_eq!(json["literals"], 1);
    assert_eq!(json["size"], fs::metadata(&delta).unwrap().len());
    run(program("inspect").arg(bench.repomd())).expect(1).says(&["repomd.xml`: expected a delta"]);
}

#[test]
fn inspect_shows_a_journal() {
    let journal = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/format-2/example.journal");
    let text = run(program("inspect").arg(&journal)).expect(0).stdout;
    assert!(text.contains("\nruns      2\nsequence  300\n"), "{text}");
    let json = run(program("inspect").arg("--json").arg(&journal)).expect(0).json();
    assert_eq!((&json["size"], &json["sequence"]), (&411.into(), &300.into()));
    let way = |way: &serde_json::Value| {
        format!("{} {} {}", way["type"].as_str().unwrap(), way["run"], way["parts"])
    };
    let ways: Vec<_> = json["ways"].as_array().unwrap().iter().map(way).collect();
    assert_eq!(ways, ["filelists 0 1", "other 0 1", "other 0 2", "filelists 1 1", "other 1 1"]);

    let bench = Bench::new();
    let mut bytes = fs::read(&journal).unwrap();
    let damaged = bench.path("damaged.journal");
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&damaged, &bytes).unwrap();
    run(program("inspect").arg(&damaged)).expect(1).says(&["damaged.journal`: ", "digest"]);
    fs::write(&damaged, &bytes[..bytes.len() - 1]).unwrap();
    run(program("inspect").arg(&damaged)).expect(1).says(&["expected 411 bytes by its head, found 410"]);
}

#[test]
fn strip_restores_the_bytes() {
    let bench = Bench::published(2);
    bench.create(3);
    let original = fs::read(bench.repomd()).unwrap();
    bench.generate(&[]).expect(0);
    assert_ne!(fs::read(bench.repomd()).unwrap(), original);
    let mut strip = program("strip");
    strip.arg("--json").arg("--history").arg(bench.history()).arg(bench.repo());
    let json = run(&mut strip).expect(0).json();
    assert_eq!(json["changed"], true);
    assert_eq!(json["signature"], "none");
    assert!(json["removed"].as_array().unwrap().len() >= TYPES.len());
    assert_eq!(fs::read(bench.repomd()).unwrap(), original);
    assert!(bench.files(".delta").is_empty());

    let again = run(program("strip").arg(bench.repo())).expect(0);
    assert!(again.stdout.contains("had no deltas"), "{}", again.stdout);
    bench.generate(&[]).expect(0);
    assert!(!bench.files("-primary.xml.delta0").is_empty());
    assert!(!gunzip(&bench.files("-primary.xml.gz")[0]).is_empty());
}

#[test]
fn states_that_are_restored_or_stripped_lost_nothing() {
    let bench = Bench::published(2);
    let (older, without) = (bench.copy(), Bench::created(3));
    bench.publish(3);
    let verify = || run(program("verify").arg("--history").arg(bench.history()).arg(bench.repo()));
    verify().expect(0);

    // The tree of the publish before.
    let newer = bench.copy();
    fs::remove_dir_all(bench.repodata()).unwrap();
    copy_tree(&older.repodata(), &bench.repodata());
    bench.history_command("drop", &["--newest"]).expect(0);
    verify().expect(0);

    fs::remove_dir_all(bench.repodata()).unwrap();
    copy_tree(&newer.repodata(), &bench.repodata());
    run(program("strip").arg(bench.repo())).expect(0);
    assert_eq!(fs::read(bench.repomd()).unwrap(), fs::read(without.repomd()).unwrap());
    verify().expect(0);

    // Metadata of a later time, without `generate`.
    bench.create(4);
    verify().expect(3).says(&["lists none of the deltas that this history published last"]);
}

#[test]
fn strip_tells_what_it_could_not_delete() {
    let bench = Bench::published(2);
    let stripped = bench.copy();
    run(program("strip").arg("--quiet").arg(stripped.repo())).expect(0);
    fs::copy(stripped.repomd(), bench.repomd()).unwrap();
    let strip = || run(obedient_program().args(["strip", "--json"]).arg(bench.repo()));
    fs::set_permissions(bench.repodata(), fs::Permissions::from_mode(0o555)).unwrap();
    let refused = strip().expect(2);
    fs::set_permissions(bench.repodata(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(refused.stderr.matches("warning: ").count(), 1, "{}", refused.stderr);
    let json = refused.says(&["Permission denied", " more could not be deleted either"]).json();
    let left = json["left"].as_array().unwrap();
    assert!(left.len() >= TYPES.len(), "{json}");
    assert_eq!((&json["removed"], json["warnings"].as_array().unwrap().len()), (&serde_json::json!([]), 1));
    let again = strip().expect(0).json();
    assert_eq!((&again["removed"], &again["left"]), (&json["left"], &serde_json::json!([])));
}
