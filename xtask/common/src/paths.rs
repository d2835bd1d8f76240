//! Where things are: the checkout, and the places below `target/` that belong
//! to these tasks.

use anyhow::{Context as _, Result, ensure};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// Debian's own interpreter: the distribution's modules are installed for it
/// and for no other that may come first on the search path.
pub const SYSTEM_PYTHON: &str = "/usr/bin/python3";

/// The root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("/")).to_path_buf()
}

/// Where cargo builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The directory for everything that these tasks make and nobody commits.
pub fn scratch() -> PathBuf {
    root().join("target/xtask")
}

/// The Python environment with the current `createrepo_c`.
pub fn venv() -> PathBuf {
    scratch().join("venv")
}

/// The directory that holds this program and its siblings of the same profile.
pub fn profile_dir() -> Result<PathBuf> {
    let program = env::current_exe().context("cannot find this program")?;
    let parent = program.parent().context("this program has no directory")?;
    Ok(parent.to_path_buf())
}

/// The program under test, built in the profile of these tasks.
pub fn program() -> Result<PathBuf> {
    let program = profile_dir()?.join("createrepo-delta");
    ensure!(program.is_file(), "`{}` is not built\n\nhint: run this by `cargo xtask`", program.display());
    Ok(program)
}

/// Makes `dir` an empty directory, whatever it was before.
pub fn make_empty(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("cannot remove `{}`", dir.display()))?;
    }
    fs::create_dir_all(dir).with_context(|| format!("cannot create `{}`", dir.display()))
}

/// All files below `directory`, in the order of their names.
pub fn files(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(directory).sort_by_file_name() {
        let entry = entry.with_context(|| format!("cannot list `{}`", directory.display()))?;
        if !entry.file_type().is_dir() {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// Copies the files of `from` (no subdirectories) into the new directory `to`.
pub fn copy_flat(from: &Path, to: &Path) -> Result<()> {
    make_empty(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot list `{}`", from.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))
                .with_context(|| format!("cannot copy `{}`", entry.path().display()))?;
        }
    }
    Ok(())
}
