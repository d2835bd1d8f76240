#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! - [`Dir`]: an open directory. [`Dir::write`] replaces a file; [`Dir::create_new`] gives a [`Pending`] one to
//!   write to, which [`Pending::commit`] puts in place.
//! - [`Dir::replace_child`] replaces a whole sub-directory in one step.
//! - [`Dir::lock`] takes a [`Lock`], [`Dir::lock_holder`] tells who has it.
//! - [`streams::Input`] and [`streams::Output`] are for files that a person names: symlinks are followed, pipes,
//!   terminals and devices read from and written to.
//! - [`scratch`] has files that are never published.
//! - [`Error`] names the operation and the path, with the system's answer.

mod attributes;
mod dir;
mod error;
mod exchange;
#[cfg(feature = "faults")]
pub mod faults;
mod holder;
mod kind;
mod link;
mod lock;
mod modified;
mod name;
mod pending;
mod read;
mod refusal;
mod remove;
pub mod scratch;
mod step;
pub mod streams;
mod unmovable;
mod untouched;
mod writeback;

pub use attributes::Attributes;
pub use dir::Dir;
pub use error::{Error, Operation};
pub use exchange::Replaced;
pub use holder::Holder;
pub use kind::Kind;
pub use lock::Lock;
pub use pending::{Pending, Sealed};
pub use read::Entry;
pub use untouched::Untouched;
