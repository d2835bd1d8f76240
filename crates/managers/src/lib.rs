//! The package managers of this machine: their repositories, caches and locks.
//!
//! [`dnf::setup`], [`dnf5::setup`] and [`zypp::setup`] read what dnf 4, dnf5 and zypper are
//! configured to use, as they would read it themselves, down to the directories of their
//! caches. [`locks`] takes the locks that they take. [`cache`] puts a new state of a
//! repository's metadata in the place of the one in such a cache, so that the
//! package manager finds what it would have fetched. [`expiry`] tells whether the
//! package manager takes a cache for too old. [`mirrors`] reads lists of mirrors and metalinks.
//!
//! ```
//! use managers::{SetupOptions, dnf5};
//!
//! # let root = tempfile::tempdir()?;
//! # let root = root.path();
//! # std::fs::create_dir_all(root.join("etc/yum.repos.d"))?;
//! let text = "[demo]\nbaseurl=http://host/$basearch/\n";
//! std::fs::write(root.join("etc/yum.repos.d/demo.repo"), text)?;
//! let setup = dnf5::setup(&SetupOptions::new(root, "x86_64"))?;
//! assert_eq!(setup.repositories[0].sources.urls, ["http://host/x86_64/"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is not here: the network, checksums and signatures. A new state comes
//! from somebody who has verified it.

pub mod cache;
pub mod dnf;
pub mod dnf5;
mod error;
mod expand;
pub mod expiry;
mod files;
mod ini;
pub mod locks;
mod locks_by_pid;
mod machine;
pub mod mirrors;
pub mod network;
mod options;
pub mod packagekit;
mod repository;
pub mod rpm;
pub mod urls;
pub mod zypp;

pub use error::SetupError;
pub use expand::Variables;
pub use machine::machine;
pub use options::{SetupOptions, user_cache};
pub use repository::{Manager, Obstacle, Repository, Setup, Sources};
