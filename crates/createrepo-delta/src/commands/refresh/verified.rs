//! Noting when a cache was last known to be current.

use std::time::SystemTime;

use managers::cache::{Cache, CachedState};
use managers::{Manager, Repository};

use super::report::Done;

/// Tells dnf that it need not ask for a while what was asked at this time. It asks
/// otherwise.
pub(super) fn verified(
    repository: &Repository,
    cache: &Cache,
    cached: &CachedState,
    asked: SystemTime,
    mut done: Done,
) -> Done {
    if repository.manager != Manager::Zypper
        && let Err(error) = cache.mark_verified(cached, asked)
    {
        done.reason = format!("{}, but its age was not noted: {error}", done.reason);
    }
    done
}

/// The same of the state that was just put in place.
pub(super) fn verified_anew(repository: &Repository, cache: &Cache, asked: SystemTime, done: Done) -> Done {
    match cache.state() {
        Ok(Some(cached)) => verified(repository, cache, &cached, asked, done),
        _ => done,
    }
}
