//! Noting when a cache was last known to be current.

use std::time::SystemTime;

use managers::cache::{Cache, CachedState};
use managers::{Manager, Repository};

use super::report::Conclusion;

/// Tells dnf that it need not ask for a while what was asked at this time. It asks
/// otherwise.
pub(super) fn verified(
    repository: &Repository,
    cache: &Cache,
    cached: &CachedState,
    asked: SystemTime,
    mut conclusion: Conclusion,
) -> Conclusion {
    if repository.manager != Manager::Zypper
        && let Err(error) = cache.mark_verified(cached, asked)
    {
        conclusion.add(format_args!("but its age was not noted: {error}"));
    }
    conclusion
}

/// The same of the state that was just put in place.
pub(super) fn verified_anew(
    repository: &Repository,
    cache: &Cache,
    asked: SystemTime,
    conclusion: Conclusion,
) -> Conclusion {
    match cache.state() {
        Ok(Some(cached)) => verified(repository, cache, &cached, asked, conclusion),
        _ => conclusion,
    }
}
