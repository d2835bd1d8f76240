//! Metadata as a publisher with zstd has them. What `createrepo_c` of the Python
//! package index writes cannot be rebuilt, and the distribution's `zstd` is too
//! old, so the compressor is that of the workspace: here it is about what dnf and
//! zypper do with the files. That published files are rebuilt is shown elsewhere
//! (`cargo xtask recipes`).

use crate::e2e::records;
use crate::e2e::repository::open;
use crate::process;
use anyhow::{Context as _, Result};
use codec::recipe::Recipe;
use std::fs;
use std::path::Path;
use std::process::Command;

/// As `createrepo_c` has it with libzstd 1.5.5 and 1.5.6.
const RECIPE: &str = "zstd-10-unsplit";

/// Compresses every file of the repository at `root` anew, and says so in its
/// repomd.xml.
pub(crate) fn recompress(root: &Path) -> Result<()> {
    let recipe = Recipe::all().find(|recipe| recipe.name() == RECIPE).context("there is no such recipe")?;
    let repomd = root.join("repodata/repomd.xml");
    let mut text = fs::read_to_string(&repomd)?;
    for record in records::read(root)? {
        let old = root.join(&record.href);
        let plain = root.join("repodata/plain");
        open(&old, &plain)?;
        let mut rebuilder = recipe.rebuilder(Vec::new(), None)?;
        std::io::Write::write_all(&mut rebuilder, &fs::read(&plain)?)?;
        let packed = rebuilder.finish()?;
        let old_size = fs::metadata(&old)?.len();
        fs::remove_file(&plain)?;
        fs::remove_file(&old)?;
        let new = root.join("repodata/packed");
        fs::write(&new, &packed)?;
        let sum = process::run(Command::new("sha256sum").arg(&new))?.stdout;
        let sum = String::from_utf8_lossy(&sum).chars().take(64).collect::<String>();
        // The name of a file begins with its checksum.
        let old_sum: String =
            old.file_name().and_then(|name| name.to_str()).unwrap_or_default().chars().take(64).collect();
        let name = record.href.replace(&old_sum, &sum).replace(".gz", ".zst");
        fs::rename(&new, root.join(&name))?;
        text = text.replace(&record.href, &name).replace(&old_sum, &sum);
        let (before, after) = text.split_once(&name).context("a location is gone")?;
        let after = after.replacen(&format!("<size>{old_size}<"), &format!("<size>{}<", packed.len()), 1);
        text = format!("{before}{name}{after}");
    }
    fs::write(&repomd, text)?;
    Ok(())
}
