//! Filling the directory of a state: files under their final names, then the
//! documents.
//!
//! The directory is not the one in place, and nothing in it is ever replaced.

use std::collections::BTreeSet;

use durable::Dir;
use repomd::files::{KEY, REPOMD, SIGNATURE};

use super::{UPSTREAM, Upstream};
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

/// Fills `dir`, which is empty, and syncs it; the names of the files.
///
/// `work` has the files that were obtained. An item that is nowhere is left out. Readers see
/// the publisher's documents, `upstream`, or `own` where there is one.
pub(crate) fn fill(
    dir: &Dir,
    work: &Dir,
    items: &[Item<'_>],
    upstream: &Upstream,
    own: Option<&[u8]>,
) -> Result<BTreeSet<String>, CacheError> {
    let mut files = BTreeSet::new();
    for item in items {
        if files.contains(&item.new_name) {
            continue;
        }
        let found = match item.from {
            Origin::Work => dir.move_from(work, &item.name, &item.new_name)?,
            Origin::Local(local) => dir.link_from(local, &item.name, &item.new_name)?,
        };
        if found {
            files.insert(item.new_name.clone());
        }
    }
    if let Some(own) = own {
        dir.write(REPOMD, own)?;
        write(&dir.create_child(UPSTREAM)?, upstream)?;
    } else {
        write(dir, upstream)?;
    }
    dir.sync()?;
    Ok(files)
}

fn write(dir: &Dir, upstream: &Upstream) -> Result<(), CacheError> {
    dir.write(REPOMD, &upstream.bytes)?;
    for (name, bytes) in [(SIGNATURE, &upstream.signature), (KEY, &upstream.key)] {
        if let Some(bytes) = bytes {
            dir.write(name, bytes)?;
        }
    }
    Ok(())
}
