//! The demonstration repository: invented packages, and what happens to them
//! from one generation to the next.
//!
//! Everything is a function of the tables in this module; no clock, no random
//! source, so that two machines with the same tools get the same packages.

mod calendar;
mod catalogue;
mod content;
mod layout;
mod pool;
mod random;
mod spec;
mod timeline;

pub(crate) use calendar::changelog_date;
pub(crate) use layout::{generator, lay_out};
pub(crate) use pool::{Pool, builder};
pub(crate) use timeline::{Generation, generations};
