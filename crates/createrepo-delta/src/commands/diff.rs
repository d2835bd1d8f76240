//! `createrepo-delta diff`.

use crate::args::Diff;
use crate::exit::Status;
use crate::failure::Refusal;
use crate::number;
use crate::output::Beside;
use crate::table::facts;

pub(super) fn run(args: &Diff) -> anyhow::Result<Status> {
    let [olds @ .., new, delta] = args.files.as_slice() else {
        return Err(too_few().into());
    };
    if olds.is_empty() {
        return Err(too_few().into());
    }
    let is_stream = delta.as_os_str() == "-";
    if !is_stream && olds.iter().chain([new]).any(|input| input == delta) {
        let message = format!("`{}` is both an input and the delta to be written", delta.display());
        return Err(Refusal::usage(message).hint("the order is OLD... NEW DELTA").into());
    }
    let done = delta_publish::diff_files(&args.data_type, olds, new, delta)?;
    let text = || {
        facts(&[
            ("chunks", done.chunks.to_string()),
            ("references", done.references.to_string()),
            ("literals", number::bytes(done.literal_bytes)),
            ("delta", number::bytes(done.size)),
        ])
    };
    Beside::file(delta).result(&args.report, &done, text)?;
    Ok(Status::Success)
}

fn too_few() -> Refusal {
    Refusal::usage("expected at least three files").hint("the order is OLD... NEW DELTA")
}
