//! Where two generations differ, and which of those places share a frame and a
//! dictionary. Numbers of chunks and their lengths only; no text.

use std::ops::Range;

use super::frame;
use super::payload;
use super::script::Hunk;
use crate::chunk::{ChunkTable, Symbol};
use crate::plan::Kept;

/// One hunk, with the chunks that it is about.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) hunk: Hunk,
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// The places where the sequences differ. Larger ones are divided, so that the
/// parts of about `frame_bytes` stand for about the same part of the old text.
pub(super) fn places(
    table: &ChunkTable,
    old: &[Symbol],
    new: &[Symbol],
    kept: &Kept,
    frame_bytes: usize,
) -> Vec<Place> {
    let mut gaps = Vec::new();
    let (mut old_at, mut new_at) = (0, 0);
    // Each kept chunk is the next of its kind in the old sequence.
    for position in kept.positions() {
        let skip = old[old_at..].iter().take_while(|symbol| **symbol != new[position]).count();
        gaps.push((old_at..old_at + skip, new_at..position));
        (old_at, new_at) = (old_at + skip + 1, position + 1);
    }
    gaps.push((old_at..old.len(), new_at..new.len()));
    let mut places = Vec::new();
    let mut old_at = 0;
    for (old_gap, new_gap) in gaps {
        if old_gap.is_empty() && new_gap.is_empty() {
            continue;
        }
        let bytes = table.total_len(&old[old_gap.clone()]).max(table.total_len(&new[new_gap.clone()]));
        let parts = usize::try_from(bytes).unwrap_or(usize::MAX).div_ceil(frame_bytes.max(1)).max(1);
        let olds = divided(table, old, old_gap, parts);
        let news = divided(table, new, new_gap, parts);
        for (old, new) in olds.into_iter().zip(news).filter(|(old, new)| !old.is_empty() || !new.is_empty()) {
            let (copy, delete) = (old.start - old_at, old.len());
            let hunk = Hunk { copy: copy as u64, delete: delete as u64, insert: new.len() as u64 };
            old_at = old.end;
            places.push(Place { hunk, old, new });
        }
    }
    places
}

/// `range` in so many parts of about the same number of bytes.
fn divided(table: &ChunkTable, sequence: &[Symbol], range: Range<usize>, parts: usize) -> Vec<Range<usize>> {
    if parts <= 1 {
        return vec![range];
    }
    let total = table.total_len(&sequence[range.clone()]);
    let mut divided = Vec::with_capacity(parts);
    let (mut start, mut at, mut bytes) = (range.start, range.start, 0);
    for part in 1..=parts as u64 {
        let until = u128::from(total) * u128::from(part) / parts as u128;
        while at < range.end && u128::from(bytes) < until {
            bytes += table.chunk_len(sequence[at]);
            at += 1;
        }
        divided.push(start..at);
        start = at;
    }
    divided
}

/// Which places share a frame.
pub(super) fn grouped(
    table: &ChunkTable,
    old: &[Symbol],
    new: &[Symbol],
    places: &[Place],
    bytes: usize,
) -> Vec<Range<usize>> {
    let mut frames = Vec::new();
    let (mut start, mut text, mut dictionary) = (0, 0, 0);
    for (at, place) in places.iter().enumerate() {
        text += table.total_len(&new[place.new.clone()]);
        dictionary += table.total_len(&old[place.old.clone()]);
        if text >= bytes as u64 || dictionary >= frame::MAX_DICTIONARY as u64 / 2 {
            frames.push(start..at + 1);
            (start, text, dictionary) = (at + 1, 0, 0);
        }
    }
    if start < places.len() {
        frames.push(start..places.len());
    }
    frames
}

/// The same places in one frame whose dictionary has all of the old text that is
/// kept before something comes. At the end the last chunk comes in place of itself, so
/// that what is kept before it counts, too.
pub(super) fn with_all_old_text(old: &[Symbol], new: &[Symbol], places: &[Place]) -> Vec<Place> {
    let mut places = places.to_vec();
    let done = places.last().map_or(0, |place| place.old.end);
    if done < old.len() {
        let (old, new) = (old.len() - 1..old.len(), new.len() - 1..new.len());
        let hunk = Hunk { copy: (old.start - done) as u64, delete: 1, insert: 1 };
        places.push(Place { hunk, old, new });
    }
    places
}

/// Bytes of all dictionaries with so much context.
pub(super) fn context_bytes(table: &ChunkTable, old: &[Symbol], places: &[Place], context: u64) -> u64 {
    let hunks: Vec<Hunk> = places.iter().map(|place| place.hunk).collect();
    payload::old_texts(&hunks, context).into_iter().map(|range| table.total_len(&old[as_usize(range)])).sum()
}

pub(super) fn as_usize(range: Range<u64>) -> Range<usize> {
    index(range.start)..index(range.end)
}

/// A position in a sequence that is in memory, or one beyond every one.
pub(super) fn index(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
