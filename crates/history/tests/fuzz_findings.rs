//! Indexes on which a fuzz target once failed, each with the law that it broke.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::path::Path;

use common::{file, given_back, keep, publish, read};
use delta_core::chunk::ChunkId;
use history::{Damage, Error, History};
use sha2::{Digest, Sha256};

const INDEX: &str = "primary/index";

/// A history with another index than its own.
fn with_index(index: &[u8]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    publish(root.path(), &file(0), Some(1), &keep(3)).unwrap();
    std::fs::write(root.path().join(INDEX), index).unwrap();
    root
}

#[test]
fn last_pack_number() {
    let root = with_index(include_bytes!("findings/last_pack_number"));
    assert!(matches!(read(root.path()).damage(), [Damage::Index { .. }]));
    publish(root.path(), &file(1), Some(2), &keep(3)).unwrap();
    assert_eq!(given_back(&read(root.path()), 0), file(1));
}

#[test]
fn largest_pack_number() {
    let root = with_index(include_bytes!("findings/largest_pack_number"));
    assert_eq!(read(root.path()).damage(), []);
    let error = publish(root.path(), &file(1), Some(2), &keep(3)).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
    assert_eq!(read(root.path()).damage(), []);
}

#[test]
fn a_pack_file_of_the_last_number_is_nobodys() {
    let root = with_index(b"no index");
    std::fs::write(root.path().join("primary/pack-18446744073709551615"), "").unwrap();
    publish(root.path(), &file(1), Some(2), &keep(3)).unwrap();
    assert_eq!(given_back(&read(root.path()), 0), file(1));
}

#[test]
fn a_chunk_under_the_name_of_another() {
    let root = tempfile::tempdir().unwrap();
    let (old, new) = (&b"<m><package a/><package b/></m>"[..], &b"<m><package a/><package c/></m>"[..]);
    publish(root.path(), old, Some(1), &keep(3)).unwrap();
    rename_chunk(root.path(), b"<package b/>", b"<package c/>");
    assert_eq!(given_back(&read(root.path()), 0), old, "contents are right still");

    let history = History::open(root.path()).unwrap();
    let mut track = history.track("primary").unwrap();
    track.verify().unwrap();
    assert!(matches!(track.damage(), [Damage::Packs { .. }]), "{:?}", track.damage());
    common::record(&mut track, new, Some(2)).unwrap();
    track.commit(&keep(3)).unwrap();
    assert_eq!(given_back(&read(root.path()), 0), new);
}

/// Has the index say that the pack holds chunk `to` where it holds `from`.
fn rename_chunk(root: &Path, from: &[u8], to: &[u8]) {
    let path = root.join(INDEX);
    let mut index = std::fs::read(&path).unwrap();
    index.truncate(index.len() - 32);
    let (from, to) = (ChunkId::hash(from), ChunkId::hash(to));
    let at = index.windows(ChunkId::BYTES).position(|part| part == from.as_bytes()).unwrap();
    index[at..at + ChunkId::BYTES].copy_from_slice(to.as_bytes());
    let digest = Sha256::digest(&index);
    index.extend_from_slice(&digest);
    std::fs::write(&path, index).unwrap();
}
