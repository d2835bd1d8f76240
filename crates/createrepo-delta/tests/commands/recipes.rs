//! `recipes`: what it tells of published files.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::support::{Bench, program, run};

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
    assert_eq!(field(0, "open_size"), crate::support::open("primary", 1).len());
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
    let facts = codec::recipe::Facts::from_repomd(Some("1704674332"), "primary.xml.gz");
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

/// The chunks of `open` begin where those of `primary` do.
fn follower(open: &[u8], primary: &[u8]) -> Vec<u8> {
    use codec::recipe::Recipe;
    use codec::recipe::zchunk::{ChunkRule, PrimaryReader, ZchunkCuts, ZchunkFile};
    let mut reader = PrimaryReader::new();
    reader.write_all(primary).unwrap();
    let primary = Arc::new(reader.finish().unwrap());
    let cuts = ZchunkCuts::ByPrimary(ChunkRule::from_number(3).unwrap(), primary);
    let old = Cursor::new(fs::read(zchunk()).unwrap());
    let old = ZchunkFile::read(old, Path::new("old"), codec::Expect::default()).unwrap();
    let recipe = Recipe::all().find(|recipe| recipe.needs_old_file()).unwrap();
    let mut rebuilder =
        recipe.zchunk_rebuilder(Vec::new(), old, cuts, None, Cursor::new(Vec::new())).unwrap();
    rebuilder.write_all(open).unwrap();
    rebuilder.finish().unwrap().out
}

#[test]
fn chunks_of_filelists_are_told_by_the_primary_beside_them() {
    let bench = Bench::new();
    let primary =
        b"<m><package a<rpm:sourcerpm>x</><package b<rpm:sourcerpm>x</><package c<rpm:sourcerpm>y</></m>";
    let open = b"<f><package a><package b><package c></f>";
    let [file, beside] = ["filelists.xml.zck", "primary.xml"].map(|name| bench.repodata().join(name));
    fs::write(&file, follower(open, primary)).unwrap();
    let told = || {
        let rule =
            run(program("recipes").arg("--json").arg(&file)).expect(0).json()["files"][0]["chunk_rule"]
                .clone();
        (rule, run(program("recipes").arg(&file)).expect(0).stdout)
    };
    let unknown = || {
        let (rule, text) = told();
        assert!(rule.is_null() && text.contains(" (no chunk rule without primary) "), "{text}");
    };
    unknown();
    let repomd = |kind: &str| {
        let data = |kind: &str, name: &str| {
            format!("<data type=\"{kind}\"><location href=\"repodata/{name}\"/></data>")
        };
        let (one, other) = (data(kind, "filelists.xml.zck"), data("primary", "primary.xml"));
        let root = "<repomd xmlns=\"http://linux.duke.edu/metadata/repo\">";
        fs::write(bench.repomd(), format!("{root}{one}{other}</repomd>")).unwrap();
    };
    repomd("filelists_zck");
    unknown();
    fs::write(&beside, primary).unwrap();
    let (rule, text) = told();
    assert!(rule == 3 && !text.contains("rule"), "{text}");
    // Another primary, and a file of another type.
    fs::write(&beside, primary.repeat(2)).unwrap();
    assert_eq!(told().0, 3);
    fs::write(&beside, String::from_utf8_lossy(primary).replace('y', "x")).unwrap();
    let (rule, text) = told();
    assert!(rule.is_null() && text.contains(" (no chunk rule) "), "{text}");
    fs::write(&beside, primary).unwrap();
    repomd("group_zck");
    let (rule, text) = told();
    assert!(rule.is_null() && text.contains(" (no chunk rule) "), "{text}");
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
