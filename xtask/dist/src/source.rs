//! The source archive: the commit, all dependencies, and what packagers need of both.
//!
//! Crates that no Linux uses are there by name alone, as `Cargo.lock` names them: cargo asks
//! for their manifests, and most of the bytes are theirs.

use crate::commit::Commit;
use crate::linked;
use crate::{archive, licences, templates};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use xtask_common::tools::cargo;
use xtask_common::{paths, process};

/// Where crates are used.
const LINUX: [&str; 6] = [
    "aarch64-unknown-linux-gnu",
    "i686-unknown-linux-gnu",
    "powerpc64le-unknown-linux-gnu",
    "riscv64gc-unknown-linux-gnu",
    "s390x-unknown-linux-gnu",
    "x86_64-unknown-linux-gnu",
];

/// Appended to `.cargo/config.toml`.
const CONFIG: &str = "
[source.crates-io]
replace-with = \"vendored-sources\"

[source.vendored-sources]
directory = \"vendor\"
";

/// Makes it in `output`, by way of a directory below `work`.
pub(crate) fn make(commit: &Commit, work: &Path, output: &Path) -> Result<PathBuf> {
    let tree = work.join(commit.name());
    paths::make_empty(&tree)?;
    commit.export(&tree)?;
    vendor(&tree)?;
    let crates = linked::crates(&tree)?;
    let libraries = linked::libraries(&crates)?;
    fs::write(tree.join(licences::FILE), licences::document(&crates, &libraries)?)?;
    templates::fill(&tree, commit, &crates, &libraries)?;
    let archive = output.join(format!("{}.tar.gz", commit.name()));
    archive::pack(work, &commit.name(), commit.time, &archive)?;
    Ok(archive)
}

fn vendor(tree: &Path) -> Result<()> {
    let mut vendor = cargo();
    vendor.current_dir(tree).args(["vendor", "--quiet", "--locked", "--versioned-dirs", "vendor"]);
    process::run_long(&mut vendor)?;
    let config = tree.join(".cargo/config.toml");
    OpenOptions::new().append(true).open(config)?.write_all(CONFIG.as_bytes())?;
    let used = used(tree)?;
    for entry in fs::read_dir(tree.join("vendor"))? {
        let directory = entry?.path();
        if !used.contains(&directory.canonicalize()?) {
            empty(&directory).with_context(|| format!("cannot empty `{}`", directory.display()))?;
        }
    }
    Ok(())
}

/// The directories of the crates that some Linux uses.
fn used(tree: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut metadata = cargo();
    metadata.current_dir(tree).args(["metadata", "--locked", "--offline", "--format-version", "1"]);
    for target in LINUX {
        metadata.args(["--filter-platform", target]);
    }
    let metadata: Value = serde_json::from_slice(&process::run(&mut metadata)?.stdout)?;
    let packages = metadata["packages"].as_array().context("cargo lists no packages")?;
    let manifests = packages.iter().filter_map(|package| package["manifest_path"].as_str());
    let directories = manifests.filter_map(|manifest| Path::new(manifest).parent());
    directories.map(|directory| Ok(directory.canonicalize()?)).collect()
}

/// Leaves of a crate its manifest.
fn empty(directory: &Path) -> Result<()> {
    let sums_file = directory.join(".cargo-checksum.json");
    let sums: Value = serde_json::from_reader(File::open(&sums_file)?)?;
    let manifest = fs::read(directory.join("Cargo.toml"))?;
    paths::make_empty(directory)?;
    fs::create_dir(directory.join("src"))?;
    fs::write(directory.join("src/lib.rs"), "")?;
    fs::write(directory.join("Cargo.toml"), manifest)?;
    let sums = json!({ "files": {}, "package": sums["package"] });
    Ok(fs::write(sums_file, sums.to_string())?)
}
