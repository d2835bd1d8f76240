//! `generate --config`: several repositories in one run, and the file that
//! describes them.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "scratch files need no care"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::{Bench, Ran, program, run};

/// Some repositories, and a configuration file that names them.
struct Several {
    work: tempfile::TempDir,
    benches: Vec<Bench>,
}

const NAMES: [&str; 3] = ["amber", "birch", "cedar"];

impl Several {
    /// Each with a past of one generation and new metadata.
    fn new() -> Self {
        let several =
            Self { work: tempfile::tempdir().unwrap(), benches: NAMES.map(|_| Bench::new()).into() };
        several.benches.iter().for_each(|bench| bench.create(1));
        several.write("", "");
        several.run(&["--quiet"]).expect(0);
        several.benches.iter().for_each(|bench| bench.create(2));
        several
    }

    fn file(&self) -> PathBuf {
        self.work.path().join("compose.toml")
    }

    fn history(&self, name: &str) -> PathBuf {
        self.work.path().join("histories").join(name)
    }

    /// Writes the file, with these lines in `[defaults]` and in the last repository.
    fn write(&self, defaults: &str, last: &str) {
        let mut text = format!("[defaults]\nhistory-root = 'histories'\n{defaults}\n");
        for (name, bench) in NAMES.iter().zip(&self.benches) {
            text.extend(["[repository.", name, "]\npath = '", bench.repo().to_str().unwrap(), "'\n"]);
        }
        fs::write(self.file(), text + last).unwrap();
    }

    fn command(&self) -> Command {
        let mut command = program("generate");
        command.arg("--config").arg(self.file());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        run(self.command().args(arguments))
    }

    fn deltas(&self) -> Vec<usize> {
        self.benches.iter().map(|bench| bench.files(".delta").len()).collect()
    }
}

fn entries(ran: &Ran) -> Vec<Value> {
    ran.json()["repositories"].as_array().unwrap().clone()
}

#[test]
fn every_repository_gets_deltas_and_a_table() {
    let several = Several::new();
    let ran = several.run(&["--jobs", "2"]).expect(0);
    assert_eq!(several.deltas(), [3, 3, 3]);
    let mut from = 0;
    for (name, bench) in NAMES.iter().zip(&several.benches) {
        let heading = format!("{name}  {}\nTYPE ", bench.repo().display());
        from += ran.stdout[from..].find(&heading).unwrap_or_else(|| panic!("no {name}:\n{}", ran.stdout));
        assert!(several.history(name).is_dir());
    }
    assert_eq!(ran.stderr.matches("lists the deltas").count(), NAMES.len(), "{}", ran.stderr);
}

#[test]
fn the_order_of_work_leaves_no_trace() {
    let run_with = |jobs: &str| {
        let several = Several::new();
        let json = entries(&several.run(&["--jobs", jobs, "--json"]).expect(0));
        let names: Vec<_> = json.iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect();
        let files: Vec<_> =
            several.benches.iter().map(|bench| fs::read_to_string(bench.repomd()).unwrap()).collect();
        (names, files)
    };
    let one = run_with("1");
    assert_eq!(one.0, NAMES);
    assert_eq!(one, run_with("3"));
    assert_eq!(one, run_with("99"));
}

#[test]
fn names_choose_repositories() {
    let several = Several::new();
    several.run(&["--quiet", "cedar", "amber", "cedar"]).expect(0);
    assert_eq!(several.deltas(), [3, 0, 3]);
    let wrong = several.run(&["ceder"]).expect(2);
    wrong.says(&["has no repository `ceder`: expected one of amber, birch, cedar"]);
}

#[test]
fn one_that_fails_does_not_stop_the_others() {
    let several = Several::new();
    fs::remove_file(several.benches[1].files("-other.xml.gz").remove(0)).unwrap();
    let ran = several.run(&["--jobs", "1", "--json"]).expect(1);
    assert_eq!(several.deltas(), [3, 0, 3]);
    let json = entries(&ran);
    let statuses: Vec<_> = json.iter().map(|entry| entry["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [0, 1, 0]);
    assert_eq!(json[0]["error"], Value::Null);
    assert_eq!(json[0]["generated"]["changed"], true);
    assert!(json[1]["error"].as_str().unwrap().contains("-other.xml.gz` is missing"));
    assert_eq!(json[1]["generated"], Value::Null);
    assert_eq!(json[1]["path"], several.benches[1].repo().to_str().unwrap());
    assert_eq!(json[1]["history"], several.history("birch").to_str().unwrap());
    ran.says(&["error: birch: `", "is missing", "\n\nhint: make the metadata again"]);
}

#[test]
fn the_status_is_the_worst() {
    let several = Several::new();
    fs::create_dir(several.benches[0].repo().join(".repodata")).unwrap();
    several.run(&["--quiet"]).expect(75).says(&["error: amber: createrepo_c is at work"]);
    assert_eq!(several.deltas(), [0, 3, 3]);
    several.write("", "sign-command = 'false'\n");
    several.benches[2].create(3);
    several
        .run(&["--quiet"])
        .expect(2)
        .says(&["error: amber: ", "error: cedar: the signing command `false`"]);
    fs::remove_file(several.benches[1].repomd()).unwrap();
    several.run(&["--quiet"]).expect(1);
}

#[test]
fn the_command_line_wins_over_the_file() {
    let several = Several::new();
    several.write("types = ['filelists']", "types = ['other']\n");
    let types = |arguments: &[&str]| {
        let json = entries(&several.run(&[&["--json", "--dry-run"], arguments].concat()).expect(0));
        let first = |entry: &Value| entry["generated"]["types"][0]["type"].as_str().unwrap().to_owned();
        json.iter().map(first).collect::<Vec<_>>()
    };
    assert_eq!(types(&[]), ["filelists", "filelists", "other"]);
    assert_eq!(types(&["--types", "primary"]), ["primary", "primary", "primary"]);
    assert_eq!(several.deltas(), [0, 0, 0]);
}

#[test]
fn one_history_for_two_repositories_is_refused() {
    let several = Several::new();
    let history = several.history("amber");
    let ran = run(several.command().arg("--history").arg(&history)).expect(2);
    ran.says(&["`amber` and `birch` have the same history", "hint: a history belongs to one repository"]);
    let ran = run(several.command().arg("--history").arg(&history).arg("amber")).expect(0);
    assert!(ran.stdout.contains("1 generation "), "{}", ran.stdout);
    several.write("", "history = 'histories/birch'\n");
    several.run(&[]).expect(2).says(&["`birch` and `cedar` have the same history"]);
    let inside = several.benches[0].repo().join("history");
    several.write("", &format!("history = '{}'\n", inside.display()));
    several.run(&[]).expect(2).says(&["is inside the repository"]);
    assert_eq!(several.deltas(), [3, 0, 0]);
}

#[test]
fn unknown_keys_warn_and_wrong_values_are_errors() {
    let several = Several::new();
    several.write("keep_states = 1", "");
    let file = several.file();
    let warning = format!(
        "warning: `{}`, line 3: `keep_states` in `[defaults]` is not known and passed over; is `keep-states` \
         meant?",
        file.display()
    );
    several.run(&["--quiet", "--dry-run"]).expect(0).says(&[&warning]);
    several.write("keep-states = -1", "");
    let error = format!(
        "error: `{}`, line 3: `keep-states` in `[defaults]`: expected a whole number of at least 0, found \
         the number -1",
        file.display()
    );
    several.run(&[]).expect(2).says(&[&error]);
    assert_eq!(several.deltas(), [0, 0, 0]);
    fs::remove_file(&file).unwrap();
    several.run(&[]).expect(2).says(&["cannot read the configuration file `", "compose.toml`"]);
}

#[test]
fn what_is_printed_is_a_configuration_file_that_says_the_same() {
    let several = Several::new();
    several.write("sizes = ['64K', '5%']\nkeep-age = '14d'", "sign-command = \"sign 'a b'\"\nwindows = 2\n");
    let before: Vec<_> = several.benches.iter().map(Bench::snapshot).collect();
    let ran = several.run(&["--print-config", "--keep-states", "7"]).expect(0);
    assert_eq!(ran.stderr, "");
    let expected = format!(
        "[repository.\"cedar\"]\npath = \"{}\"\nhistory = \"{}\"\nkeep = 56\nkeep-age = \"14d\"\n\
         journal-max-size = \"60%\"\njournal-text = 67108864\nwindows = 2\n\
         max-size = \"60%\"\nkeep-states = 7\nsign-command = [\"sign\", \"a b\"]\n",
        several.benches[2].repo().display(),
        several.history("cedar").display()
    );
    assert!(ran.stdout.ends_with(&expected), "{}", ran.stdout);
    assert!(ran.stdout.contains("sizes = [\"65536\", \"5%\"]\n"), "{}", ran.stdout);
    fs::write(several.file(), &ran.stdout).unwrap();
    assert_eq!(several.run(&["--print-config"]).expect(0).stdout, ran.stdout);
    assert_eq!(several.benches.iter().map(Bench::snapshot).collect::<Vec<_>>(), before);
}

#[test]
fn a_path_is_no_name_and_names_need_a_file() {
    let several = Several::new();
    let repo = several.benches[0].repo();
    run(several.command().arg(&repo)).expect(2).says(&["has no repository", "hint: with `--config`"]);
    let mut two = program("generate");
    two.arg("--history").arg(several.history("amber")).args([&repo, &repo]);
    run(&mut two).expect(2).says(&["expected one repository, found 2", "hint: ", "`--config FILE`"]);
    let mut without = program("generate");
    run(without.arg("--print-config").arg(&repo)).expect(2).says(&["--config <FILE>"]);
}

#[test]
fn the_file_in_the_document_is_understood() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations.md");
    let text = fs::read_to_string(document).unwrap();
    let blocks: Vec<&str> =
        text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty());
    let work = tempfile::tempdir().unwrap();
    for (at, block) in blocks.iter().enumerate() {
        let file = work.path().join(format!("{at}.toml"));
        fs::write(&file, block).unwrap();
        let ran = run(program("generate").arg("--config").arg(file).arg("--print-config")).expect(0);
        assert_eq!(ran.stderr, "", "{block}");
        let printed = ran.stdout.matches("[repository.").count();
        assert_eq!(printed, block.matches("[repository.").count(), "{block}");
    }
}
