//! `recipes`: what it tells of published files.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "scratch files need no care")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::{Bench, program, run};

/// A file of `zck`.
fn zchunk() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../codec/tests/zchunk/zck.zck")
}

#[test]
fn files_with_a_recipe_are_told_from_others() {
    let known = Bench::with_recipe("gzip-9");
    known.create(1);
    let unknown = Bench::new();
    unknown.create(1);
    let [with, without] = [&known, &unknown].map(|bench| bench.files("-primary.xml.gz").remove(0));
    let json = run(program("recipes").arg("--json").args([&with, &without, &zchunk()])).expect(0).json();
    let field = |file: usize, name: &str| json["files"][file][name].clone();
    assert_eq!(field(0, "path"), with.to_string_lossy().as_ref());
    assert_eq!((field(0, "recipe"), field(0, "recipe_number")), ("gzip-9".into(), 2.into()));
    assert_eq!(field(0, "size"), fs::metadata(&with).unwrap().len());
    assert_eq!(field(0, "open_size"), support::open("primary", 1).len());
    assert!(field(0, "memory").is_u64() && field(0, "seconds").is_f64() && field(0, "chunks").is_null());
    assert!(["recipe", "recipe_number", "memory", "seconds"].iter().all(|name| field(1, name).is_null()));
    assert_eq!((field(2, "recipe"), field(2, "chunks")), ("zck-10-unsplit".into(), 41.into()));
    assert_eq!((field(2, "chunk_rule"), field(1, "chunk_rule")), (1.into(), serde_json::Value::Null));
    let text = run(program("recipes").args([&with, &without])).expect(0).stdout;
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("CODEC ") && lines[1].contains("  gzip-9  "), "{text}");
    assert!(lines[2].contains("  no recipe  ") && lines[2].contains("  -  "), "{text}");
}

#[test]
fn the_revision_beside_a_file_is_taken() {
    let bench = Bench::new();
    let facts = codec::recipe::Facts::of(Some("1704674332"), "primary.xml.gz");
    let recipe = codec::recipe::Recipe::all().find(|recipe| recipe.needs_facts()).unwrap();
    let mut rebuilder = recipe.rebuilder_with(Vec::new(), None, &facts).unwrap();
    std::io::Write::write_all(&mut rebuilder, b"<metadata/>").unwrap();
    let file = bench.repodata().join("primary.xml.gz");
    fs::write(&file, rebuilder.finish().unwrap()).unwrap();
    let recipe_of =
        || run(program("recipes").arg("--json").arg(&file)).expect(0).json()["files"][0]["recipe"].clone();
    assert!(recipe_of().is_null());
    let root = "<repomd xmlns=\"http://linux.duke.edu/metadata/repo\">";
    fs::write(bench.repomd(), format!("{root}<revision>1704674332</revision></repomd>")).unwrap();
    assert_eq!(recipe_of(), recipe.name());
}

#[test]
fn files_that_cannot_be_read_do_not_keep_others_from_being_told() {
    let bench = Bench::new();
    let mut file = fs::read(zchunk()).unwrap();
    let last = file.len() - 1;
    file[last] ^= 1;
    let damaged = bench.path("damaged.zck");
    fs::write(&damaged, &file).unwrap();
    let ran =
        run(program("recipes").arg("--json").args([&damaged, &zchunk(), &bench.path("none")])).expect(1);
    assert_eq!(ran.json()["files"].as_array().unwrap().len(), 1);
    ran.says(&["error: ", "damaged.zck`", "does not have the checksum of its index", "error: cannot open"]);
}
