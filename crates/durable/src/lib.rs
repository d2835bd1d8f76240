//! File-system steps that survive crashes: write beside, sync, rename, lock.
//!
//! Everything works through an open directory handle ([`Dir`]) and plain names
//! in it, so that a directory that is swapped for another one meanwhile, or a
//! symlink put in its place, never leads a write astray. A file is replaced by
//! writing beside it, syncing, renaming over it and syncing the directory
//! ([`Pending`]): a reader sees the old content or the new, never a mixture. A
//! whole sub-directory is replaced in one step, too ([`Dir::replace_child`]).
//!
//! With the cargo feature `faults`, which is for tests only, the module
//! `faults` makes the n-th change to a tree fail, as a crash or a full disk would.
//!
//! Files that a person names are another matter: [`streams::Input`] and [`streams::Output`] follow
//! symlinks, and read from and write to pipes, terminals and devices.
//!
//! What it deliberately does not do: it never changes times, nor owners unless
//! asked to ([`Dir::set_attributes`], [`Dir::create_like`]), never follows a symlink
//! below the directory that was opened, never waits for a lock, and makes no promise for file systems
//! that ignore `fsync`.

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
