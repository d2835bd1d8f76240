//! Several scripts as one: which chunks of the base and which inserted ones make
//! the target, and which text each frame's dictionary consists of. Numbers of
//! chunks only; no text.

use std::ops::Range;

use super::payload::Payload;
use crate::varint::Malformed;

/// Consecutive chunks of the base, or of all that the steps insert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) from: Source,
    pub(super) chunks: Range<u64>,
}

/// Where a chunk's text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The base, chunks numbered from its beginning.
    Base,
    /// What was inserted, chunks numbered over all steps in their order.
    Inserted,
}

/// A frame, and what its dictionary is made of.
#[derive(Debug)]
pub(super) struct Opening<'a> {
    /// The compressed text; nothing where no chunk is inserted.
    pub(super) bytes: &'a [u8],
    /// Which identifiers of its step the dictionary begins with.
    pub(super) ids: Range<usize>,
    /// Pieces that have all together no more chunks than an [`Extent`](super::Extent)
    /// allows.
    pub(super) dictionary: Vec<Piece>,
    /// Which step's payload it is of.
    pub(super) step: usize,
    /// Chunks that its step inserted before.
    pub(super) before: u64,
    /// Chunks that it inserts.
    pub(super) chunks: u64,
    /// Whether it is the last of its step.
    pub(super) last: bool,
}

/// What the steps come to.
#[derive(Debug)]
pub(super) struct Composed<'a> {
    /// The target. The last piece is what is left of the base, however much.
    pub(super) target: Vec<Piece>,
    /// The frames in the order in which they can be opened.
    pub(super) openings: Vec<Opening<'a>>,
    /// How many chunks the base must have: scripts name so many, if only to keep
    /// them.
    pub(super) reach: u64,
}

/// More chunks than any base has.
pub(super) const ENDLESS: u64 = u64::MAX >> 1;
/// Most pieces that are looked at for all steps together: a bound of the time
/// that scripts can cost.
const MAX_WORK: usize = 1 << 28;

/// Composes the steps, which are in the order of their application.
pub(super) fn compose<'a>(steps: &'a [Payload<'a>]) -> Result<Composed<'a>, (usize, Malformed)> {
    let mut sequence = vec![Piece { from: Source::Base, chunks: 0..ENDLESS }];
    let mut openings = Vec::new();
    let mut inserted = 0;
    let mut work = 0;
    let mut reach = 0;
    for (number, step) in steps.iter().enumerate() {
        work += sequence.len() + step.hunks.len();
        if work > MAX_WORK {
            return Err((number, Malformed::new("expected scripts of a moderate length, found longer ones")));
        }
        let failed = |what| (number, what);
        dictionaries(number, step, &sequence, &mut openings).map_err(failed)?;
        sequence = edited(step, &sequence, &mut inserted, &mut reach).map_err(failed)?;
    }
    Ok(Composed { target: sequence, openings, reach })
}

/// Walks along a sequence.
struct Walk<'s> {
    rest: std::slice::Iter<'s, Piece>,
    /// What is left of the piece at hand.
    piece: Option<Piece>,
    at: u64,
}

impl<'s> Walk<'s> {
    fn new(sequence: &'s [Piece]) -> Self {
        Self { rest: sequence.iter(), piece: None, at: 0 }
    }

    /// Passes `chunks` chunks, and tells which.
    fn pass(&mut self, mut chunks: u64, mut each: impl FnMut(Piece)) -> Result<(), Malformed> {
        while chunks > 0 {
            let Some(piece) = self.piece.take().or_else(|| self.rest.next().cloned()) else {
                let at = self.at;
                return Err(Malformed::new(format!("expected more than {at} chunks in the old sequence")));
            };
            let len = (piece.chunks.end - piece.chunks.start).min(chunks);
            let cut = piece.chunks.start + len;
            if cut < piece.chunks.end {
                self.piece = Some(Piece { from: piece.from, chunks: cut..piece.chunks.end });
            }
            each(Piece { from: piece.from, chunks: piece.chunks.start..cut });
            chunks -= len;
            self.at += len;
        }
        Ok(())
    }

    fn rest(mut self, mut each: impl FnMut(Piece)) {
        self.piece.take().into_iter().chain(self.rest.cloned()).for_each(&mut each);
    }
}

/// The frames of a step and what their dictionaries are.
fn dictionaries<'a>(
    number: usize,
    step: &'a Payload<'a>,
    sequence: &[Piece],
    openings: &mut Vec<Opening<'a>>,
) -> Result<(), Malformed> {
    let old_texts = step.old_texts();
    let mut walk = Walk::new(sequence);
    let mut before = 0;
    for (nth, frame) in step.frames.iter().enumerate() {
        let mut dictionary = Vec::new();
        let chunks = step.hunks[frame.hunks.clone()].iter().map(|hunk| hunk.insert).sum();
        let ranges = if chunks == 0 { &[] } else { &old_texts[frame.hunks.clone()] };
        for range in ranges {
            walk.pass(range.start - walk.at, |_| {})?;
            walk.pass(range.end - range.start, |piece| push(&mut dictionary, piece))?;
        }
        dictionary.shrink_to_fit();
        let last = nth + 1 == step.frames.len();
        openings.push(Opening {
            bytes: frame.bytes,
            ids: frame.ids.clone(),
            dictionary,
            step: number,
            before,
            chunks,
            last,
        });
        before += chunks;
    }
    Ok(())
}

/// The sequence after a step.
fn edited(
    step: &Payload<'_>,
    sequence: &[Piece],
    inserted: &mut u64,
    reach: &mut u64,
) -> Result<Vec<Piece>, Malformed> {
    let mut named = |piece: &Piece| {
        if piece.from == Source::Base {
            *reach = piece.chunks.end.max(*reach);
        }
    };
    let mut edited = Vec::with_capacity(sequence.len() + 2 * step.hunks.len());
    let mut walk = Walk::new(sequence);
    for hunk in &step.hunks {
        walk.pass(hunk.copy, |piece| {
            named(&piece);
            push(&mut edited, piece);
        })?;
        walk.pass(hunk.delete, |piece| named(&piece))?;
        let end = *inserted + hunk.insert;
        if hunk.insert > 0 {
            push(&mut edited, Piece { from: Source::Inserted, chunks: *inserted..end });
        }
        *inserted = end;
    }
    walk.rest(|piece| push(&mut edited, piece));
    Ok(edited)
}

/// Appends a piece, as part of the last one where it goes on there.
fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match pieces.last_mut() {
        Some(last) if last.from == piece.from && last.chunks.end == piece.chunks.start => {
            last.chunks.end = piece.chunks.end;
        }
        _ => pieces.push(piece),
    }
}

#[cfg(test)]
mod tests {
    use super::super::payload::{Cut, Frame};
    use super::super::script::Hunk;
    use super::*;

    fn step(hunks: &[(u64, u64, u64)], context: u64) -> Payload<'static> {
        let hunks: Vec<Hunk> = hunks
            .iter()
            .map(|(copy, delete, insert)| Hunk { copy: *copy, delete: *delete, insert: *insert })
            .collect();
        let frames = vec![Frame { hunks: 0..hunks.len(), ids: 0..0, bytes: b"x" }];
        Payload { hunks, context, cut: Cut::Markers, frames }
    }

    fn base(chunks: Range<u64>) -> Piece {
        Piece { from: Source::Base, chunks }
    }

    fn inserted(chunks: Range<u64>) -> Piece {
        Piece { from: Source::Inserted, chunks }
    }

    #[test]
    fn two_steps_come_to_one_sequence() {
        let steps = [step(&[(2, 1, 2), (3, 0, 1)], 0), step(&[(3, 1, 1), (1, 2, 0)], 2)];
        let composed = compose(&steps).unwrap();
        // After the first: b0 b1 i0 i1 b3 b4 b5 i2 b6 …; the second replaces i1 by
        // i3, and drops b4 and b5.
        let expected =
            [base(0..2), inserted(0..1), inserted(3..4), base(3..4), inserted(2..3), base(6..ENDLESS)];
        assert_eq!(composed.target, expected);
        assert_eq!(composed.reach, 6);
        assert_eq!(composed.openings[0].dictionary, [base(2..3)]);
        assert_eq!(composed.openings[1].dictionary, [base(1..2), inserted(0..2), base(4..6)]);
        assert_eq!(composed.openings[1].chunks, 1);
    }
}
