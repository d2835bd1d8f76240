//! A package manager's cache of one repository: what it holds, which types its
//! owner wants in it, and how a new state takes the place of the old one.
//!
//! Nothing is fetched and no checksum is compared here: whoever makes the new
//! state has verified it.

mod error;
mod replace;
mod selection;
mod state;
mod types;

pub use durable::Error as FileError;
pub use repomd::Repomd;

pub use error::CacheError;
pub use replace::{Cache, Stage};
pub use selection::{Reluctance, select_types, types_to_request};
pub use state::CachedState;
pub use types::MetadataTypes;

/// Where dnf5 keeps marks of a cache, and the one that makes it ask whether it is current.
pub(crate) const MARKS: &str = "attrs";
pub(crate) const EXPIRED: &str = "expired";
