//! From the files that were obtained to what a state consists of: which file
//! gets which name, which documents there are, and what is noted.

use super::context::Context;
use super::fetched::FetchedFile;
use super::new_state::NewState;
use super::{describe, exact};
use crate::cache::{Item, Origin, State, sha256, stored_name};
use crate::error::UpdateError;

/// A new state but for its directory.
pub(super) struct Assembled<'h> {
    pub(super) items: Vec<Item<'h>>,
    /// Our own repomd.xml, where readers get one.
    pub(super) repomd: Option<Vec<u8>>,
    pub(super) state: State,
}

/// Assembles the state of `new_state`, whose files were obtained, or are in the state before.
pub(super) fn assemble<'h, S>(
    context: &Context<'h>,
    new_state: &NewState<S>,
) -> Result<Assembled<'h>, UpdateError> {
    let upstream = &new_state.index.upstream;
    let mut items = Vec::new();
    let mut records = Vec::new();
    let source_name = context.source_name();
    for file in &new_state.files {
        let unusable = |why: String| UpdateError::record(&source_name, &file.upstream, why);
        let item = item(context, file, new_state.exact).map_err(unusable)?;
        if !new_state.exact {
            let record =
                describe::described(&file.upstream, file.before.as_ref(), &file.stored, &item.new_name);
            records.push(record.map_err(|error| unusable(error.to_string()))?);
        }
        items.push(item);
    }
    let deltas: Vec<Item<'h>> = match &context.deltas {
        Some(deltas) if new_state.exact => deltas.items().cloned().collect(),
        _ => Vec::new(),
    };
    let repomd = if new_state.exact {
        None
    } else {
        Some(describe::document(&upstream.model, records).map_err(UpdateError::Describe)?)
    };
    let odd = new_state.files.iter().filter(|file| file.stored.is_odd);
    let state = State {
        origin: new_state.index.origin.clone(),
        companions: new_state.index.companions,
        exact: new_state.exact,
        complete: new_state.exact && context.options.complete,
        repomd_sha256: sha256(repomd.as_deref().unwrap_or(&upstream.bytes)),
        upstream_sha256: sha256(&upstream.bytes),
        types: new_state.files.iter().map(|file| file.upstream.kind.clone()).collect(),
        odd: odd.map(|file| file.upstream.kind.clone()).collect(),
        deltas: deltas.iter().map(|item| item.new_name.clone()).collect(),
        ..State::default()
    };
    items.extend(deltas);
    if context.options.keep_before {
        items.extend(before(context));
    }
    Ok(Assembled { items, repomd, state })
}

fn item<'h>(context: &Context<'h>, file: &FetchedFile, exact: bool) -> Result<Item<'h>, String> {
    let from = match (&file.before, context.local) {
        (Some(_), Some(held)) => Origin::Local(&held.dir),
        _ => Origin::Work,
    };
    let name = file.stored.name.clone();
    let of_record = || file.upstream.local_location().map_err(|problem| problem.to_string());
    let new_name = match &file.before {
        _ if exact => of_record().and_then(|location| exact::exact_name(location).map(str::to_owned)),
        // Names of a re-described copy begin with the checksum of the file.
        Some(held) => {
            let location = held.local_location().map_err(|problem| problem.to_string());
            location.map(|location| stored_name(location, &file.stored.checksum))
        }
        None => Ok(name.clone()),
    };
    Ok(Item { from, name, new_name: new_name? })
}

/// What readers of the state before may still open, under its names. What is
/// damaged is of no use to them either.
fn before<'h>(context: &Context<'h>) -> Vec<Item<'h>> {
    let Some(held) = context.local else {
        return Vec::new();
    };
    let whole = held.files().filter(|file| held.missing(file).is_none());
    let names = whole.map(|file| file.name.to_owned()).chain(held.state.deltas.iter().cloned());
    names.map(|name| Item { from: Origin::Local(&held.dir), name: name.clone(), new_name: name }).collect()
}
