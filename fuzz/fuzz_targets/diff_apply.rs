//! A delta turns every old version that it serves into the new one, `check`
//! agrees, and between two versions no choice of references leaves fewer literal
//! bytes.
//!
//! Input: spelled files, the last of which is the new one.

#![no_main]

use delta_core::chunk::{ChunkTable, Symbol};
use delta_core::plan::check;
use delta_core::{Limits, apply, diff};
use libfuzzer_sys::fuzz_target;
use shared::pieces;

/// Most cells of the table that the best is looked up in.
const MAX_CELLS: usize = 1 << 14;

fuzz_target!(|spelling: &[u8]| {
    let mut olds = pieces::files(spelling);
    let new = olds.pop().expect("at least one file");
    let mut delta = Vec::new();
    let mut readers: Vec<&[u8]> = olds.iter().map(Vec::as_slice).collect();
    let diffed =
        diff(pieces::rule(), &mut readers, || Ok(&new[..]), &mut delta).expect("a delta of small files");

    let limits = Limits::default().with_max_output(new.len() as u64);
    for old in &olds {
        let mut out = Vec::new();
        let applied = apply(pieces::rule(), &old[..], &delta[..], &mut out, &limits).expect("a good delta");
        assert_eq!(out, new);
        assert_eq!(applied.output_bytes, new.len() as u64);
        assert_eq!(applied.literal_bytes, diffed.literal_bytes);
        assert_eq!(applied.copied_chunks, diffed.references);
    }

    let mut table = ChunkTable::new();
    let sequences: Vec<_> = olds.iter().map(|old| pieces::sequence(&mut table, old)).collect();
    let sequences: Vec<&[Symbol]> = sequences.iter().map(Vec::as_slice).collect();
    let target = pieces::sequence(&mut table, &new);
    assert_eq!(diffed.chunks, target.len() as u64);
    check(&delta[..], &table, &sequences, &target).expect("check agrees");
    if let [old] = sequences[..]
        && old.len() * target.len() <= MAX_CELLS
    {
        let saved = new.len() as u64 - diffed.literal_bytes;
        assert_eq!(saved, most_saved(&table, old, &target));
    }
});

/// The weight of the heaviest common subsequence, by the textbook table.
fn most_saved(table: &ChunkTable, old: &[Symbol], new: &[Symbol]) -> u64 {
    let mut row = vec![0; new.len() + 1];
    for a in old {
        let mut diagonal = 0;
        for (at, b) in new.iter().enumerate() {
            let take = if a == b { diagonal + table.chunk_len(*a) } else { 0 };
            diagonal = row[at + 1];
            row[at + 1] = take.max(row[at]).max(row[at + 1]);
        }
    }
    row[new.len()]
}
