//! The directory that an update keeps: what it holds, and how it changes.
//!
//! `repodata/` is a repository's metadata as any reader expects it: an exact
//! copy of what the publisher has; or the same content described by a repomd.xml
//! of our own, and then `repodata/upstream/` has the publisher's repomd.xml and
//! signature, byte for byte. All of it changes in one exchange of directories
//! (`docs/clients.md`, "What is in CACHE"). Our notes are beside it.
//!
//! Nothing is fetched here, and a directory that somebody else wrote is left
//! alone.

mod fill;
mod layout;
mod local;
mod locked;
mod look;
mod names;
mod notes;
mod recovered;
mod staging;

pub(crate) use fill::{Documents, Item, Origin, RepomdFiles, fill};
pub(crate) use layout::UPSTREAM;
pub(crate) use local::{LocalCopy, LocalFile, Upstream};
pub(crate) use locked::Cache;
pub(crate) use look::look;
pub(crate) use names::{result_name, stored_name};
pub(crate) use notes::{State, sha256};
pub(crate) use staging::Staging;
