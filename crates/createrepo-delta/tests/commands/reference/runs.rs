//! Runs of every command that prints an object.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::statuses;
use crate::support::{Bench, System, fill, flip, open, program, run};

/// What one run printed.
pub(super) struct Printed {
    /// The section that describes it.
    pub(super) section: &'static str,
    pub(super) object: Value,
}

/// Those of the table of statuses, and such as have what these lack.
pub(super) fn all() -> Vec<Printed> {
    let mut all: Vec<Printed> =
        statuses::objects().filter_map(|(line, object)| of_line(line, object)).collect();
    all.extend(of_repositories());
    all.extend(of_copies());
    all.extend(of_caches());
    all.extend(of_files());
    all.extend(of_histories());
    all
}

fn of_line(line: &str, object: Value) -> Option<Printed> {
    Some(Printed { section: section(line, &object)?, object })
}

fn section(line: &str, object: &Value) -> Option<&'static str> {
    if line.contains("--config") {
        return Some("Several repositories");
    }
    let words: Vec<&str> = line.split(' ').collect();
    Some(match words[0] {
        "generate" => "`generate`",
        "verify" => "`verify`",
        "strip" => "`strip`",
        "inspect" if object.get("records").is_some() => "`inspect REPO`",
        "inspect" if object.get("ways").is_some() => "`inspect JOURNAL`",
        "inspect" => "`inspect DELTA`",
        "update" if line.contains("--offline") => "`update --offline`",
        "update" => "`update`",
        "refresh" => "`refresh`",
        "apply" => "`apply`",
        "diff" => "`diff`",
        "recipes" => "`recipes`",
        "history" => match words[1] {
            "list" => "`history list`",
            "show" => "`history show`",
            "import" => "`history import`",
            "drop" | "prune" => "`history drop` and `history prune`",
            "verify" => "`history verify`",
            _ => return None,
        },
        _ => return None,
    })
}

/// Runs a line of which the last words are paths.
#[track_caller]
fn printed<S: AsRef<OsStr>>(line: &str, paths: &[S]) -> Printed {
    let words: Vec<&str> = line.split(' ').collect();
    let object = run(program(words[0]).args(&words[1..]).args(paths).arg("--json")).expect(0).json();
    of_line(line, object).unwrap()
}

/// Generations 1 to `last` of metadata that `createrepo_c` made.
fn demo(last: u32) -> Bench {
    let bench = Bench::new();
    (1..=last).for_each(|generation| bench.publish_demo(generation));
    bench
}

fn of_repositories() -> Vec<Printed> {
    let bench = demo(3);
    let (repo, history) = (bench.repo(), bench.history());
    let with_history = ["--history".as_ref(), history.as_os_str(), repo.as_os_str()];
    let config = bench.path("repositories.toml");
    let tables = format!("[repository.a]\npath = '{}'\nhistory = '{}'\n", repo.display(), history.display());
    fs::write(&config, tables).unwrap();
    let journal = bench.files(".journal").remove(0);
    let mut all = vec![printed("inspect", &[&journal])];
    for command in ["generate", "verify", "inspect"] {
        all.push(printed(command, &with_history));
    }
    for command in ["generate", "verify", "inspect", "strip"] {
        all.push(printed(&format!("{command} --config"), &[&config]));
    }
    all.push(printed("generate --config", &[&config]));
    all
}

fn of_copies() -> Vec<Printed> {
    let bench = demo(3);
    let (repo, copy) = (bench.repo(), bench.path("copy"));
    let mut all = vec![printed("update", &[&repo, &copy])];
    bench.publish_demo(4);
    all.push(printed("update --dry-run", &[&repo, &copy]));
    all.push(printed("update", &[&repo, &copy]));
    all.push(printed("update --offline", &[&repo, &copy]));
    all
}

fn of_caches() -> Vec<Printed> {
    let system = System::new(&["--dnf"], "");
    (1..=3).for_each(|generation| system.bench.publish_demo(generation));
    fill(&system.cache().join("repodata"), &system.expected_of_dnf());
    system.bench.publish_demo(4);
    let refresh = || {
        let object = system.refresh(&["--json"]).expect(0).json();
        Printed { section: "`refresh`", object }
    };
    vec![refresh(), refresh()]
}

fn of_files() -> Vec<Printed> {
    let bench = Bench::new();
    let [old, new, delta, again] =
        ["old.xml", "new.xml", "delta.bz2", "again.xml"].map(|name| bench.path(name));
    fs::write(&old, open("primary", 1)).unwrap();
    fs::write(&new, open("primary", 2)).unwrap();
    let zchunk: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../codec/tests/zchunk/zck.zck");
    vec![
        printed("diff --type primary", &[&old, &new, &delta]),
        printed("apply --type primary", &[&old, &delta, &again]),
        printed("recipes", &[&old, &zchunk]),
    ]
}

fn of_histories() -> Vec<Printed> {
    let bench = Bench::published(3);
    let history = bench.history();
    let mut packs: Vec<PathBuf> =
        fs::read_dir(history.join("primary")).unwrap().map(|entry| entry.unwrap().path()).collect();
    packs.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pack")));
    flip(&packs[0]);
    vec![printed("history verify --repair", &[&history]), printed("history verify", &[&history])]
}
