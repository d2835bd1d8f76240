//! The package managers of this machine: their repositories, caches and locks.
//!
//! [`dnf_setup`], [`dnf5_setup`] and [`zypp_setup`] read what dnf 4, dnf5 and zypper are
//! configured to use, as they would read it themselves, down to the directories of their
//! caches. [`lock`] takes the locks that they take. [`Cache`] puts a new state of a
//! repository's metadata in the place of the one in such a cache, so that the
//! package manager finds what it would have fetched. [`ExpiryCheck`] tells whether the
//! package manager takes a cache for too old. [`mirrors`] and [`Metalink`]
//! read lists of mirrors.
//!
//! What is not here: the network, checksums and signatures. A new state comes
//! from somebody who has verified it.

mod cache;
mod dnf;
mod dnf5;
mod error;
mod expand;
mod expiry;
mod files;
mod ini;
mod locks;
mod locks_by_pid;
mod machine;
mod mirrors;
mod network;
mod packagekit;
mod repository;
mod rpm;
mod urls;
mod xml;
mod zypp;

pub use cache::{Cache, CacheError, Held, MetadataTypes, Reluctance, Stage, sought, wanted};
pub use dnf::{DnfOptions, dnf_key_files, dnf_keyring, dnf_setup, user_cache};
pub use dnf5::dnf5_setup;
pub use error::SetupError;
pub use expand::{Variables, expand};
pub use expiry::{Expiry, ExpiryCheck};
pub use locks::{LockError, lock, lock_file};
pub use locks_by_pid::PidLock;
pub use machine::machine;
pub use mirrors::{Metalink, MetalinkError, RepomdVersion, mirrors};
pub use network::{Credentials, Network, Proxy, SystemProxy};
pub use packagekit::packagekit_caches;
pub use repository::{Manager, Obstacle, Repository, Setup, Sources};
pub use rpm::{InstalledRelease, RpmError, dnf_release, dnf5_release, trusted_keys, zypp_releasever};
pub use urls::{is_usable, local_path, without_user};
pub use zypp::{Verdict, ZyppOptions, product_version, verdict, zypp_setup};
