//! What `--json` prints is documented: every field is in the help text of its
//! command.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;

use serde_json::Value;

use crate::support::{Bench, open, program, run};

/// Runs `command` with `--json`, which must print an object whose field names
/// are all in its help text.
#[track_caller]
fn check<S: AsRef<OsStr>>(command: &[&str], arguments: &[S]) {
    let start = || {
        let mut program = program(command[0]);
        program.args(&command[1..]);
        program
    };
    let json = run(start().args(arguments).arg("--json")).expect(0).json();
    assert!(json.is_object());
    let help = run(program(command[0])
        .args(command[1..].iter().filter(|word| !word.starts_with('-')))
        .arg("--help"));
    let help = help.expect(0).stdout;
    let documented = help.split_once("\nJSON").unwrap().1;
    let words: BTreeSet<&str> = documented.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let mut fields = BTreeSet::new();
    collect(&json, &mut fields);
    let missing: Vec<_> = fields.iter().filter(|field| !words.contains(field.as_str())).collect();
    assert!(missing.is_empty(), "{command:?} does not document {missing:?}");
}

fn collect(value: &Value, fields: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                fields.insert(name.clone());
                collect(value, fields);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, fields)),
        _ => {}
    }
}

#[test]
fn of_repositories() {
    let bench = Bench::published(1);
    bench.create(2);
    let (repo, history) = (bench.repo(), bench.history());
    let with_history = ["--history".as_ref(), history.as_os_str(), repo.as_os_str()];
    check(&["generate"], &with_history);
    let config = bench.path("compose.toml");
    let tables = format!("[repository.a]\npath = '{}'\nhistory = '{}'\n", repo.display(), history.display());
    fs::write(&config, tables).unwrap();
    check(&["generate", "--config"], &[&config]);
    check(&["verify"], &with_history);
    check(&["inspect"], &[&repo]);
    check(&["inspect"], &[&bench.files(".delta0")[0]]);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    check(&["inspect"], &[root.join("testdata/format-2/example.journal")]);
    check(&["strip"], &with_history);
}

#[test]
fn of_caches() {
    let bench = Bench::published(1);
    let (repo, cache) = (bench.repo(), bench.path("cache"));
    check(&["update"], &[&repo, &cache]);
    bench.publish(2);
    check(&["update", "--dry-run"], &[&repo, &cache]);
    check(&["update"], &[&repo, &cache]);
    check(&["update", "--offline"], &[&repo, &cache]);
}

#[test]
fn of_files() {
    let bench = Bench::new();
    let [old, new, delta, again] =
        ["old.xml", "new.xml", "delta.bz2", "again.xml"].map(|name| bench.path(name));
    fs::write(&old, open("primary", 1)).unwrap();
    fs::write(&new, open("primary", 2)).unwrap();
    check(&["diff", "--type", "primary"], &[&old, &new, &delta]);
    check(&["apply", "--type", "primary"], &[&old, &delta, &again]);
    check(&["recipes"], &[&old]);
    let zchunk = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../codec/tests/zchunk/zck.zck");
    check(&["recipes"], &[&zchunk]);
}

#[test]
fn of_histories() {
    let bench = Bench::published(3);
    let (history, repo) = (bench.history(), bench.repo());
    check(&["history", "list"], &[&history]);
    check(&["history", "show"], &[history.as_os_str(), "primary".as_ref()]);
    check(&["history", "verify"], &[&history]);
    check(&["history", "import"], &[&history, &repo]);
    check(&["history", "drop"], &[history.as_os_str(), "--newest".as_ref()]);
    check(&["history", "prune"], &[history.as_os_str(), "--keep".as_ref(), "1".as_ref()]);
}
