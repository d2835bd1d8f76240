//! Filling the directory of a state: files under their final names, then the
//! documents.
//!
//! The directory is not the one in place, and nothing in it is ever replaced.

use std::collections::BTreeSet;

use durable::Dir;
use repomd::files::{KEY, REPOMD, SIGNATURE};

use super::UPSTREAM;
use crate::error::CacheError;

/// Where a file of a new state is now.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin<'a> {
    /// Among those obtained: it is moved.
    Work,
    /// In the state before: it is linked.
    Local(&'a Dir),
}

/// A file of a new state.
#[derive(Clone, Debug)]
pub(crate) struct Item<'a> {
    pub(crate) from: Origin<'a>,
    /// Its name there.
    pub(crate) name: String,
    /// Its name in the new state. Two items of one name are the same file.
    pub(crate) new_name: String,
}

/// repomd.xml and what belongs to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RepomdFiles<'a> {
    pub(crate) repomd: &'a [u8],
    pub(crate) signature: Option<&'a [u8]>,
    pub(crate) key: Option<&'a [u8]>,
}

/// The documents of a new state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Documents<'a> {
    /// What readers see.
    pub(crate) repomd_files: RepomdFiles<'a>,
    /// The publisher's, where readers see our own.
    pub(crate) upstream: Option<RepomdFiles<'a>>,
}

/// Fills `dir`, which is empty, and syncs it; the names of the files.
///
/// `work` has the files that were obtained. An item that is nowhere is left out.
pub(crate) fn fill(
    dir: &Dir,
    work: &Dir,
    items: &[Item<'_>],
    documents: &Documents<'_>,
) -> Result<BTreeSet<String>, CacheError> {
    let mut files = BTreeSet::new();
    for item in items {
        if files.contains(&item.new_name) {
            continue;
        }
        let found = match item.from {
            Origin::Work => dir.move_from(work, &item.name, &item.new_name)?,
            Origin::Local(held) => dir.link_from(held, &item.name, &item.new_name)?,
        };
        if found {
            files.insert(item.new_name.clone());
        }
    }
    write(dir, &documents.repomd_files)?;
    if let Some(upstream) = &documents.upstream {
        write(&dir.create_child(UPSTREAM)?, upstream)?;
    }
    dir.sync()?;
    Ok(files)
}

fn write(dir: &Dir, repomd_files: &RepomdFiles<'_>) -> Result<(), CacheError> {
    dir.write(REPOMD, repomd_files.repomd)?;
    for (name, bytes) in [(SIGNATURE, repomd_files.signature), (KEY, repomd_files.key)] {
        if let Some(bytes) = bytes {
            dir.write(name, bytes)?;
        }
    }
    Ok(())
}
