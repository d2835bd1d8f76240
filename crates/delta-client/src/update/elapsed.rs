//! How long something took, for reports.

use std::time::Instant;

/// Whole milliseconds since then.
pub(super) fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
