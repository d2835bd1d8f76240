//! `createrepo-delta history prune`.

use std::num::NonZeroUsize;

use history::{Hex, History, Retention};

use super::{Forgotten, ForgottenOfType, KEEP_ALL, warn_of_damage};
use crate::args::Prune;
use crate::exit::Status;

pub(super) fn run(args: &Prune) -> anyhow::Result<Status> {
    let retention = Retention {
        generations: args.keep.map_or(KEEP_ALL.generations, NonZeroUsize::get),
        max_age: args.keep_age.map(|age| age.0),
    };
    // Only looked at first: a history that is not there is not to be made.
    History::read(&args.dir)?;
    let history = History::open(&args.dir)?;
    let mut forgotten = Forgotten::default();
    for data_type in history.types()? {
        let mut track = history.track(&data_type)?;
        let before: Vec<[u8; 32]> = track.generations().iter().map(|g| g.open_sha256).collect();
        track.commit(&retention)?;
        warn_of_damage(&track);
        let gone = before.iter().filter(|sha256| track.find(sha256).is_none());
        forgotten.types.push(ForgottenOfType {
            dropped: gone.map(|sha256| Hex(sha256).to_string()).collect(),
            generations: track.generations().len(),
            data_type,
        });
    }
    forgotten.print(&args.report, &args.details)
}
