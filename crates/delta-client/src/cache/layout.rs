//! What is in the directory of a cache besides the files of a repository.

/// In `repodata/`, where repomd.xml is our own: the publisher's.
pub(crate) const UPSTREAM: &str = "upstream";
/// Our notes.
pub(super) const NOTES: &str = ".createrepo-delta.json";
/// Files of a new state while they are obtained.
pub(super) const FILES: &str = ".createrepo-delta.new.files";
/// A new state while it is made; after an exchange, the old one.
pub(super) const NEW: &str = ".createrepo-delta.new.repodata";
/// The old state, where directories cannot be exchanged.
pub(super) const ASIDE: &str = ".createrepo-delta.old.repodata";
/// Whoever changes it has this lock.
pub(super) const LOCK: &str = ".createrepo-delta.lock";
