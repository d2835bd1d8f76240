//! Past generations of repository metadata on disk, and the timestamp windows
//! that deltas serve.
//!
//! A [`History`] is one directory per repository. In it each metadata type has a
//! [`Track`]: up to N generations, newest first, each with the timestamps under
//! which it was published, the SHA-256 and size of its open content, and its
//! chunk sequence; and the bytes of every chunk that a generation uses, each
//! distinct chunk once, compressed. So the store costs about one compressed copy
//! of the newest generation plus what changed, and gives back every retained
//! generation byte for byte. The layout is `docs/formats/history.md`.
//!
//! A history also keeps the [`steps`](steps::Steps) of the journal, which can be made again, and [`anchors`]
//! says which ones are worth making.
//!
//! Changes become visible by one rename of the track's index, so an interrupted
//! process leaves the old state or the new one. Every part carries a digest; a
//! part that does not check out costs the generations that need it, never
//! correctness.
//!
//! What is deliberately not here: repomd.xml, deltas and where they are
//! published, the clock. Importing old repodata directories lives in the
//! publishing crate.

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
pub use error::{Error, ErrorClass};
pub use generation::{Generation, Hex, Publication, Retention};
pub use store::History;
pub use track::Track;
