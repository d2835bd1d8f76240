//! What is told of an update.

use super::assemble::Assembled;
use super::context::Context;
use super::index::Index;
use super::new_state::{NewState, Planned};
use crate::report::{TypeUpdated, Updated};
use std::collections::BTreeSet;

/// Of a state that is in place already.
pub(super) fn current(context: &Context<'_>, index: &Index, planned: Planned) -> Updated {
    let mut updated = summary(context, index, planned.types);
    updated.exact = planned.exact;
    updated.deltas = context.local.map_or(0, |held| held.state.deltas.len() as u64);
    updated
}

/// Of a dry run.
pub(super) fn dry_run(context: &Context<'_>, index: &Index, is_current: bool, planned: Planned) -> Updated {
    let mut updated = current(context, index, planned);
    updated.changed = !is_current;
    updated.dry_run = true;
    updated
}

/// Of a new state.
pub(super) fn new_state<S>(
    context: &Context<'_>,
    new_state: &NewState<S>,
    assembled: &Assembled<'_>,
) -> Updated {
    let named = new_state.files.iter().zip(&assembled.items).map(|(file, item)| {
        let mut report = file.report.clone();
        report.file = Some(item.new_name.clone());
        report
    });
    let mut updated = summary(context, &new_state.index, named.collect());
    updated.changed = true;
    updated.exact = new_state.exact;
    updated.deltas = assembled.state.deltas.len() as u64;
    updated
}

fn summary(context: &Context<'_>, index: &Index, types: Vec<TypeUpdated>) -> Updated {
    let held = context.local.iter().flat_map(|held| &held.described.records);
    let dropped = held.map(|record| record.kind.clone());
    let is_held = |kind: &str| types.iter().any(|of_type| of_type.data_type == kind);
    let mut seen = BTreeSet::new();
    let published = index.upstream.model.records.iter().filter(|record| seen.insert(&*record.kind));
    let published = published.map(|record| record.kind.clone());
    let shared = context.shared();
    let downloaded: u64 = types.iter().map(|of_type| of_type.bytes_downloaded).sum();
    Updated {
        changed: false,
        dry_run: false,
        source: index.origin.source.clone(),
        revision: index.upstream.model.revision.clone(),
        repomd: index.found,
        signed_by: index.signed_by.clone(),
        exact: false,
        absent: published.filter(|kind| !is_held(kind)).collect(),
        deltas: 0,
        dropped: dropped.filter(|kind| !is_held(kind)).collect(),
        bytes_downloaded: downloaded + shared.iter().map(|one| one.bytes_downloaded).sum::<u64>(),
        shared,
        bytes_full: types.iter().filter_map(|of_type| of_type.bytes_full).sum(),
        types,
        milliseconds: 0,
        warnings: Vec::new(),
    }
}
