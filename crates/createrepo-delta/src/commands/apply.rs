//! `createrepo-delta apply`.

use delta_client::patch::Target;
use serde::Serialize;

use crate::args::Apply;
use crate::exit::Status;
use crate::output::Beside;
use crate::table::facts;
use crate::{messages, number};

/// What `--json` prints.
#[derive(Serialize)]
struct Applied {
    open_checksum: String,
    open_size: u64,
    literal_bytes: u64,
    verified: bool,
}

pub(super) fn run(args: &Apply) -> anyhow::Result<Status> {
    let mut wanted = Target::default();
    wanted.open_checksum = args.open_checksum;
    wanted.open_size = args.open_size;
    wanted.max_size = args.max_size.map(|size| size.0);
    wanted.old_sha256 = args.old_checksum;
    let done = delta_client::patch::apply_files(&args.data_type, &args.old, &args.delta, &args.new, &wanted)?;
    let applied = Applied {
        open_checksum: done.open_checksum.to_string(),
        open_size: done.output_bytes,
        literal_bytes: done.literal_bytes,
        verified: args.open_checksum.is_some(),
    };
    let printed = Beside::file(&args.new).result(&args.report, &applied, || {
        facts(&[
            ("open checksum", applied.open_checksum.clone()),
            ("open size", number::bytes(applied.open_size)),
            ("from the delta", number::bytes(applied.literal_bytes)),
        ])
    });
    if !applied.verified {
        messages::warning(format_args!(
            "`{}` was not verified, because `--open-checksum` was not given",
            args.new.display()
        ));
        messages::hint("compare its checksum with `<open-checksum>` in repomd.xml before it is used");
    }
    printed.map(|()| Status::Success)
}
