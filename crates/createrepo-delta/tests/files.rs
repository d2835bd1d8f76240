//! `apply` and `diff` on single files.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "scratch files need no care")]

mod support;

use std::fs;
use std::path::PathBuf;

use support::{Bench, Ran, open, program, run, sha256};

/// Three versions of primary.xml, and the delta from the first two to the third.
fn files() -> (Bench, [PathBuf; 4]) {
    let bench = Bench::new();
    let [first, second, third, delta] = ["1.xml", "2.xml", "3.xml", "delta.bz2"].map(|name| bench.path(name));
    for (path, version) in [(&first, 1), (&second, 2), (&third, 3)] {
        fs::write(path, open("primary", version)).unwrap();
    }
    let mut diff = program("diff");
    diff.args(["--type", "primary"]).args([&second, &first, &third, &delta]);
    let text = run(&mut diff).expect(0).stdout;
    assert!(text.contains("chunks      202\nreferences  200\n"), "{text}");
    (bench, [first, second, third, delta])
}

fn apply(options: &[&str], files: [&PathBuf; 3]) -> Ran {
    run(program("apply").args(["--type", "primary"]).args(options).args(files))
}

#[test]
fn a_delta_serves_every_old_file() {
    let (bench, [first, second, third, delta]) = files();
    let new = bench.path("new.xml");
    let checksum = format!("sha256:{}", sha256(&fs::read(&third).unwrap()));
    for old in [&first, &second] {
        let size = fs::metadata(&third).unwrap().len().to_string();
        let options = ["--open-checksum", &checksum, "--open-size", &size, "--json"];
        let ran = apply(&options, [old, &delta, &new]).expect(0);
        assert_eq!(ran.stderr, "");
        let json = ran.json();
        assert_eq!(json["open_checksum"], checksum.as_str());
        assert_eq!(json["verified"], true);
        assert_eq!(json["open_size"].to_string(), size);
        assert_eq!(fs::read(&new).unwrap(), fs::read(&third).unwrap());
        fs::remove_file(&new).unwrap();
    }
}

#[test]
fn an_unverified_result_is_told() {
    let (bench, [first, _, third, delta]) = files();
    let ran = apply(&[], [&first, &delta, &bench.path("new.xml")]).expect(0);
    let digest = sha256(&fs::read(&third).unwrap());
    assert!(ran.stdout.contains(&format!("open checksum   sha256:{digest}\n")), "{}", ran.stdout);
    ran.says(&["warning: `", "new.xml` was not verified", "\n\nhint: compare"]);
}

#[test]
fn a_wrong_result_is_not_written() {
    let (bench, [first, _, third, delta]) = files();
    let new = bench.path("new.xml");
    let other = format!("sha256:{}", "0".repeat(64));
    apply(&["--open-checksum", &other], [&first, &delta, &new])
        .expect(1)
        .says(&["expected sha256:00", "hint: "]);
    apply(&[], [&first, &third, &new]).expect(1).says(&["is no delta", "hint: the order is OLD DELTA NEW"]);
    fs::write(&first, "<html>404 Not Found</html>").unwrap();
    apply(&[], [&first, &delta, &new]).expect(1).says(&["cannot apply", "hint: take the first delta"]);
    assert!(!new.exists());
}

#[test]
fn missing_files_are_told_by_name() {
    let (bench, [first, _, _, delta]) = files();
    let gone = bench.path("gone.xml");
    apply(&[], [&gone, &delta, &bench.path("new.xml")]).expect(2).says(&["cannot open `", "gone.xml`"]);
    let mut diff = program("diff");
    diff.args(["--type", "primary"]).args([&first, &gone, &bench.path("new.bz2")]);
    run(&mut diff).expect(2).says(&["cannot open `", "gone.xml`"]);
}

#[test]
fn diff_does_not_overwrite_its_input() {
    let (_bench, [first, second, ..]) = files();
    let mut diff = program("diff");
    diff.args(["--type", "primary"]).args([&first, &second, &first]);
    run(&mut diff).expect(2).says(&["is both an input and the delta", "hint: the order is OLD... NEW DELTA"]);
}
