//! The generations of a repository, as directories `gen-*`.

use anyhow::{Context as _, Result};
use repomd::Repomd;
use std::fs;
use std::path::{Path, PathBuf};

/// One generation of a repository, as it was published once.
pub struct Generation {
    /// The directory's name.
    pub name: String,
    /// Its repodata/.
    pub repodata: PathBuf,
    /// Its repomd.xml.
    pub model: Repomd,
}

/// The generations below `directory` that have a repomd.xml, in the order of their names.
pub(crate) fn described(directory: &Path) -> Result<Vec<Generation>> {
    let mut found = Vec::new();
    for path in in_order(directory)? {
        let repodata = path.join("repodata");
        let Ok(bytes) = fs::read(repodata.join("repomd.xml")) else { continue };
        let model = Repomd::parse(&bytes).with_context(|| format!("`{}`", repodata.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        found.push(Generation { name, repodata, model });
    }
    Ok(found)
}

/// What is directly below `directory`, in the order of names.
pub(crate) fn in_order(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(directory).with_context(|| format!("cannot list `{}`", directory.display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    Ok(paths)
}
