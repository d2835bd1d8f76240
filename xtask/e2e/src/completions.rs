//! Completions, in the shells that people have: what each offers at every level of a
//! command line.

use crate::bench::Bench;
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;
use xtask_common::{paths, process};

/// A command line as far as it is written, what must be offered for the rest of its last
/// word, and what must not.
const LINES: &[(&str, &[&str], &str)] = &[
    ("createrepo-delta gen", &["generate"], "verify"),
    ("createrepo-delta generate --his", &["--history"], "--json"),
    ("createrepo-delta generate --sign-later --sign-t", &["--sign-timeout"], "--history"),
    ("createrepo-delta history ", &["list", "show", "import", "drop", "prune", "verify"], "generate"),
    ("createrepo-delta history drop --", &["--newest", "--json", "--quiet", "--verbose"], "--history"),
    ("createrepo-delta history show --out", &["--output"], "--newest"),
    ("createrepo-delta update --compress ", &["zst", "gz", "none"], "--open"),
    ("createrepo-delta refresh --lock", &["--lock-timeout"], "--help"),
    ("createrepo-delta completions ", &["bash", "fish", "zsh"], "generate"),
    ("createrepo-delta help hist", &["history"], "generate"),
    ("createrepo-delta help history dr", &["drop"], "show"),
];

/// bash with bash-completion, zsh and fish.
pub(crate) fn run(bench: &Bench<'_>) -> Result<()> {
    // The scripts name the program, which fish looks for.
    let programs = bench.work.join("bin");
    paths::make_empty(&programs)?;
    std::os::unix::fs::symlink(bench.binary(), programs.join("createrepo-delta"))?;
    for (shell, arguments, name) in [
        ("bash", &["--norc"][..], "createrepo-delta"),
        ("zsh", &["-f"], "_createrepo-delta"),
        ("fish", &["--no-config"], "createrepo-delta.fish"),
    ] {
        let directory = bench.work.join(shell);
        paths::make_empty(&directory)?;
        let script = directory.join(name);
        fs::write(&script, process::run(bench.program().args(["completions", shell]))?.stdout)?;
        let mut command = Command::new(shell);
        command.args(arguments).arg(paths::root().join(format!("xtask/e2e/shells/complete.{shell}")));
        let offered = offered(command, &script, &programs).with_context(|| format!("in {shell}"))?;
        for ((line, wanted, unwanted), offered) in LINES.iter().zip(&offered) {
            let words: Vec<&str> = offered.split_whitespace().collect();
            let missing: Vec<_> = wanted.iter().filter(|word| !words.contains(word)).collect();
            ensure!(missing.is_empty(), "{shell} does not offer {missing:?} after `{line}`, but `{offered}`");
            ensure!(!words.contains(unwanted), "{shell} offers `{unwanted}` after `{line}`");
        }
        bench.ok(format!("{shell} completes commands, options and values at every level"));
    }
    Ok(())
}

/// What is offered for each of the lines.
fn offered(mut command: Command, script: &Path, programs: &Path) -> Result<Vec<String>> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path =
        std::env::join_paths([programs.to_path_buf()].into_iter().chain(std::env::split_paths(&path)))?;
    command.arg(script).args(LINES.iter().map(|(line, ..)| line)).env("PATH", path);
    let output = process::run(&mut command)?;
    let lines: Vec<String> = String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect();
    ensure!(lines.len() == LINES.len(), "{} lines for {}: {lines:?}", lines.len(), LINES.len());
    Ok(lines)
}
