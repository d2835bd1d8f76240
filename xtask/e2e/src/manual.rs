//! Man pages: `mandoc` finds nothing to mend in them, and `man` shows them in terminals of
//! 80 and of 60 columns.

use crate::bench::Bench;
use anyhow::{Context as _, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::{paths, process};

const WIDTHS: [usize; 2] = [80, 60];

/// Every page that the program writes.
pub(crate) fn run(bench: &Bench<'_>) -> Result<()> {
    let directory = bench.work.join("pages");
    paths::make_empty(&directory)?;
    process::run(bench.program().arg("man").arg(&directory))?;
    let entries = fs::read_dir(&directory)?;
    let mut pages = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    pages.sort();
    ensure!(pages.len() > 19, "{} pages", pages.len());
    for page in &pages {
        lint(page)?;
        for width in WIDTHS {
            let text = shown(page, width)?;
            fits(&text, width).with_context(|| format!("`{}` at {width} columns", page.display()))?;
        }
    }
    bench.ok(format!("mandoc finds nothing to mend in {} pages", pages.len()));
    bench.ok("man shows them at 80 and at 60 columns");

    let broken = bench.work.join("broken.1");
    fs::write(&broken, ".TH broken 1\n.SH NAME\nbroken\n.PP\n.SH EMPTY\n")?;
    ensure!(lint(&broken).is_err(), "mandoc finds nothing to mend in a broken page");
    Ok(())
}

fn lint(page: &Path) -> Result<()> {
    let output = process::attempt(Command::new("mandoc").args(["-T", "lint"]).arg(page))?;
    let said = [output.stdout, output.stderr].concat();
    ensure!(output.status.success() && said.is_empty(), "{}", String::from_utf8_lossy(&said));
    Ok(())
}

/// A page as a terminal of that width shows it; man warns of what it cannot set.
fn shown(page: &Path, width: usize) -> Result<String> {
    let mut man = Command::new("man");
    man.args(["--warnings", "--local-file"]).arg(page).env("MANWIDTH", width.to_string());
    let output = process::run(man.env("LC_ALL", "C.UTF-8").env_remove("MANOPT").env_remove("GROFF_NO_SGR"))?;
    let warnings = String::from_utf8_lossy(&output.stderr);
    ensure!(warnings.is_empty(), "{warnings}");
    Ok(String::from_utf8(output.stdout)?)
}

/// No line is longer than the terminal, and the parts of the header and of the footer do not touch.
fn fits(text: &str, width: usize) -> Result<()> {
    for line in text.lines() {
        ensure!(line.chars().count() <= width, "it has the line `{line}`");
    }
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let [header, .., footer] = lines[..] else { bail!("it has hardly a line") };
    let parts = |line: &str| -> Vec<String> {
        line.split("  ").filter(|part| !part.is_empty()).map(|part| part.trim().to_owned()).collect()
    };
    let title = header.split("  ").next().unwrap_or_default();
    ensure!(parts(header) == [title, title], "its header is `{header}`");
    let footer_parts = parts(footer);
    let is_footer =
        (2..=3).contains(&footer_parts.len()) && footer_parts.last().is_some_and(|part| part == title);
    ensure!(is_footer, "its footer is `{footer}`");
    Ok(())
}
