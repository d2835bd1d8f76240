//! The locks under which package managers change their metadata.
//!
//! dnf holds `metadata_lock.pid` in its cache directory while it looks whether
//! metadata are current, fetches them and reads them; its other locks are for
//! packages. dnf5 has no lock for metadata. zypper holds `zypp.pid` as long as it runs. Both go by the number
//! of the process in the file, so what happens to the holder ends the lock.

use std::path::PathBuf;

use durable::Dir;
use thiserror::Error;

pub use durable::{Error as FileError, Holder};

pub use crate::locks_by_pid::PidLock;
use crate::locks_by_pid::{PidProtocol, PidTaken};
use crate::{Manager, Setup};

/// Why a lock was not taken.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LockError {
    /// The package manager is at work, or somebody else who locks as it does.
    #[error("the metadata of {manager} are in use: {holder} holds `{}`", path.display())]
    #[non_exhaustive]
    InUse {
        /// Whose lock it is.
        manager: Manager,
        /// The lock file.
        path: PathBuf,
        /// Who holds it.
        holder: Holder,
    },
    /// A file-system step failed, or the lock file is not one.
    #[error(transparent)]
    File(#[from] durable::Error),
}

impl LockError {
    /// Whether the same may succeed later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::InUse { .. })
    }
}

/// The file that is the lock of a package manager, if it has one.
#[must_use]
pub fn lock_file(manager: Manager, setup: &Setup) -> Option<PathBuf> {
    let (name, _) = protocol(manager)?;
    setup.locks.as_ref().map(|dir| dir.join(name))
}

fn protocol(manager: Manager) -> Option<(&'static str, PidProtocol)> {
    match manager {
        Manager::Dnf => Some(("metadata_lock.pid", PidProtocol::Flock)),
        Manager::Dnf5 | Manager::PackageKit => None,
        Manager::Zypper => Some(("zypp.pid", PidProtocol::Record)),
    }
}

/// Takes the lock of a package manager; it is given up when it is dropped. There is
/// none to take for one that has none.
///
/// # Errors
/// [`LockError::InUse`] at once, without waiting, when another process has it.
pub fn lock(manager: Manager, setup: &Setup) -> Result<Option<PidLock>, LockError> {
    let (Some((name, protocol)), Some(locks)) = (protocol(manager), &setup.locks) else {
        return Ok(None);
    };
    match PidLock::take(&Dir::create(locks)?, name, protocol)? {
        PidTaken::Taken(lock) => Ok(Some(lock)),
        PidTaken::By(holder) => Err(LockError::InUse { manager, path: locks.join(name), holder }),
    }
}
