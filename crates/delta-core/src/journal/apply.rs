//! Applying the steps of one way to a base: two passes over it, one for the text
//! that dictionaries need, one to write the target. How it is read twice is the
//! module `base`'s. Nothing written may be
//! believed before the caller has compared it with the digest of the target.

use std::io::{self, Read, Seek, Write};

use super::base::{Again, First};
use super::compose::{self, Composed, ENDLESS, Opening, Source};
use super::ids::Ids;
use super::payload::Payload;
use super::texts::Texts;
use super::{Extent, JournalError, Part, cut, frame};
use crate::chunk::Chunker;
use crate::{Limits, Rule};

/// What applying steps did, in bytes and chunks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepsApplied {
    /// Bytes written in all.
    pub output_bytes: u64,
    /// Bytes of them that came from the steps.
    pub inserted_bytes: u64,
    /// Bytes of text that all the steps insert, those that later ones delete
    /// included.
    pub opened_bytes: u64,
}

/// Writes to `out` what `parts` make of a base (format 2,
/// "Applying").
///
/// `parts` are those of one type, as [`Reading::parts`](super::Reading::parts) gives them, newest first.
/// `base` opens the base; it is called once more for a base of which more is wanted
/// than [`Limits::max_kept`]. `scratch` takes text beyond 16 MiB: an empty file that
/// only this call uses. Memory is proportional to the number of changes, and to one
/// frame with its dictionary, at most 32 MiB of text; what is kept of the base comes on
/// top.
///
/// # Errors
/// See [`JournalError`]. What has been written by then is worthless. Steps for
/// another base may well be played without an error: the caller must compare the
/// digest of the output with that of the target.
pub fn apply_parts<B: Read>(
    rule: Rule,
    mut base: impl FnMut() -> io::Result<B>,
    parts: &[Part<'_>],
    scratch: impl Read + Write + Seek,
    out: impl Write,
    limits: &Limits,
) -> Result<StepsApplied, JournalError> {
    let mut steps: Vec<Payload<'_>> = Vec::with_capacity(parts.len());
    let mut extent = Extent::default();
    for (step, part) in parts.iter().rev().enumerate() {
        let read = Payload::read(part.payload).and_then(|payload| {
            extent.add_read(&payload)?;
            Ok(payload)
        });
        steps.push(read.map_err(|what| JournalError::Step { step, what: what.to_string() })?);
    }
    let Composed { target, openings, reach } = compose::compose(&steps)
        .map_err(|(step, what)| JournalError::Step { step, what: what.to_string() })?;

    let mut texts = Texts::new(scratch);
    let mut plan = Plan::new(&target, &openings, reach);
    let opened = base().map_err(|source| JournalError::Base { offset: 0, source })?;
    let first = plan.read(First::new(opened, limits.max_kept), rule, limits, &mut texts)?;
    let mut done = StepsApplied::default();
    let max = limits.max_output.saturating_mul(8).saturating_add(256 << 20);
    let mut dictionaries = 0;
    for opening in &openings {
        let ids = &parts[parts.len() - 1 - opening.step].ids;
        let (text, dictionary) = insert(opening, &steps, ids, rule, &mut texts)?;
        done.opened_bytes += text;
        dictionaries += dictionary;
        for (what, found) in [("text of the steps", done.opened_bytes), ("dictionaries", dictionaries)] {
            if found > max {
                return Err(JournalError::TooLarge { what, found, max });
            }
        }
    }
    let again = first.again(base).map_err(|source| JournalError::Base { offset: 0, source })?;
    plan.write(again, &target, &mut texts, out, limits, done)
}

/// Opens one frame, and adds its chunks; returns the bytes of its text and of its
/// dictionary.
fn insert<S: Read + Write + Seek>(
    opening: &Opening<'_>,
    steps: &[Payload<'_>],
    ids: &Ids,
    rule: Rule,
    texts: &mut Texts<S>,
) -> Result<(u64, u64), JournalError> {
    if opening.chunks == 0 {
        return Ok((0, 0));
    }
    let step = opening.step;
    let malformed = |what: String| JournalError::Step { step, what };
    let hex = ids.hex_len(&opening.ids).ok_or_else(|| {
        let (end, found) = (opening.ids.end, ids.len());
        malformed(format!("expected {end} identifiers in the step, found {found}"))
    })?;
    let mut len = hex as u64;
    for piece in &opening.dictionary {
        let bytes = texts.bytes_of(piece);
        len += bytes.ok_or_else(|| malformed("expected old text for a dictionary, found none".into()))?;
    }
    if len > frame::MAX_DICTIONARY as u64 {
        let (found, max) = (len, frame::MAX_DICTIONARY as u64);
        return Err(JournalError::TooLarge { what: "a dictionary", found, max });
    }
    let mut dictionary = Vec::with_capacity(usize::try_from(len).unwrap_or(0));
    ids.put_hex(opening.ids.clone(), &mut dictionary);
    for piece in &opening.dictionary {
        texts.read(piece, &mut dictionary).map_err(|source| JournalError::Scratch { source })?;
    }
    let text = frame::decompress(opening.bytes, &dictionary, frame::MAX_TEXT)
        .map_err(|what| malformed(what.to_string()))?;
    let chunks = (opening.before, opening.chunks);
    let ends = cut::ends(&text, rule, &steps[step].cut, chunks, opening.last)
        .map_err(|what| malformed(what.to_string()))?;
    texts.add_inserted(&text, &ends).map_err(|source| JournalError::Scratch { source })?;
    Ok((text.len() as u64, len))
}

/// Which chunks of the base are wanted, and where.
struct Plan {
    /// Chunks that dictionaries need: ascending, apart from one another.
    needed: Vec<std::ops::Range<u64>>,
    /// Where pieces of the target begin or end in the base: numbers of chunks,
    /// ascending, each with its position in bytes once it is known.
    edges: Vec<(u64, Option<u64>)>,
}

impl Plan {
    fn new(target: &[compose::Piece], openings: &[Opening<'_>], reach: u64) -> Self {
        let in_base = |piece: &&compose::Piece| piece.from == Source::Base;
        let texts = openings.iter().flat_map(|opening| &opening.dictionary);
        let mut ranges: Vec<_> = texts.filter(in_base).map(|piece| piece.chunks.clone()).collect();
        ranges.sort_by_key(|range| range.start);
        let mut needed: Vec<std::ops::Range<u64>> = Vec::new();
        for range in ranges {
            match needed.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => needed.push(range),
            }
        }
        let mut edges: Vec<_> = target
            .iter()
            .filter(in_base)
            .flat_map(|piece| [piece.chunks.start, piece.chunks.end])
            .filter(|edge| *edge < ENDLESS)
            .chain([reach])
            .map(|edge| (edge, None))
            .collect();
        edges.sort_unstable();
        edges.dedup();
        Self { needed, edges }
    }

    /// Reads the base, as far as something of it is wanted.
    fn read<B: Read, S: Read + Write + Seek>(
        &mut self,
        base: First<B>,
        rule: Rule,
        limits: &Limits,
        texts: &mut Texts<S>,
    ) -> Result<First<B>, JournalError> {
        let mut chunks = Chunker::new(base, rule, limits);
        let mut needed = self.needed.iter().peekable();
        let mut edges = self.edges.iter_mut().peekable();
        let mut number = 0;
        loop {
            let offset = chunks.offset();
            if let Some((_, position)) = edges.next_if(|(edge, _)| *edge == number) {
                *position = Some(offset);
            }
            if edges.peek().is_none() && needed.peek().is_none() {
                return Ok(chunks.into_source());
            }
            let chunk = chunks.next_chunk().map_err(|source| JournalError::OldChunk { source })?;
            let Some(chunk) = chunk else {
                return Err(JournalError::ShortBase { chunks: number });
            };
            if let Some(range) = needed.peek()
                && range.contains(&number)
            {
                texts.add_base(number, chunk).map_err(|source| JournalError::Scratch { source })?;
                needed.next_if(|range| range.end == number + 1);
            }
            number += 1;
        }
    }

    /// Where a chunk of the base begins.
    fn position(&self, chunk: u64) -> Option<u64> {
        let at = self.edges.binary_search_by_key(&chunk, |(edge, _)| *edge).ok()?;
        self.edges[at].1
    }

    /// Reads the base once more, and writes the target.
    fn write<B: Read, S: Read + Write + Seek, W: Write>(
        &self,
        mut base: Again<B>,
        target: &[compose::Piece],
        texts: &mut Texts<S>,
        out: W,
        limits: &Limits,
        mut done: StepsApplied,
    ) -> Result<StepsApplied, JournalError> {
        let mut out = Output { out, written: 0, max: limits.max_output, failure: None };
        let mut at = 0;
        for piece in target {
            let before = out.written;
            match piece.from {
                Source::Inserted => {
                    let read = texts.read(piece, &mut out);
                    if let Err(source) = read {
                        return Err(out.failure.take().unwrap_or(JournalError::Scratch { source }));
                    }
                    done.inserted_bytes += out.written - before;
                }
                Source::Base => {
                    let start = self.position(piece.chunks.start).unwrap_or(at);
                    let end = self.position(piece.chunks.end);
                    pump::<_, W>(&mut base, &mut at, Some(start), None)?;
                    pump(&mut base, &mut at, end, Some(&mut out))?;
                }
            }
        }
        out.out.flush().map_err(|source| JournalError::Output { offset: out.written, source })?;
        done.output_bytes = out.written;
        Ok(done)
    }
}

/// Reads the base from `at` up to `end`, or to its end, and writes it.
fn pump<B: Read, W: Write>(
    base: &mut Again<B>,
    at: &mut u64,
    end: Option<u64>,
    mut out: Option<&mut Output<W>>,
) -> Result<(), JournalError> {
    while end.is_none_or(|end| *at < end) {
        let most = end.map_or(u64::MAX, |end| end - *at);
        let bytes = base.next(most).map_err(|source| JournalError::Base { offset: *at, source })?;
        if bytes.is_empty() {
            return match end {
                None => Ok(()),
                Some(_) => {
                    Err(JournalError::Base { offset: *at, source: io::ErrorKind::UnexpectedEof.into() })
                }
            };
        }
        *at += bytes.len() as u64;
        if let Some(out) = &mut out
            && let Err(source) = out.write_all(bytes)
        {
            let offset = out.written;
            return Err(out.failure.take().unwrap_or(JournalError::Output { offset, source }));
        }
    }
    Ok(())
}

/// The output, its cap, and its own failures.
struct Output<W> {
    out: W,
    written: u64,
    max: u64,
    failure: Option<JournalError>,
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() as u64 > self.max - self.written {
            let (what, found, max) = ("the output", self.written + bytes.len() as u64, self.max);
            self.failure = Some(JournalError::TooLarge { what, found, max });
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        match self.out.write(bytes) {
            Ok(taken) => {
                self.written += taken as u64;
                Ok(taken)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(source) => {
                let offset = self.written;
                self.failure = Some(JournalError::Output { offset, source });
                Err(io::Error::other("the output failed"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
