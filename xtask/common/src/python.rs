//! Environments of Python, and packages in them of which every byte is known.

use crate::{paths, process};
use anyhow::Result;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Makes an empty environment.
pub fn make_environment(venv: &Path) -> Result<()> {
    process::run(Command::new(paths::SYSTEM_PYTHON).args(["-m", "venv", "--clear"]).arg(venv)).map(drop)
}

/// Installs what `requirements` lists, built and with checksums, from the Python package index.
pub fn install(venv: &Path, requirements: &str) -> Result<()> {
    let list = venv.join("requirements.txt");
    fs::write(&list, requirements)?;
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"])
        .args(["--only-binary", ":all:", "--require-hashes", "--requirement"])
        .arg(&list);
    process::run_long(&mut pip).map(drop)
}
