//! The systems in which the end-to-end run tries package managers: this machine,
//! and trees of other Debian releases below `target/`.
//!
//! `cargo xtask setup` makes the trees. They are never changed afterwards: who runs
//! something in one does so through a [`Guest`].

mod guest;
mod mirror;
mod system;
mod tree;
mod versions;

pub use guest::{Guest, PATH};
pub use system::{ALL, System, TREES};
pub use tree::{describe, make_all, missing};
pub use versions::{differences, expected_file, recorded_file};
