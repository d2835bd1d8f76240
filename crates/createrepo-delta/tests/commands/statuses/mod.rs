//! The table of exit statuses, command by command: each row brings a status about in one
//! way. What a status means is in `docs/reference-json.md`.

mod case;
mod files;
mod generate;
mod histories;
mod repositories;

use std::collections::BTreeSet;

use case::Case;
use serde_json::Value;

use crate::support::{program, run};

/// Every row of every table.
fn all() -> impl Iterator<Item = &'static Case> {
    let tables: [&'static [Case]; 9] = [
        generate::SUCCESSFUL,
        generate::BROKEN,
        generate::FAILED,
        generate::REDUCED,
        generate::REDUCED_ERRORS,
        generate::TEMPORARY,
        repositories::CASES,
        histories::CASES,
        files::CASES,
    ];
    tables.into_iter().flatten()
}

/// What rows that come to a result print with `--json`, with their lines.
pub(crate) fn objects() -> impl Iterator<Item = (&'static str, Value)> {
    all().filter(|case| case.status != 2).filter_map(|case| {
        let printed = case.run(&case.prepared(), &["--json"]);
        printed.stdout.starts_with('{').then(|| (case.line, printed.json()))
    })
}

/// The names below `Commands:` in a help text.
fn commands_of(help: &str) -> BTreeSet<String> {
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = list.lines().filter(|line| !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn every_command_is_in_the_table() {
    let mut commands = commands_of(&run(program("-h").arg("-h")).stdout);
    commands.remove("history");
    commands.remove("help");
    let of_history = commands_of(&run(program("history").arg("-h")).stdout);
    commands.extend(of_history.iter().filter(|name| *name != "help").map(|name| format!("history {name}")));
    let tested: BTreeSet<String> = all().map(Case::command).collect();
    assert_eq!(tested, commands);
    for command in commands {
        let statuses: BTreeSet<i32> =
            all().filter(|case| case.command() == command).map(|case| case.status).collect();
        assert!(statuses.is_superset(&[0, 2].into()), "{command}: {statuses:?}");
    }
}

#[test]
fn quiet_runs_say_what_is_not_done_and_nothing_else() {
    let mut tried = BTreeSet::new();
    for case in all() {
        let command = case.command();
        let words: Vec<&str> = command.split(' ').collect();
        let help = run(program(words[0]).args(&words[1..]).arg("--help"));
        let is_printed = case.line.contains("--print-config");
        if !help.stdout.contains("--quiet") || case.line == command || is_printed {
            continue;
        }
        let ran = case.run(&case.prepared(), &["--quiet"]);
        assert_eq!(ran.status, case.status, "{} --quiet ({})", case.line, case.how);
        let is_told = case.status != 0 || case.how.ends_with("which is said");
        let said = (ran.stdout.is_empty(), ran.stderr.is_empty());
        assert_eq!(said, (true, !is_told), "{} --quiet ({}): {}", case.line, case.how, ran.stderr);
        tried.insert(command);
    }
    assert!(tried.len() >= 9, "{tried:?}");
}

#[test]
fn every_reason_of_the_document_is_in_the_table() {
    let document = include_str!("../../../../../docs/reference-json.md");
    let table = document.split("| reason_code |").nth(1).unwrap().split("\n\n").next().unwrap();
    let mut reasons: BTreeSet<&str> =
        table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    // A fault of the program, of which none is known.
    assert!(reasons.remove("deltas-not-made"));
    // That of `verify`.
    assert!(reasons.remove("not-listed"));
    let tested: BTreeSet<&str> = generate::REDUCED.iter().flat_map(|case| case.reasons).copied().collect();
    assert_eq!(tested, reasons);
}
