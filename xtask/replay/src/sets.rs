//! Sets of histories: a directory each.

use crate::generation::{self, Generation};
use crate::lone;
use anyhow::Result;
use std::path::{Path, PathBuf};

/// The directories below `directory` whose name contains `only`, in the order of names,
/// which come first.
pub fn sets(directory: &Path, only: Option<&str>) -> Result<Vec<(String, PathBuf)>> {
    let named = |path: PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (name, path)
    };
    let sets = generation::in_order(directory)?.into_iter().filter(|path| path.is_dir()).map(named);
    Ok(sets.filter(|(name, _)| only.is_none_or(|only| name.contains(only))).collect())
}

/// The generations of a set, the oldest first. Where they are single files, repositories
/// are made of them in `work`, which is emptied.
pub fn generations(set: &Path, work: &Path) -> Result<Vec<Generation>> {
    let described = generation::described(set)?;
    if described.is_empty() { lone::generations(set, work) } else { Ok(described) }
}
