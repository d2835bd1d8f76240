//! `createrepo-delta history drop`.

use std::collections::BTreeSet;

use history::{Hex, History, Track};

use super::{Forgotten, ForgottenOfType, KEEP_ALL, select, warn_of_damage};
use crate::args::Drop;
use crate::exit::Status;
use crate::messages;

pub(super) fn run(args: &Drop) -> anyhow::Result<Status> {
    // Only looked at first: a history that is not there is not to be made.
    History::read(&args.dir)?;
    let history = History::open(&args.dir)?;
    let mut forgotten = Forgotten::default();
    if let Some(data_type) = &args.data_type {
        let track = select::track(&history, &args.dir, data_type)?;
        let selected =
            args.generations.iter().map(|selector| select::generation(&track, data_type, selector));
        let indices = selected.collect::<Result<BTreeSet<_>, _>>()?;
        forgotten.types.push(forget(track, data_type, &indices)?);
    } else {
        for data_type in history.types()? {
            let track = history.track(&data_type)?;
            let indices = newest(&track, &data_type);
            forgotten.types.push(forget(track, &data_type, &indices)?);
        }
    }
    forgotten.print(&args.report, &args.details)
}

/// The newest generation, unless the compose that is discarded did not make it.
fn newest(track: &Track, data_type: &str) -> BTreeSet<usize> {
    let Some(newest) = track.generations().first() else { return BTreeSet::new() };
    if newest.timestamps.len() > 1 {
        messages::note(format_args!(
            "the newest generation of `{data_type}` was published before, too, and is kept"
        ));
        return BTreeSet::new();
    }
    BTreeSet::from([0])
}

fn forget(mut track: Track, data_type: &str, indices: &BTreeSet<usize>) -> anyhow::Result<ForgottenOfType> {
    // From the oldest on, so that the places of the others stay what they are.
    let drop = |index: &usize| Hex(&track.drop_generation(*index).open_sha256).to_string();
    let mut dropped: Vec<String> = indices.iter().rev().map(drop).collect();
    dropped.reverse();
    track.commit(&KEEP_ALL)?;
    warn_of_damage(&track);
    Ok(ForgottenOfType { data_type: data_type.to_owned(), dropped, generations: track.generations().len() })
}
