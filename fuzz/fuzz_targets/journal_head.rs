//! Whatever a head says, or repomd.xml in its stead, reading it never panics; one that is read is read
//! again from its own bytes alone, and a reading is within the file. Whatever tables say, what comes out is
//! a list of parts for each type, or a refusal.
//!
//! Input: a byte; below 0x80 it tells which of eight types a client has, and the names of its generations,
//! four bytes each, and a journal follow. From 0x80 on it is one more than the types; a number for each of
//! them, as repomd.xml has it, the bytes of one further step, and the first table and what is behind it
//! follow.

#![no_main]

use delta_core::journal::{Fetched, GenerationId, Head, Newest, Reading};
use delta_core::varint::Cursor;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    if *first < 0x80 {
        with_head(*first, rest)
    } else {
        without(usize::from(*first & 7), rest)
    };
});

fn with_head(selection: u8, data: &[u8]) -> Option<()> {
    let mut cursor = Cursor::new(data);
    let mut bases = Vec::new();
    for nth in (0..8).filter(|nth| selection >> nth & 1 > 0) {
        bases.push((nth, GenerationId::from_bytes(cursor.array().ok()?)));
    }
    let journal = &data[cursor.offset()..];
    let head = Head::of_file(journal).ok()?;
    let len = usize::try_from(head.len()).expect("it was read from memory");
    assert_eq!(Head::read(&journal[..len]).expect("the same bytes"), head);
    let reading = head.reading(&bases, 16)?;
    for range in reading.ranges(0) {
        assert!(head.len() <= range.start && range.start < range.end && range.end <= head.file_len());
    }
    follow(&reading, bases.len(), journal, 0);
    Some(())
}

fn without(types: usize, data: &[u8]) -> Option<()> {
    const START: u64 = 99;
    let mut cursor = Cursor::new(data);
    let parts: Vec<u64> = (0..types).map(|_| cursor.number().ok()).collect::<Option<_>>()?;
    let further = cursor.number().ok()?;
    let steps = &data[cursor.offset()..];
    let mut table = Cursor::new(steps);
    table.bytes().ok()?;
    let table = table.offset();
    let digest = Sha256::digest(&steps[..table]);
    let digest = std::array::from_fn(|nth| digest[nth]);
    let newest = Newest::new(START, digest, table as u64, parts).with_further(vec![further]);
    for wanted in [&[0][..], &[1, 0], &[0, 1, 2]] {
        for step in 1..=newest.steps() {
            if let Some(reading) = newest.reading(wanted, step) {
                follow(&reading, wanted.len(), steps, START);
            }
        }
    }
    Some(())
}

/// Reads parts from `bytes`, which stand at `start` in the file.
fn follow(reading: &Reading, types: usize, bytes: &[u8], start: u64) {
    assert!(reading.bytes(0) <= reading.bytes(16) && reading.bytes(16) <= reading.bytes(u64::MAX));
    assert!(reading.ranges(16).is_sorted_by(|one, next| one.end + 16 < next.start));
    let mut fetched = Fetched::new();
    for range in reading.ranges(16) {
        let [from, to] = [range.start, range.end].map(|at| usize::try_from(at - start).unwrap_or(usize::MAX));
        let to = to.min(bytes.len());
        fetched.add(range.start, bytes.get(from..to).unwrap_or_default().to_vec());
    }
    if let Ok(parts) = reading.parts(&fetched) {
        assert_eq!(parts.len(), types);
    }
}
