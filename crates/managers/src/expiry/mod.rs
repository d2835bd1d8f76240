//! Whether a package manager takes a cache for too old, and would ask for repomd.xml.
//!
//! dnf 4 (libdnf 0.35 to 0.75) and dnf5 (libdnf5 5.4) go by the time of the cache's primary:
//! it is what `metadata_expire` is counted from, and it must not be older than the file that
//! configures the repository. Times are compared in whole seconds. A cache that is younger is
//! due all the same when it is marked, by `clean expire-cache` or a run that failed: dnf 4
//! has a list of ids, dnf5 a file in the cache.
//!
//! Options of the package manager's own command (`--refresh`, `--setopt`) are not known here.

mod marks;
mod times;

use std::time::{Duration, SystemTime};

use crate::cache::{EXPIRED, MARKS};
use crate::{Manager, Repository, Setup};
use marks::Marks;
use times::{seconds, time_of_file, time_of_primary};

/// After how long a cache is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expiry {
    /// The age (`metadata_expire`); `None` for never.
    pub after: Option<Duration>,
    /// Whether a configuration file that is newer than the cache makes it due
    /// (`check_config_file_age`).
    pub by_config_file: bool,
}

impl Default for Expiry {
    /// What dnf does where nothing is configured.
    fn default() -> Self {
        Self { after: Some(Duration::from_secs(48 * 60 * 60)), by_config_file: true }
    }
}

/// Tells which caches of a package manager are due at a moment.
#[derive(Debug)]
pub struct ExpiryCheck {
    marks: Marks,
    /// In seconds since 1970.
    moment: i64,
}

impl ExpiryCheck {
    /// Reads what the package manager has noted; it is `within` from `now` that they are
    /// to be too old.
    #[must_use]
    pub fn new(manager: Manager, setup: &Setup, now: SystemTime, within: Duration) -> Self {
        let marks = match manager {
            Manager::Dnf => Marks::read(&setup.caches),
            Manager::Dnf5 | Manager::PackageKit | Manager::Zypper => Marks::default(),
        };
        let within = i64::try_from(within.as_secs()).unwrap_or(i64::MAX);
        Self { marks, moment: seconds(now).saturating_add(within) }
    }

    /// Whether the package manager would ask for repomd.xml of a repository that it has
    /// metadata of. Where it has none, or has lost them, there is nothing to refresh:
    /// false. Of zypper and others nothing is known: false.
    #[must_use]
    pub fn is_due(&self, repository: &Repository) -> bool {
        let is_dnf5 = match repository.manager {
            Manager::Dnf => false,
            Manager::Dnf5 => true,
            Manager::PackageKit | Manager::Zypper => return false,
        };
        let Some(primary) = time_of_primary(&repository.cache) else { return false };
        if self.marks.contains(&repository.id)
            || is_dnf5 && repository.cache.join(MARKS).join(EXPIRED).exists()
        {
            return true;
        }
        let Some(after) = repository.expiry.after else { return false };
        let is_older_than_file = || time_of_file(&repository.file).is_some_and(|file| file > primary);
        // A time to come is no age.
        let age = self.moment.saturating_sub(primary);
        let after = i64::try_from(after.as_secs()).unwrap_or(i64::MAX);
        let is_too_old = if is_dnf5 { age >= after } else { age > after };
        is_too_old || repository.expiry.by_config_file && is_older_than_file()
    }
}

#[cfg(test)]
mod tests;
