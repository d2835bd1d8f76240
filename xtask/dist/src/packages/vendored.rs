//! Whether the vendored crates of a source tree are as they were vendored: cargo refuses others.

use anyhow::{Context as _, Result, ensure};
use codec::Algorithm;
use serde_json::Value;
use std::fs::{self, File};
use std::path::Path;

/// Fails where a file is gone or was changed, as tools that clean source trees do.
pub(super) fn check(source: &Path) -> Result<()> {
    let mut checked = 0;
    for entry in fs::read_dir(source.join("vendor"))? {
        let directory = entry?.path();
        let sums: Value = serde_json::from_reader(File::open(directory.join(".cargo-checksum.json"))?)?;
        let files = sums["files"].as_object().context("expected checksums of files")?;
        for (name, sum) in files {
            let path = directory.join(name);
            let bytes = fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
            let found = Algorithm::Sha256.digest(&bytes).to_hex();
            ensure!(sum.as_str() == Some(&found), "`{}` was changed", path.display());
            checked += 1;
        }
    }
    ensure!(checked > 0, "`{}` has no vendored crates", source.display());
    println!("ok packages: {checked} files of vendored crates are as they were");
    Ok(())
}
