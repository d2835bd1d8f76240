//! Publishing histories of repodata again, generation by generation, and playing the clients
//! that hold past ones.
#![allow(clippy::must_use_candidate, reason = "only these tasks call it")]
#![allow(clippy::disallowed_methods, reason = "scratch files need none of the care that published files do")]

mod generation;
mod lone;
mod reads;
mod replay;
mod sets;

pub use generation::Generation;
pub use reads::{PublishedJournal, Reads};
pub use replay::{Download, JournalClient, Replay, location};
pub use sets::{generations, sets};
