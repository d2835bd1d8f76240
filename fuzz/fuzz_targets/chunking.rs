//! The chunks of a file are those of the rule said plainly, and concatenate to
//! the file, for any bytes and however the source gives them; and what is refused
//! as too long depends on the file alone.
//!
//! Input: an even byte for a file as it is, an odd one for a spelled file; the
//! longest chunk in fours of bytes, `0` for the default; three sizes of reads;
//! and the file.

#![no_main]

use delta_core::Limits;
use delta_core::chunk::{ChunkError, Chunker};
use libfuzzer_sys::fuzz_target;
use memchr::memmem;
use shared::{pieces, sips::Sips};

fuzz_target!(|data: &[u8]| {
    let Some((&[form, max, ref sizes @ ..], file)) = data.split_first_chunk::<5>() else { return };
    let file = if form % 2 == 0 { file.to_vec() } else { pieces::files(file).swap_remove(0) };
    let limits = match max {
        b'0' => Limits::default(),
        max => Limits::default().with_max_chunk(usize::from(max) * 4),
    };
    let (chunks, refused) = cut(&file, sizes, &limits);
    let cuts = pieces::cuts(&file);
    let mut plain = cuts.windows(2).map(|ends| &file[ends[0]..ends[1]]);
    assert!(chunks.iter().all(|chunk| plain.next() == Some(chunk)), "not cut by the rule");
    if refused.is_none() {
        assert_eq!(plain.next(), None, "not all chunks");
        assert_eq!(chunks.concat(), file, "chunks do not concatenate to the file");
    }
    let (_, refused_whole) = cut(&file, &[], &limits);
    assert_eq!(refused, refused_whole, "refusal depends on the sizes of reads");
    assert_eq!(refused, too_long(&file, limits.max_chunk), "refused by another rule");
});

/// Where the first chunk begins that is too long before the footer is cut off,
/// or the first row of chunks that has to be held back and is: chunks up to the
/// next one with a `</`, which may or may not hold the last one.
fn too_long(file: &[u8], max: usize) -> Option<u64> {
    let mut starts = pieces::starts(file);
    starts.insert(0, 0);
    starts.dedup();
    let mut held = None;
    for (nth, &start) in starts.iter().enumerate() {
        let next = starts.get(nth + 1);
        let end = next.copied().unwrap_or(file.len());
        if end - start > max {
            return Some(start as u64);
        }
        if memmem::find(&file[start..end], b"</").is_some() {
            held = Some(start);
        } else if let (Some(from), Some(_)) = (held, next)
            && end - from > 2 * max
        {
            return Some(from as u64);
        }
    }
    None
}

/// The chunks of `file`, read in sips of these sizes, and the offset of one that
/// was refused.
fn cut(file: &[u8], sizes: &[u8], limits: &Limits) -> (Vec<Vec<u8>>, Option<u64>) {
    let mut chunker = Chunker::new(Sips::new(file, sizes), pieces::rule(), limits);
    let mut chunks: Vec<Vec<u8>> = Vec::new();
    loop {
        let offset = chunks.iter().map(Vec::len).sum::<usize>();
        assert_eq!(chunker.offset(), offset as u64);
        match chunker.next_chunk() {
            Ok(Some(chunk)) => {
                assert!(!chunk.is_empty());
                chunks.push(chunk.to_vec());
            }
            Ok(None) => return (chunks, None),
            Err(ChunkError::TooLong { offset, max }) => {
                assert_eq!(max, limits.max_chunk);
                return (chunks, Some(offset));
            }
            Err(other) => panic!("{other}"),
        }
    }
}
