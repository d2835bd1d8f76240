//! What `generate` and `inspect` say that clients download is what `update` downloads.

use std::path::Path;

use serde_json::Value;

use crate::support::{Bench, program, run};

/// Publishes, from the first on. The first has no journal, so that who holds it reads the head.
const PUBLISHES: u32 = 5;

/// Bytes of the journal by which `update` brings a copy up to date, each type's share.
fn downloaded(bench: &Bench, copy: &Path) -> Vec<u64> {
    let json = run(program("update").arg("--json").arg(bench.repo()).arg(copy)).expect(0).json();
    let types = json["types"].as_array().unwrap().iter().filter(|one| one["path"] == "journal");
    types.map(|one| one["bytes_downloaded"].as_u64().unwrap()).collect()
}

fn numbers(array: &Value) -> Vec<u64> {
    array.as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
}

#[test]
fn clients_download_what_generate_and_inspect_say() {
    let bench = Bench::new();
    let mut copies = Vec::new();
    let mut generated = Value::Null;
    for generation in 0..PUBLISHES {
        bench.compose_demo(generation);
        generated = bench.generate(&["--json", "--no-deltas"]).expect(0).json();
        let copy = bench.path(&format!("copy-{generation}"));
        run(program("update").arg(bench.repo()).arg(&copy)).expect(0);
        copies.insert(0, copy);
    }
    let reads = numbers(&generated["journal"]["reads"]);
    let shares: Vec<Vec<u64>> = copies[1..].iter().map(|copy| downloaded(&bench, copy)).collect();
    let mut sums: Vec<u64> = shares.iter().map(|shares| shares.iter().sum()).collect();
    // What is published again is the same publish.
    sums.dedup();
    assert_eq!(reads, sums, "by publish, the youngest first");

    let inspected = run(program("inspect").arg("--json").arg(bench.repo())).expect(0).json();
    let range = |numbers: &[u64]| vec![*numbers.iter().min().unwrap(), *numbers.iter().max().unwrap()];
    assert_eq!(numbers(&inspected["journal"]["reads"]), range(&reads));
    for (nth, of_type) in generated["types"].as_array().unwrap().iter().enumerate() {
        let record = &inspected["records"].as_array().unwrap()[nth];
        assert_eq!(record["type"], of_type["type"]);
        let of_type = numbers(&of_type["journal"]["reads"]);
        assert_eq!(numbers(&record["journal"]["reads"]), range(&of_type));
    }
}

#[test]
fn rows_add_up() {
    let bench = Bench::new();
    bench.publish_demo(0);
    bench.compose_demo(1);
    let ran = bench.generate(&[]).expect(0);
    let row = |name: &str| -> Vec<String> {
        let line = ran.stdout.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].split_whitespace().map(str::to_owned).collect()
    };
    // Below 1 KiB to the byte.
    let bytes = |name: &str| row(name)[2].parse::<u64>().unwrap();
    let sum: u64 = ["primary", "filelists", "other"].map(bytes).iter().sum();
    let tenths = (sum * 10 + 512) / 1024;
    let all = format!("{}.{} KiB", tenths / 10, tenths % 10);
    assert_eq!(row("all types")[2..].join(" "), format!("{all} 1 publish"), "{}", ran.stdout);
    let inspected = run(program("inspect").arg(bench.repo())).expect(0);
    let all = format!("serves 1 publish, which read {all})\n");
    assert!(inspected.stdout.contains(&all), "{}", inspected.stdout);
}

#[test]
fn a_type_that_lost_its_past_has_a_row() {
    let bench = Bench::new();
    bench.publish_demo(0);
    bench.compose_demo(1);
    std::fs::remove_file(bench.history().join("primary/index")).unwrap();
    for status in [3, 0] {
        let ran = bench.generate(&[]).expect(status);
        let row = ran.stdout.lines().find(|line| line.starts_with("primary")).unwrap();
        assert!(row.contains("the full file"), "{}", ran.stdout);
        assert!(!ran.stdout.contains("all types"), "{}", ran.stdout);
    }
}
