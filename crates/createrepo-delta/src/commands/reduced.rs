//! What to tell of a repository that serves fewer deltas than asked for.

use std::path::Path;

use delta_publish::report::Reduction;

use crate::{hints, messages};

/// Says each reason, `prefix` in front, and what to do about it; also with `--quiet`.
pub(super) fn warn(reduced: &[Reduction], prefix: &str, history: &Path) {
    for reduction in reduced {
        messages::warning(format_args!("{prefix}{}", reduction.message));
        if let Some(hint) = hints::of_reduction(reduction, reduced, history) {
            messages::hint(hint);
        }
    }
}
