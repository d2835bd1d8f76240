//! The directory that an update keeps: what it holds, and how it changes.
//!
//! `repodata/` is a repository's metadata as any reader expects it: an exact
//! copy of what the publisher has; or the same content described by a repomd.xml
//! of our own, and then `repodata/upstream/` has the publisher's repomd.xml and
//! signature, byte for byte. All of it changes in one exchange of directories.
//! Our notes are beside it.
//!
//! Nothing is fetched here, and a directory that somebody else wrote is left
//! alone.

mod fill;
mod local;
mod names;
mod notes;
mod open;
mod recovered;
mod staging;

pub(crate) use fill::{Item, Origin, fill};
pub(crate) use local::{LocalCopy, LocalFile, Upstream};
pub(crate) use names::{result_name, stored_name};
pub(crate) use notes::{RepomdOrigin, State, sha256};
pub(crate) use open::{Cache, look};
pub(crate) use staging::Staging;

/// In `repodata/`, where repomd.xml is our own: the publisher's.
pub(crate) const UPSTREAM: &str = "upstream";
/// Our notes.
const NOTES: &str = ".createrepo-delta.json";
/// Files of a new state while they are obtained.
const FILES: &str = ".createrepo-delta.new.files";
/// A new state while it is made; after an exchange, the old one.
const NEW: &str = ".createrepo-delta.new.repodata";
/// The old state, where directories cannot be exchanged.
const ASIDE: &str = ".createrepo-delta.old.repodata";
/// Whoever changes it has this lock.
const LOCK: &str = ".createrepo-delta.lock";
