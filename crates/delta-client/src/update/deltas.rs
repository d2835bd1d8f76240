//! Delta files and journals for a complete copy, so that those who read it get deltas, too.
//!
//! They are not applied here. One that no source has costs a line: mirrors may
//! lack them, and readers can do without.

use std::collections::BTreeSet;

use durable::Dir;
use repomd::{Checksum, Location, Record};

use super::exact::exact_name;
use super::index::Index;
use super::plan::digest;
use super::{Context, UpdateError};
use crate::cache::{Held, Item, Origin, stored_name};
use crate::fetch::{FetchError, Order, fetch};
use crate::progress::{Meter, Step};

/// What progress calls them.
const LABEL: &str = "deltas";

/// A file that clients of the copy get deltas by.
#[derive(Clone, Copy)]
pub(super) struct ForOthers<'r> {
    pub(super) location: &'r Location,
    pub(super) size: u64,
    pub(super) checksum: &'r Checksum,
}

/// Every delta file and journal that a record names.
pub(super) fn of_record(record: &Record) -> impl Iterator<Item = ForOthers<'_>> {
    let journals = record.journal().into_iter().map(|journal| ForOthers {
        location: &journal.location,
        size: journal.size,
        checksum: &journal.checksum,
    });
    journals.chain(record.usable_deltas().map(|delta| ForOthers {
        location: &delta.location,
        size: delta.size,
        checksum: &delta.checksum,
    }))
}

/// Every delta file and journal that repomd.xml names, from the state before or fetched
/// into `work`; those of them that can be had.
pub(super) fn bring<'h>(
    context: &Context<'h>,
    index: &Index,
    work: &Dir,
) -> Result<Vec<Item<'h>>, UpdateError> {
    let records = &index.upstream.model.records;
    let mut seen = BTreeSet::new();
    let mut items = Vec::new();
    let mut meter = Meter::new(context.progress, LABEL);
    for (number, delta) in records.iter().flat_map(of_record).enumerate() {
        let is_of_record = |name: &str| {
            let names = records.iter().filter_map(|record| record.local_location().ok()?.in_repodata());
            names.into_iter().any(|other| other == name)
        };
        let name = match exact_name(delta.location) {
            Ok(name) if is_of_record(name) => Err(format!("`{name}` is the name of another file")),
            other => other,
        };
        let item = match name {
            Ok(name) if !seen.insert(name) => continue,
            Ok(name) => one(context, delta, name, (work, &format!("delta-{number}")), &mut meter)?,
            Err(why) => Err(why),
        };
        match item {
            Ok(item) => items.push(item),
            Err(why) => context.warn(&format!("leaving out delta `{}`: {why}", delta.location)),
        }
    }
    context.count_downloaded(meter.downloaded());
    Ok(items)
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
    if let Some(held) = context.held
        && has(held, name, delta.size, &checksum)
    {
        return Ok(Ok(Item { from: Origin::Held(&held.dir), name: new_name.clone(), new_name }));
    }
    let order = Order {
        location: delta.location,
        size: Some(delta.size),
        max_size: context.options.max_file_size,
        checksum: &checksum,
    };
    let begin = |meter: &Meter<'_>| meter.begin(Step::Delta, Some(delta.size));
    match fetch(&context.sources_first(), &order, context.patience(), place, meter, begin) {
        Ok(pending) => {
            let name = stored_name(delta.location, &checksum);
            pending.seal()?.publish_as(&name)?;
            Ok(Ok(Item { from: Origin::Brought, name, new_name }))
        }
        Err(FetchError::Store(error)) => Err(error.into()),
        Err(error) => Ok(Err(error.to_string())),
    }
}

/// Whether the delta file is held, and whole: they are small enough to be read.
pub(super) fn has(held: &Held, name: &str, size: u64, checksum: &codec::Digest) -> bool {
    let opened = match held.dir.len(name) {
        Ok(Some(found)) if found == size && held.state.deltas.contains(name) => held.dir.open_file(name),
        _ => return false,
    };
    let found = opened.ok().flatten().and_then(|file| checksum.algorithm().digest_of(file).ok());
    found.as_ref() == Some(checksum)
}
