//! Noting when a cache was last known to be current.

use std::time::SystemTime;

use managers::{Cache, Held, Manager, Repository};

use super::report::Done;

/// Tells dnf that it need not ask for a while what was asked at this time. It asks
/// otherwise.
pub(super) fn verified(
    repository: &Repository,
    cache: &Cache,
    held: &Held,
    asked: SystemTime,
    mut done: Done,
) -> Done {
    if repository.manager != Manager::Zypper
        && let Err(error) = cache.mark_verified(held, asked)
    {
        done.reason = format!("{}, but its age was not noted: {error}", done.reason);
    }
    done
}

/// The same of the state that was just put in place.
pub(super) fn verified_anew(repository: &Repository, cache: &Cache, asked: SystemTime, done: Done) -> Done {
    match cache.held() {
        Ok(Some(held)) => verified(repository, cache, &held, asked, done),
        _ => done,
    }
}
