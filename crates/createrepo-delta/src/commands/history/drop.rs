//! `createrepo-delta history drop`.

use std::collections::BTreeSet;

use delta_publish::Forget;
use history::History;

use super::{print_forgotten, select};
use crate::args::Drop;
use crate::exit::Status;

pub(super) fn run(args: &Drop) -> anyhow::Result<Status> {
    let what = match &args.data_type {
        None => Forget::Newest,
        Some(data_type) => {
            let history = History::read(&args.dir)?;
            let track = select::track(&history, &args.dir, data_type)?;
            let selected = args
                .generations
                .iter()
                .map(|selector| select::generation(&track, &args.dir, data_type, selector));
            let indices = selected.collect::<Result<BTreeSet<_>, _>>()?;
            let open_sha256 = indices.iter().map(|index| track.generations()[*index].open_sha256).collect();
            Forget::Generations { data_type: data_type.clone(), open_sha256 }
        }
    };
    let done = delta_publish::forget(&args.dir, &what, args.dry_run)?;
    print_forgotten(&done, args.dry_run, &args.report, &args.details)
}
