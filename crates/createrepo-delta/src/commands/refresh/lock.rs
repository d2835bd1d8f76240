//! The package manager's lock, which is held to look at its cache and to put a new state
//! in place.

use std::sync::{MutexGuard, PoisonError};
use std::time::Instant;

use managers::Repository;
use managers::locks::{self, LockError, PidLock};

use super::{Configured, LOCK_TIMEOUT};
use crate::args::Refresh;

/// Takes the package manager's lock, as soon as it is free.
pub(super) fn lock<'a>(
    args: &Refresh,
    configured: &'a Configured,
    repository: &Repository,
) -> Result<Locked<'a>, LockError> {
    let patience = args.patience.lock_timeout.map_or(LOCK_TIMEOUT, |wait| wait.0);
    let started = Instant::now();
    // The package manager's lock is one of processes; this one is of our threads.
    let turn = configured.turn.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        match locks::lock(repository.manager, &configured.setup) {
            Err(error) if error.is_temporary() && started.elapsed() < patience => {
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            taken => return taken.map(|lock| Locked { _lock: lock, _turn: turn }),
        }
    }
}

/// The package manager's lock, if it has one, for one of our threads. It is given up in
/// this order.
pub(super) struct Locked<'a> {
    _lock: Option<PidLock>,
    _turn: MutexGuard<'a, ()>,
}
