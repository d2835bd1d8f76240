//! What to tell of a repository that serves fewer deltas than asked for.

use delta_publish::{Reduction, ReductionKind};

use crate::{hints, messages};

/// Says each reason, `prefix` in front, and what to do about it; also with `--quiet`.
pub(super) fn tell(reduced: &[Reduction], prefix: &str) {
    // What is withdrawn for another reason comes back when that is mended.
    let has_reason = reduced.iter().any(|reduction| reduction.reason_code != ReductionKind::Withdrawn);
    for Reduction { reason_code, message, .. } in reduced {
        messages::warning(format_args!("{prefix}{message}"));
        let is_known = has_reason && *reason_code == ReductionKind::Withdrawn;
        if let Some(hint) = hints::of_reduction(*reason_code).filter(|_| !is_known) {
            messages::hint(hint);
        }
    }
}
