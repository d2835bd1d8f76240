//! `apply` and `diff` on single files.

use std::fs;
use std::path::PathBuf;

use crate::support::{Bench, Ran, open, program, run, sha256};

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
    ran.says(&["warning: `", "new.xml` was not verified", "\nhint: compare"]);
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

/// A journal that leads from version 1 to 2 of primary.
fn journal() -> (Bench, [PathBuf; 2]) {
    let bench = Bench::new();
    let mut options = delta_publish::Options::default();
    options.types = Some(vec!["primary".to_owned()]);
    // However small the files are.
    options.journal.as_mut().unwrap().min_full = 0;
    for version in [1, 2] {
        bench.create(version);
        delta_publish::generate(&bench.repo(), &bench.history(), &options).unwrap();
    }
    let [old, journal] = [bench.path("1.xml"), bench.path("a.journal")];
    fs::write(&old, open("primary", 1)).unwrap();
    fs::copy(&bench.files("-repodata.journal")[0], &journal).unwrap();
    (bench, [old, journal])
}

#[test]
fn what_is_wrong_with_the_files_is_status_1_and_what_is_wrong_with_the_system_2() {
    let (bench, [old, journal]) = journal();
    let new = bench.path("new.xml");
    apply(&[], [&old, &journal, &new]).expect(0);
    fs::remove_file(&new).unwrap();
    let bytes = fs::read(&journal).unwrap();
    let bad = bench.path("bad.journal");
    for end in [0, 1, 4, 10, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&bad, &bytes[..end]).unwrap();
        apply(&[], [&old, &bad, &new]).expect(1);
    }
    let mut damaged = bytes.clone();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(&bad, damaged).unwrap();
    apply(&[], [&old, &bad, &new]).expect(1).says(&["cannot apply `", "digest", "hint: "]);
    fs::write(&old, open("primary", 7)).unwrap();
    apply(&[], [&old, &journal, &new]).expect(1).says(&["does not serve", "hint: "]);
    assert!(!new.exists());
    fs::write(&old, open("primary", 1)).unwrap();
    apply(&[], [&old, &bench.path("gone"), &new]).expect(2);
    apply(&[], [&old, &journal, &bench.path("gone/new")]).expect(2);
}

#[test]
fn padding_after_gzip_is_no_damage_and_anything_else_is_counted() {
    use std::io::Write as _;

    let (bench, [old, _, third, delta]) = files();
    let new = bench.path("new.xml");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&fs::read(&old).unwrap()).unwrap();
    let mut bytes = gzip.finish().unwrap();
    bytes.extend([0; 700]);
    fs::write(&old, &bytes).unwrap();
    apply(&[], [&old, &delta, &new]).expect(0);
    assert_eq!(fs::read(&new).unwrap(), fs::read(&third).unwrap());
    bytes.extend(b"x");
    fs::write(&old, &bytes).unwrap();
    apply(&[], [&old, &delta, &new]).expect(1).says(&["701 bytes after the end of the gzip stream"]);
}
