//! Inputs on which a fuzz target once failed, each with the law that it broke.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io::{self, Read};

use delta_core::chunk::{ChunkError, Chunker};
use delta_core::{Limits, Rule};

/// A source that gives at most so many bytes at a time.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let len = self.1.min(into.len());
        self.0.read(&mut into[..len])
    }
}

/// How many chunks there are, or where the one begins that is refused.
fn chunks(file: &[u8], step: usize, max_chunk: usize) -> Result<usize, u64> {
    let limits = Limits::default().with_max_chunk(max_chunk);
    let mut chunker = Chunker::new(Slow(file, step), Rule::for_type("primary").unwrap(), &limits);
    let mut count = 0;
    loop {
        match chunker.next_chunk() {
            Ok(Some(_)) => count += 1,
            Ok(None) => return Ok(count),
            Err(ChunkError::TooLong { offset, .. }) => return Err(offset),
            Err(other) => panic!("{other}"),
        }
    }
}

/// Whether a file can have deltas must not depend on how it was read: publisher
/// and client read it differently.
fn assert_refusal_is_a_matter_of_the_file(file: &[u8]) {
    for max_chunk in 0..=file.len() {
        let whole = chunks(file, usize::MAX, max_chunk);
        for step in 1..file.len() {
            assert_eq!(chunks(file, step, max_chunk), whole, "at most {max_chunk}, {step} at a time");
        }
    }
}

#[test]
fn chunk_of_the_limit_before_a_split_marker() {
    let file = include_bytes!("findings/chunk_of_the_limit_before_a_split_marker");
    assert_refusal_is_a_matter_of_the_file(file);
    assert_eq!(chunks(file, 20, 15), Ok(4));
    assert_eq!(chunks(file, 20, 14), Err(1));
}

#[test]
fn chunks_held_back_in_one_block_or_many() {
    let file = include_bytes!("findings/chunks_held_back_in_one_block_or_many");
    assert_refusal_is_a_matter_of_the_file(file);
    assert_eq!(chunks(file, 1, 25), Ok(6));
    assert_eq!(chunks(file, 1, 19), Err(0));
}
