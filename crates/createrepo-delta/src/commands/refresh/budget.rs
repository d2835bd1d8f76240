//! An end for runs that somebody waits for. Servers are bound by deadlines of their own;
//! this is for what has none, such as compressing a large file, or a disk that hangs.

use std::sync::TryLockError;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::Configured;
use crate::exit::Status;

/// So much later than the deadline, which what can end by itself has done by then.
const MARGIN: Duration = Duration::from_secs(1);
/// How long an exchange that has begun may take.
const EXCHANGE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(10);

/// What `work` returns; but soon after `deadline` the program ends, with the status for what
/// is done. Not while a cache is exchanged for its new state: that takes no time. Any other
/// moment is as good as any: caches are changed by that exchange alone.
pub(super) fn within<T>(deadline: Instant, setups: &[Configured], work: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        let (finished, is_finished) = mpsc::channel::<()>();
        let watch = move || {
            let left = deadline.saturating_duration_since(Instant::now()) + MARGIN;
            if is_finished.recv_timeout(left) == Err(RecvTimeoutError::Timeout) {
                let _turns = take_turns(setups);
                std::process::exit(Status::Success.code().into());
            }
        };
        // Without this thread the caller's own time limit holds.
        let _ = thread::Builder::new().spawn_scoped(scope, watch);
        let result = work();
        drop(finished);
        result
    })
}

/// Those of all package managers, so that no thread has a lock of theirs any more.
fn take_turns(setups: &[Configured]) -> Vec<std::sync::MutexGuard<'_, ()>> {
    let started = Instant::now();
    let mut turns = Vec::new();
    for configured in setups {
        loop {
            match configured.turn.try_lock() {
                Ok(turn) => turns.push(turn),
                Err(TryLockError::Poisoned(poisoned)) => turns.push(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) if started.elapsed() < EXCHANGE => {
                    thread::sleep(PAUSE);
                    continue;
                }
                Err(TryLockError::WouldBlock) => {}
            }
            break;
        }
    }
    turns
}
