//! The code map in `docs/architecture.md` has every module of every crate, and no others.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const DOCUMENT: &str = include_str!("../../../../docs/architecture.md");
/// What every crate has, or may have.
const COMMON: [&str; 3] = ["lib", "main", "error"];

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The names in the first cells of the tables of a section.
fn named(section: &str) -> BTreeSet<&str> {
    let first_cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    first_cells.flat_map(|cell| cell.split('`').step_by(2)).collect()
}

/// The names of files and directories in the sources of a crate.
fn modules(sources: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(sources).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn the_code_map_has_every_module() {
    let mut crates_seen = BTreeSet::new();
    for section in DOCUMENT.split("\n### `crates/").skip(1) {
        let (name, section) = section.split_once('`').unwrap();
        let sources = crates().join(name).join("src");
        let named = named(section.split("\n##").next().unwrap());
        for module in &named {
            let is_there =
                sources.join(module).is_dir() || sources.join(module).with_extension("rs").is_file();
            assert!(is_there, "`{name}` has no module `{module}`");
        }
        let tops: BTreeSet<&str> = named.iter().map(|module| module.split('/').next().unwrap()).collect();
        for module in modules(&sources) {
            let is_known = tops.contains(&*module) || COMMON.contains(&&*module);
            assert!(is_known, "docs/architecture.md does not say what `{name}/src/{module}` is for");
        }
        crates_seen.insert(name.to_owned());
    }
    assert_eq!(crates_seen, modules(&crates()));
}
