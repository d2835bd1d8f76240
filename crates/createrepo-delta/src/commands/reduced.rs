//! What to tell of a repository that serves fewer deltas than asked for.

use delta_publish::Reduction;

use crate::{hints, messages};

/// Says each reason, `prefix` in front, and what to do about it; also with `--quiet`.
pub(super) fn tell(reduced: &[Reduction], prefix: &str) {
    for Reduction { reason_code, message, .. } in reduced {
        messages::warning(format_args!("{prefix}{message}"));
        if let Some(hint) = hints::of_reduction(*reason_code) {
            messages::hint(hint);
        }
    }
}
