//! Every command that the documents show is run, on a repository with a past.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a failed step fails the test")]

mod support;

use std::fs;
use std::path::Path;

use support::{Bench, program, run};

const DOCUMENTS: [&str; 6] = [
    "README.md",
    "docs/clients.md",
    "docs/operations.md",
    "docs/history.md",
    "docs/format-1.md",
    "docs/architecture.md",
];

/// The commands of a document: lines that begin with a prompt.
fn commands(document: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join(document)).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("$ createrepo-delta "));
    lines.map(str::to_owned).collect()
}

#[test]
fn the_commands_of_the_documents_work() {
    let mut count = 0;
    for document in DOCUMENTS {
        for command in commands(document) {
            let bench = Bench::new();
            for version in 1..4 {
                bench.create(version);
                bench.generate(&[]).expect(0);
                if version == 2 {
                    run(program("update").args([bench.repo(), bench.path("cache")])).expect(0);
                }
            }
            for day in ["monday", "tuesday"] {
                fs::create_dir_all(bench.path("backup").join(day)).unwrap();
                let to = bench.path("backup").join(day).join("repodata");
                fs::create_dir(&to).unwrap();
                for entry in fs::read_dir(bench.repodata()).unwrap() {
                    let entry = entry.unwrap();
                    fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
                }
            }
            let config = bench.path("compose.toml");
            let (repo, history) = (bench.repo(), bench.history());
            let tables =
                format!("[repository.os]\npath = '{}'\nhistory = '{}'\n", repo.display(), history.display());
            fs::write(&config, tables).unwrap();
            let command = command
                .replace("/etc/createrepo-delta.toml", config.to_str().unwrap())
                .replace("/var/lib/createrepo-delta/repo", bench.history().to_str().unwrap())
                .replace("https://mirror.example.org/repo", bench.repo().to_str().unwrap())
                .replace("/var/cache/repo", bench.path("cache").to_str().unwrap())
                .replace("/srv/repo", bench.repo().to_str().unwrap());
            let mut words = command.split_whitespace();
            let mut program = program(words.next().unwrap());
            let ran = run(program.current_dir(bench.path("")).args(words));
            assert_eq!(ran.status, 0, "{document}: {command}\n{}", ran.stderr);
            count += 1;
        }
    }
    assert!(count >= 10, "{count}");
}
