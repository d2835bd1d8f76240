//! What other programs print over the elements that they do not know, and that
//! `docs/reference-repomd.md` shows these very lines.

use super::{Reader, Site};
use crate::bench::{Bench, snapshot};
use crate::repository::Repository;
use anyhow::{Context as _, Result, ensure};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use xtask_common::{paths, process};

/// The document, and what stands before its table of lines.
const DOCUMENT: &str = "docs/reference-repomd.md";
const MARK: &str = "<!-- warnings of other programs -->\n";

/// The elements of ours; of the instruction nobody warns.
const OURS: [&str; 2] = ["\"delta-base\"", "\"delta\""];

/// Programs that warn on standard error, and their arguments after the repository's.
const PROGRAMS: [&str; 4] = ["createrepo_c --update", "modifyrepo_c", "mergerepo_c", "sqliterepo_c"];
/// The one that warns in a file, and the file.
const DNF: (&str, &str) = ("dnf", "dnf.librepo.log");

/// Asks each program about `repository`, which lists the journal and deltas.
pub(crate) fn check(bench: &Bench<'_>, repository: &Repository<'_>) -> Result<()> {
    let documented = documented()?;
    let names: BTreeSet<&str> = documented.iter().map(|row| row.program.as_str()).collect();
    let tried: BTreeSet<&str> = PROGRAMS.into_iter().chain([DNF.0]).collect();
    ensure!(names == tried, "`{DOCUMENT}` has lines of {names:?}, and these are tried: {tried:?}");
    for programs in [PathBuf::from("/usr/bin"), paths::venv().join("bin")] {
        for name in PROGRAMS {
            let output = run(bench, repository, &programs, name)?;
            ensure_documented(&documented, name, &String::from_utf8(output.stderr)?, &place(bench))?;
        }
        quiet(bench, repository, &programs)?;
    }
    let work = bench.work.join("warnings-dnf");
    Reader::Dnf.ask(bench, &Site::local(&repository.root), &work)?;
    let files = snapshot(&work)?;
    let zypper = Reader::Zypper.ask(bench, &Site::local(&repository.root), &work)?;
    ensure!(!zypper.text().contains("delta"), "zypper prints:\n{}", zypper.text());
    let log = files.into_iter().find(|(path, _)| path.ends_with(DNF.1)).context("dnf wrote no log")?;
    // Each line begins with the time.
    let log = String::from_utf8(log.1)?;
    let lines: Vec<&str> = log.lines().filter_map(|line| Some(line.split_once(' ')?.1)).collect();
    ensure_documented(&documented, DNF.0, &lines.join("\n"), &work)?;
    bench.ok("other programs print the warnings that the document shows, and no others");
    Ok(())
}

/// A line of the table.
struct Row {
    program: String,
    line: String,
}

fn documented() -> Result<Vec<Row>> {
    let text = fs::read_to_string(paths::root().join(DOCUMENT))?;
    let table = text.split(MARK).nth(1).context("the document has no warnings of other programs")?;
    let rows = table.lines().take_while(|line| line.starts_with('|')).skip(2);
    let cell = |text: &str| text.trim().trim_matches('`').to_owned();
    rows.map(|row| match row.split('|').collect::<Vec<_>>()[..] {
        [_, program, _, line, _] => Ok(Row { program: cell(program), line: cell(line) }),
        _ => anyhow::bail!("a row of the warnings has not three cells: {row}"),
    })
    .collect()
}

/// Fails unless `printed` names every element of ours, always in the line that is
/// documented for the program.
fn ensure_documented(documented: &[Row], program: &str, printed: &str, copy: &Path) -> Result<()> {
    // sqliterepo_c names the file with its path.
    let lines = printed.lines().filter(|line| line.contains("delta"));
    let lines: BTreeSet<String> =
        lines.map(|line| line.replace(&format!("({}/", copy.display()), "(")).collect();
    let rows = documented.iter().filter(|row| row.program == program);
    let expected: BTreeSet<String> = rows
        .flat_map(|row| {
            OURS.map(|ours| OURS.iter().fold(row.line.clone(), |line, any| line.replace(any, ours)))
        })
        .collect();
    ensure!(lines == expected, "{program} prints {lines:#?}, and these are documented: {expected:#?}");
    Ok(())
}

/// Runs a program on a copy of the repository, as far as it needs one.
fn run(bench: &Bench<'_>, repository: &Repository<'_>, programs: &Path, name: &str) -> Result<Output> {
    let copy = copy(bench, repository)?;
    let mut words = name.split(' ');
    let program = words.next().unwrap_or_default();
    let mut command = Command::new(programs.join(program));
    command.args(words);
    match program {
        "modifyrepo_c" => {
            let added = bench.work.join("added.xml");
            fs::write(&added, "<updates/>\n")?;
            command.args(["--mdtype", "updateinfo"]).arg(added).arg(copy.join("repodata"));
        }
        "mergerepo_c" => {
            let output = bench.work.join("merged");
            paths::make_empty(&output)?;
            command.arg("--repo").arg(&copy).arg("--repo").arg(&copy).arg("--outputdir").arg(output);
        }
        _ => {
            command.arg(copy);
        }
    }
    process::run(&mut command)
}

/// `createrepo_c --quiet`, as composes run from cron call it, says nothing.
fn quiet(bench: &Bench<'_>, repository: &Repository<'_>, programs: &Path) -> Result<()> {
    let output = run(bench, repository, programs, "createrepo_c --quiet --update")?;
    let printed = [output.stdout, output.stderr].concat();
    ensure!(printed.is_empty(), "createrepo_c --quiet prints:\n{}", String::from_utf8_lossy(&printed));
    Ok(())
}

/// Where copies of the repository are.
fn place(bench: &Bench<'_>) -> PathBuf {
    bench.work.join("copy")
}

fn copy(bench: &Bench<'_>, repository: &Repository<'_>) -> Result<PathBuf> {
    let copy = place(bench);
    paths::make_empty(&copy)?;
    process::run(Command::new("cp").arg("-a").arg(repository.root.join(".")).arg(&copy))?;
    Ok(copy)
}
