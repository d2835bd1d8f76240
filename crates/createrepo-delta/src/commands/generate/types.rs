//! Which metadata types the repositories of a run have, and which they are told to have. A
//! type named for all of them is no mistake as long as one has it. A repository that cannot
//! be read is told of when it is published, and not here.

use std::collections::BTreeSet;

use delta_publish::{Error, Options};
use durable::Dir;
use repomd::Repomd;
use repomd::files::{REPODATA, REPOMD};

use crate::config::{Problems, Target};
use crate::failure::Refusal;
use crate::hints;

/// The types of all of `targets`, where any of them names types.
pub(super) fn asked_for(targets: &[Target]) -> Vec<String> {
    if targets.iter().all(|target| target.settings.deltas.types.is_none()) {
        return Vec::new();
    }
    let types: BTreeSet<String> = targets.iter().filter_map(types_of).flatten().collect();
    types.into_iter().collect()
}

/// Refuses types that nobody knows, of all repositories before any is published.
///
/// # Errors
/// A [`Refusal`] that names all of them, and what may be meant.
pub(super) fn refuse_unknown(
    targets: &[Target],
    options: impl Fn(&Target) -> Options,
) -> Result<(), Refusal> {
    let mut problems = Problems::default();
    for target in targets.iter().filter(|target| target.settings.deltas.types.is_some()) {
        let Some(history) = &target.history else { continue };
        // What keeps a repository from being read is told when it is published.
        let refused = delta_publish::types::refused(&target.path, history, &options(target));
        for error in refused.unwrap_or_default() {
            let hint = match &error {
                Error::UnknownType { data_type, present, .. } => {
                    format!("; {}", hints::of_type(data_type, present))
                }
                _ => String::new(),
            };
            problems.add(format_args!("`{}`: {error}{hint}", target.name));
        }
    }
    problems.refuse()
}

fn types_of(target: &Target) -> Option<Vec<String>> {
    let dir = Dir::open(&target.path.join(REPODATA)).ok()?;
    let bytes = dir.read(REPOMD, repomd::MAX_SIZE as u64).ok()??;
    let model = Repomd::parse(&bytes).ok()?;
    Some(model.records.into_iter().map(|record| record.kind).collect())
}
