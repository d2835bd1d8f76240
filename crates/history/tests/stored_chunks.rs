//! What a track remembers of chunks can be counted and read.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::{file, keep, publish, read};
use delta_core::chunk::Chunker;
use delta_core::{Limits, Rule};
use history::{Error, History, Track};

fn chunks(file: &[u8]) -> Vec<Vec<u8>> {
    let mut chunker = Chunker::new(file, Rule::for_type("primary").unwrap(), &Limits::default());
    let mut chunks = Vec::new();
    while let Some(chunk) = chunker.next_chunk().unwrap() {
        chunks.push(chunk.to_vec());
    }
    chunks
}

fn stored(track: &Track) -> Vec<Vec<u8>> {
    let mut reader = track.stored_chunks();
    let mut stored = Vec::new();
    while let Some((symbol, chunk)) = reader.next_chunk().unwrap() {
        assert_eq!(delta_core::chunk::ChunkId::hash(chunk), *track.table().id(symbol));
        stored.push(chunk.to_vec());
    }
    stored
}

#[test]
fn every_stored_chunk_is_read_once() {
    let root = tempfile::tempdir().unwrap();
    let mut expected = BTreeSet::new();
    for n in 0..5 {
        publish(root.path(), &file(n), Some(u64::from(n)), &keep(2)).unwrap();
        expected.extend(chunks(&file(n)));
    }
    let all = stored(&read(root.path()));
    assert_eq!(all.len(), expected.len());
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), expected);
}

#[test]
fn a_recording_is_told_what_was_known_before_it() {
    let root = tempfile::tempdir().unwrap();
    publish(root.path(), &file(0), Some(0), &keep(2)).unwrap();
    let history = History::open(root.path()).unwrap();
    let mut track = history.track("primary").unwrap();
    let before = stored(&track);
    let next = chunks(&file(1));
    let mut recorder = track.record().unwrap();
    // What is new is not known when it comes again.
    for chunk in next.iter().chain(&next) {
        recorder.chunk(chunk).unwrap();
    }
    let known: Vec<_> = next.iter().filter(|chunk| before.contains(chunk)).collect();
    let taken = recorder.taken();
    assert!(known.len() < next.len());
    assert_eq!((taken.chunks, taken.known_chunks), (2 * next.len(), 2 * known.len()));
    assert_eq!(taken.bytes, 2 * file(1).len() as u64);
    assert_eq!(taken.known_bytes, 2 * known.iter().map(|chunk| chunk.len() as u64).sum::<u64>());
    drop(recorder);
    common::record(&mut track, &file(1), Some(1)).unwrap();
    assert_eq!(stored(&track), before, "not committed");
    track.commit(&keep(2)).unwrap();
    assert_eq!(stored(&track).len(), before.len() + next.len() - known.len());
}

#[test]
fn reading_goes_on_behind_a_damaged_frame() {
    let root = tempfile::tempdir().unwrap();
    for n in 0..3 {
        publish(root.path(), &file(n), Some(u64::from(n)), &keep(9)).unwrap();
    }
    let whole = stored(&read(root.path())).len();
    let pack = root.path().join("primary/pack-00000001");
    let mut bytes = fs::read(&pack).unwrap();
    bytes[20] ^= 1;
    fs::write(&pack, bytes).unwrap();
    let track = read(root.path());
    let mut reader = track.stored_chunks();
    let (mut read, mut damaged) = (0, 0);
    loop {
        match reader.next_chunk() {
            Ok(None) => break,
            Ok(Some(_)) => read += 1,
            Err(error) => {
                assert!(matches!(error, Error::Damaged { .. }), "{error}");
                damaged += 1;
            }
        }
    }
    assert_eq!(damaged, 1);
    assert!(read > 40 && read < whole, "{read} {whole}");
}
