//! The demonstration repository: invented packages, and what happens to them
//! from one generation to the next.
//!
//! They are real: rpmbuild makes them and createrepo_c describes them, so that package
//! managers can install them and every generator has something to read. That takes a
//! second for each, and the invented repositories of `xtask-bench`, which are metadata
//! alone, have tens of thousands; neither can do what the other is for.
//!
//! Everything is a function of the tables in this module; no clock, no random
//! source, so that two machines with the same tools get the same packages.

mod calendar;
mod catalogue;
mod content;
mod layout;
mod pool;
mod spec;
mod timeline;

pub use calendar::changelog_date;
pub use layout::{generator, lay_out};
pub use pool::{Pool, builder};
pub use timeline::{Generation, generations};
