//! `createrepo-delta history prune`.

use std::num::NonZeroUsize;

use delta_publish::Forget;
use history::Retention;

use super::{KEEP_ALL, print_forgotten};
use crate::args::Prune;
use crate::exit::Status;

pub(super) fn run(args: &Prune) -> anyhow::Result<Status> {
    let retention = Retention {
        generations: args.keep.map_or(KEEP_ALL.generations, NonZeroUsize::get),
        max_age: args.keep_age.map(|age| age.0),
    };
    let done = delta_publish::forget(&args.dir, &Forget::Beyond(retention), args.dry_run)?;
    print_forgotten(&done, args.dry_run, &args.report, &args.details)
}
