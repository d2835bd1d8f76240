#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! - [`dnf::setup`], [`dnf5::setup`] and [`zypp::setup`] read what dnf 4, dnf5 and zypper are configured to
//!   use, as they would read it themselves, down to the directories of their caches ([`Setup`],
//!   [`Repository`]).
//! - [`locks`] takes the locks that they take.
//! - [`cache`] puts new metadata of a repository in the place of that in such a cache, so that the package
//!   manager finds what it would have fetched.
//! - [`expiry`] tells whether the package manager takes a cache for too old.
//! - [`mirrors`] reads lists of mirrors and metalinks.

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
