//! Which metadata types the repositories of a run have. A type named for all of them is
//! no mistake as long as one has it. Nothing is checked here: a repository that cannot be
//! read is told of when it is published.

use std::collections::BTreeSet;

use durable::Dir;
use repomd::Repomd;

use crate::config::Target;

/// The types of all of `targets`, where any of them names types.
pub(super) fn types(targets: &[Target]) -> Vec<String> {
    if targets.iter().all(|target| target.settings.deltas.types.is_none()) {
        return Vec::new();
    }
    let types: BTreeSet<String> = targets.iter().filter_map(types_of).flatten().collect();
    types.into_iter().collect()
}

fn types_of(target: &Target) -> Option<Vec<String>> {
    let dir = Dir::open(&target.path.join("repodata")).ok()?;
    let bytes = dir.read("repomd.xml", repomd::MAX_SIZE as u64).ok()??;
    let model = Repomd::parse(&bytes).ok()?;
    Some(model.records.into_iter().map(|record| record.kind).collect())
}
