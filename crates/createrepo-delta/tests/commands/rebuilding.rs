//! Between fewer bytes and less time: `--max-cpu`, `--prefer` and the reckoning of `--verbose`, and
//! what `generate` says of slow recipes.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Bench, Ran, System, fill, open, program, run};

const NOTES: &str = "cache/.createrepo-delta.json";
const LIMIT: &str = "more than the 5 s of `--max-cpu`";
/// gzip-9 at 100 bytes a second.
const SLOW: &str = "0.0 MB/s, measured";

fn update(bench: &Bench, options: &[&str]) -> Ran {
    run(program("update").args(options).arg(bench.repo()).arg(bench.path("cache")))
}

/// A copy that is one publish behind, with notes that gzip-9 takes minutes.
fn behind() -> Bench {
    let bench = Bench::with_recipe("gzip-9");
    bench.publish_with_journal(1);
    update(&bench, &[]).expect(0);
    let path = bench.path(NOTES);
    let mut notes: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    notes["speeds"] = json!({ "rebuilding": { "2": 100 } });
    fs::write(&path, notes.to_string()).unwrap();
    bench.publish_with_journal(2);
    bench
}

fn paths(json: &Value) -> Vec<&str> {
    json["types"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect()
}

#[test]
fn a_copy_is_downloaded_whole_where_rebuilding_takes_too_long() {
    let bench = behind();
    let dry = update(&bench, &["--dry-run", "--verbose"]).expect(0);
    for part in [LIMIT, "RECIPE", "REBUILDING", "gzip-9", SLOW] {
        assert!(dry.stdout.contains(part), "{part}: {}", dry.stdout);
    }
    assert!(!update(&bench, &["--dry-run"]).expect(0).stdout.contains("REBUILDING"));
    let json = update(&bench, &["--json"]).expect(0).json();
    assert_eq!(paths(&json), ["full"; 3], "{json:#}");
    for one in json["types"].as_array().unwrap() {
        assert!(one["reason"].as_str().unwrap().contains(LIMIT), "{one:#}");
        assert_eq!(one["rebuilding"]["bytes_per_second"], 100, "{one:#}");
        assert_eq!(one["rebuilding"]["measured"], true, "{one:#}");
    }
}

#[test]
fn without_a_limit_it_is_rebuilt_and_with_none_at_all_it_is_not() {
    for (limit, full) in [("none", false), ("2h", true), ("1m", true), ("0", true), ("86400", false)] {
        let ran = update(&behind(), &["--json", "--max-cpu", limit]);
        if limit == "2h" {
            ran.expect(2).says(&["expected seconds or minutes", "`none`"]);
            continue;
        }
        let json = ran.expect(0).json();
        assert_eq!(paths(&json).contains(&"full"), full, "{limit}: {json:#}");
    }
    update(&behind(), &["--prefer", "money"]).expect(2);
    // Nothing came from a host: bytes count.
    let json = update(&behind(), &["--json", "--max-cpu", "none", "--prefer", "time"]).expect(0).json();
    assert!(!paths(&json).contains(&"full"), "{json:#}");
}

#[test]
fn the_notes_of_refresh_are_of_the_machine() {
    let system = System::new(&["--dnf"], "");
    (1..=3).for_each(|generation| system.bench.publish_demo(generation));
    fill(&system.cache().join("repodata"), &system.expected_of_dnf());
    system.bench.publish_demo(5);
    let rebuilt = system.report(&["--dry-run"]);
    let recipe = rebuilt["types"][0]["rebuilding"]["recipe"].as_str().unwrap().to_owned();
    let number = codec::recipe::Recipe::all().find(|one| one.name() == recipe).unwrap().number();
    let notes = system.root().join("var/cache/createrepo-delta/refresh.json");
    fs::create_dir_all(notes.parent().unwrap()).unwrap();
    let slow = json!({ "format": "createrepo-delta refresh 1", "caches": {}, "speeds": { "rebuilding": { number.to_string(): 100 } } });
    fs::write(&notes, slow.to_string()).unwrap();

    let left = system.report(&[]);
    assert_eq!((&left["outcome"], &left["reason_code"]), (&"left".into(), &"nothing_to_save".into()));
    assert!(left["reason"].as_str().unwrap().contains(LIMIT), "{left:#}");
    let dry = system.refresh(&["--dry-run", "--verbose"]).expect(0);
    for part in [LIMIT, "REPOSITORY", "REBUILDING", &recipe, SLOW] {
        assert!(dry.stdout.contains(part), "{part}: {}", dry.stdout);
    }
    let done = system.report(&["--max-cpu", "none"]);
    assert_eq!(done["outcome"], "refreshed", "{done:#}");
    // What was noted before stays: files this small tell nothing of the machine.
    let kept: Value = serde_json::from_slice(&fs::read(&notes).unwrap()).unwrap();
    assert_eq!(kept["speeds"]["rebuilding"], slow["speeds"]["rebuilding"], "{kept:#}");

    system.bench.publish_demo(6);
    fs::write(&notes, r#"{"format": "createrepo-delta refresh 1", "caches": {}, "speeds": [3]}"#).unwrap();
    let done = system.report(&[]);
    assert_eq!(done["outcome"], "refreshed", "{done:#}");
}

#[test]
fn slow_recipes_are_told_once_and_not_in_silence() {
    let large = |data_type: &str, version: u64| {
        let open = open(data_type, version);
        let (start, end) = open.rsplit_once("</").unwrap();
        let same = "the same text ".repeat(30);
        let packages = if data_type == "primary" { 8000 } else { 0 };
        let more: Vec<String> =
            (0..packages).map(|n| format!("<package name=\"more{n}\">{same}</package>\n")).collect();
        let more = more.concat();
        format!("{start}{more}</{end}")
    };
    let said = "take clients about";
    let bench = Bench::with_recipe("xz-6");
    bench.create_from(1, large);
    bench.generate(&[]).expect(0);
    bench.create_from(2, large);
    let silent = bench.copy().generate(&["--quiet"]).expect(0);
    assert_eq!(silent.stderr, "");
    bench.generate(&[]).expect(0).says(&[said, "recipe `xz-6`", "zstd"]);
    bench.create_from(3, large);
    let later = bench.generate(&[]).expect(0);
    assert!(!later.stderr.contains(said), "{}", later.stderr);
    // Small files cost no time.
    let bench = Bench::with_recipe("xz-6");
    bench.publish_to(1);
    bench.create(2);
    assert!(!bench.generate(&[]).expect(0).stderr.contains(said));
}
