//! Delta files and journals for a complete copy, so that those who read it get deltas, too.
//!
//! They are obtained first, and once: the copy's own files are made from them, too. They are
//! not applied here. One that no source has costs a line: mirrors may lack them, and readers
//! can do without.

use std::collections::{BTreeMap, BTreeSet};

use durable::Dir;

use super::context::Context;
use super::delta_files::{DeltaFiles, ForOthers, deltas_in, has};
use super::exact::exact_name;
use super::index::Index;
use crate::cache::{Item, Origin, stored_name};
use crate::digest::digest;
use crate::error::UpdateError;
use crate::fetch::{FetchError, Order, fetch};
use crate::progress::{Meter, Step};
use crate::report::SharedDownload;

/// What progress calls them.
const LABEL: &str = "deltas";

/// Every delta file and journal that repomd.xml names and that a copy can have, each with
/// its name in `repodata/`; `left_out` is told why one cannot be.
fn copyable<'i>(
    index: &'i Index,
    mut left_out: impl FnMut(ForOthers<'i>, &str),
) -> Vec<(&'i str, ForOthers<'i>)> {
    let records = &index.upstream.model.records;
    let is_of_record = |name: &str| {
        let mut names = records.iter().filter_map(|record| record.local_location().ok()?.in_repodata());
        names.any(|other| other == name)
    };
    let mut seen = BTreeSet::new();
    let mut copyable = Vec::new();
    for delta in deltas_in(&index.upstream.model) {
        match exact_name(delta.location) {
            Ok(name) if is_of_record(name) => {
                left_out(delta, &format!("`{name}` is the name of another file"));
            }
            Ok(name) if seen.insert(name) => copyable.push((name, delta)),
            Ok(_) => {}
            Err(why) => left_out(delta, &why),
        }
    }
    copyable
}

/// What [`obtain`] would download, in bytes.
pub(super) fn foresee(context: &Context<'_>, index: &Index) -> u64 {
    let is_held = |name: &str, delta: &ForOthers<'_>| {
        let checksum = digest(delta.checksum).ok();
        let held = context.local.zip(checksum);
        held.is_some_and(|(held, checksum)| has(held, name, delta.size, &checksum))
    };
    let missing = copyable(index, |_, _| ()).into_iter().filter(|(name, delta)| !is_held(name, delta));
    missing.map(|(_, delta)| delta.size).sum()
}

/// So many bytes, as a report tells them.
pub(super) fn shared(bytes: u64) -> Option<SharedDownload> {
    (bytes > 0).then(|| SharedDownload { file: LABEL.to_owned(), bytes_downloaded: bytes })
}

/// Every delta file and journal that repomd.xml names, from the state before or fetched
/// into `work`; those of them that can be had.
pub(super) fn obtain<'h>(
    context: &Context<'h>,
    index: &Index,
    work: &Dir,
) -> Result<DeltaFiles<'h>, UpdateError> {
    let left_out = |delta: ForOthers<'_>, why: &str| {
        context.warn(&format!("leaving out delta `{}`: {why}", delta.location));
    };
    let mut items = BTreeMap::new();
    let mut meter = Meter::new(context.progress, LABEL);
    for (number, (name, delta)) in copyable(index, left_out).into_iter().enumerate() {
        match one(context, delta, name, (work, &format!("delta-{number}")), &mut meter)? {
            Ok(item) => {
                items.insert(name.to_owned(), item);
            }
            Err(why) => left_out(delta, &why),
        }
    }
    context.count_shared(LABEL, meter.downloaded());
    Ok(DeltaFiles { items, work: work.clone() })
}

fn one<'h>(
    context: &Context<'h>,
    delta: ForOthers<'_>,
    name: &str,
    place: (&Dir, &str),
    meter: &mut Meter<'_>,
) -> Result<Result<Item<'h>, String>, UpdateError> {
    let checksum = match digest(delta.checksum) {
        Ok(checksum) => checksum,
        Err(why) => return Ok(Err(why)),
    };
    let new_name = name.to_owned();
    if let Some(held) = context.local
        && has(held, name, delta.size, &checksum)
    {
        return Ok(Ok(Item { from: Origin::Local(&held.dir), name: new_name.clone(), new_name }));
    }
    let stored = stored_name(delta.location, &checksum);
    if place.0.len(&stored)?.is_some() {
        // By an older repomd.xml, which was followed first.
        return Ok(Ok(Item { from: Origin::Work, name: stored, new_name }));
    }
    let order = Order {
        location: delta.location,
        size: Some(delta.size),
        max_size: context.options.max_file_size,
        checksum: &checksum,
        step: Step::Delta,
    };
    match fetch(&context.sources_first(), &order, context.patience(), place, meter) {
        Ok(pending) => {
            pending.seal()?.publish_as(&stored)?;
            Ok(Ok(Item { from: Origin::Work, name: stored, new_name }))
        }
        Err(FetchError::Store(error)) => Err(error.into()),
        Err(error) => Ok(Err(error.to_string())),
    }
}
