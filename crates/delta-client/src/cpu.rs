//! The processor time of a thread, by which the speed of rebuilding is measured. Nothing that is
//! stored depends on it but the notes.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// What the calling thread has had so far.
pub(crate) fn of_this_thread() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    let nanoseconds = u32::try_from(now.tv_nsec).unwrap_or(0);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), nanoseconds)
}
