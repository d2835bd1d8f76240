//! Signing after `generate`, and again without a compose.

use super::series::Series;
use crate::bench::Bench;
use crate::gpg::{Key, signature};
use crate::recipes;
use anyhow::{Context as _, Result, ensure};
use std::fs;

/// The recipe `sign-again`, after composes that are signed by the command that it shows.
pub(super) fn run(bench: &Bench<'_>) -> Result<()> {
    let key = Key::new(bench.work)?;
    let mut series = Series::new(bench, "sign", true)?;
    series.shell = series.shell.with_key(&key);
    let again = recipes::text("sign-again")?;
    let sign = again.lines().find(|line| line.starts_with("gpg ")).context("the recipe does not sign")?;
    series.play(&[&format!("{}{sign}\n", recipes::text("anew")?)])?;
    let repository = series.repository();
    let repomd = repository.repomd();
    key.verify(&repomd)?;
    series.check()?;
    series.ok("signed after generate");

    let before = repository.repomd_bytes()?;
    fs::remove_file(signature(&repomd))?;
    series.shell.run(&again, None)?;
    ensure!(repository.repomd_bytes()? == before, "repomd.xml changed though nothing is new");
    key.verify(&repomd)?;
    series.ok("signed again: repomd.xml is unchanged and the signature stays");
    Ok(())
}
