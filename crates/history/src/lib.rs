#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! - [`History::open`] for changes, under a lock; [`History::read`] without one.
//! - [`Track`]: the generations of one metadata type, newest first, each with the timestamps under which it
//!   was published, the SHA-256 and size of its open content, and its chunk sequence ([`Generation`]).
//!   [`Track::record`] takes one in, [`Track::commit`] makes changes last, [`Track::write_generation`] gives
//!   one back.
//! - [`Retention`]: how many generations are kept.
//! - [`steps::Steps`]: the steps of the journal, which can be made again; [`anchors`] says which ones are worth
//!   making, [`windows`] which past generations share a delta.
//!
//! Changes become visible by one rename of the track's index, so an interrupted process leaves the old state
//! or the new one. Every part carries a digest; a part that does not check out costs the generations that need
//! it, never correctness.

pub mod anchors;
mod aside;
pub mod chunks;
mod commit;
mod compact;
mod copy;
mod damage;
mod error;
mod generation;
mod index;
mod load;
mod pack;
mod recorder;
mod script;
pub mod steps;
mod store;
mod track;
mod verify;
mod version;
pub mod windows;

pub use aside::SetAside;
pub use damage::Damage;
pub use error::{Error, ErrorClass, FileError, TableError};
pub use generation::{Generation, Hex, Publication, Retention};
pub use store::History;
pub use track::Track;
