//! Any delta can be played against any old file: the end is a result or an
//! error, never a panic and never more output than allowed, and alike however
//! the sources give their bytes. A delta that was changed and that `check` still
//! accepts rebuilds the new file.
//!
//! Input: an even byte for an old file and a delta as they are, separated by
//! `|`; an odd one for spelled files, the last of which is the new one, after so
//! many changes of four bytes as the second byte says. The second byte is the
//! most output, too, in eights of bytes; the third and fourth are sizes of reads.

#![no_main]

use delta_core::chunk::{ChunkTable, Symbol};
use delta_core::plan::check;
use delta_core::{Applied, Limits, apply, diff};
use libfuzzer_sys::fuzz_target;
use shared::{edits, pieces, sips::Sips};

fuzz_target!(|data: &[u8]| {
    let Some((&[form, number, ref sizes @ ..], rest)) = data.split_first_chunk::<4>() else { return };
    if form % 2 == 0 {
        let separator = rest.iter().position(|byte| *byte == b'|').unwrap_or(rest.len());
        let delta = rest.get(separator + 1..).unwrap_or_default();
        play_anything(&rest[..separator], delta, u64::from(number) * 8, sizes);
    } else {
        let script = usize::from(number % 8) * 4;
        if let Some((script, spelling)) = rest.split_at_checked(script) {
            play_changed(pieces::files(spelling), script, sizes);
        }
    }
});

/// What was written, and what it ended in.
fn play(old: &[u8], delta: &[u8], sizes: &[u8], limits: &Limits) -> (Vec<u8>, Result<Applied, String>) {
    let mut out = Vec::new();
    let (old, delta) = (Sips::new(old, sizes), Sips::new(delta, sizes));
    let result = apply(pieces::rule(), old, delta, &mut out, limits);
    (out, result.map_err(|error| error.to_string()))
}

fn play_anything(old: &[u8], delta: &[u8], max_output: u64, sizes: &[u8]) {
    let limits = Limits::default().with_max_output(max_output);
    let (out, result) = play(old, delta, sizes, &limits);
    assert!(out.len() as u64 <= max_output, "{} bytes written", out.len());
    assert_eq!(
        play(old, delta, &[], &limits),
        (out.clone(), result.clone()),
        "depends on the sizes of reads"
    );
    if let Ok(applied) = &result {
        assert_eq!(applied.output_bytes, out.len() as u64);
        assert!(applied.literal_bytes <= delta.len() as u64);
    }
    let mut table = ChunkTable::new();
    let sequence = pieces::sequence(&mut table, old);
    if check(delta, &table, &[&sequence], &sequence).is_ok() && result.is_ok() {
        assert_eq!(out, old, "check accepted another file");
    }
}

fn play_changed(mut olds: Vec<Vec<u8>>, script: &[u8], sizes: &[u8]) {
    let new = olds.pop().expect("at least one file");
    let mut delta = Vec::new();
    let mut readers: Vec<&[u8]> = olds.iter().map(Vec::as_slice).collect();
    diff(pieces::rule(), &mut readers, || Ok(&new[..]), &mut delta).expect("a delta of small files");
    edits::apply(&mut delta, script);

    let mut table = ChunkTable::new();
    let sequences: Vec<_> = olds.iter().map(|old| pieces::sequence(&mut table, old)).collect();
    let sequences: Vec<&[Symbol]> = sequences.iter().map(Vec::as_slice).collect();
    let target = pieces::sequence(&mut table, &new);
    if check(&delta[..], &table, &sequences, &target).is_ok() {
        for old in &olds {
            let (out, result) = play(old, &delta, sizes, &Limits::default());
            assert!(result.is_ok(), "check accepted what cannot be applied: {result:?}");
            assert_eq!(out, new, "check accepted another file");
        }
    }
}
