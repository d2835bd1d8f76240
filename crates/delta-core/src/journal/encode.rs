//! Making the payload of one step, and proving it: from the chunk sequences of
//! two generations and the text of their chunks. Which steps a journal has is
//! decided elsewhere.

use std::io;
use std::ops::Range;

use super::payload::{self, Cut, Frame, Payload};
use super::script::Hunk;
use super::{JournalError, cut, frame};
use crate::varint::Malformed;
use crate::{ChunkId, ChunkTable, Kept, Matcher, Rule, Symbol};

/// How a step is encoded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StepOptions {
    /// The zstd level, 1 to 22. Default 19.
    pub level: i32,
    /// A frame is closed after the hunk that brings it to so many bytes of text.
    /// Default 1 MiB.
    pub frame_bytes: usize,
    /// Steps that insert chunks where none went, and at most so many bytes in
    /// all, are also tried with kept neighbours in the dictionary. Default 256 KiB.
    pub context_bytes: u64,
}

impl StepOptions {
    /// These options with another zstd level.
    #[must_use]
    pub fn with_level(mut self, level: i32) -> Self {
        self.level = level;
        self
    }
}

impl Default for StepOptions {
    fn default() -> Self {
        Self { level: 19, frame_bytes: 1 << 20, context_bytes: 256 << 10 }
    }
}

/// A step between two generations: its bytes, but for the link to the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// The payload (`docs/format-2.md`, "Payloads").
    pub payload: Vec<u8>,
    /// Bytes of the chunks that it inserts.
    pub inserted_bytes: u64,
}

/// Most bytes of old text that are tried as a dictionary beside what goes.
const MAX_CONTEXT_BYTES: u64 = 2 << 20;
/// How many neighbours are tried.
const CONTEXTS: [u64; 3] = [1, 4, 1 << 20];

/// Encodes the step that leads from `old` to `new`, and proves it.
///
/// `chunk(symbol, out)` must append just the bytes of that chunk to `out`. The
/// text of one frame and its dictionary are in memory, about 2 MiB, and what
/// zstd needs to search them, some tens of MiB at high levels.
///
/// # Errors
/// [`JournalError::Chunk`] when `chunk` fails; [`JournalError::Unfit`] where a
/// chunk is longer than a frame may be, 16 MiB: such a generation is to be left
/// to other ways.
pub fn encode_step(
    rule: Rule,
    table: &ChunkTable,
    old: &[Symbol],
    new: &[Symbol],
    mut chunk: impl FnMut(Symbol, &mut Vec<u8>) -> io::Result<()>,
    options: &StepOptions,
) -> Result<Step, JournalError> {
    let kept = Matcher::new().fold_all(table, new, &[old]);
    let places = places(table, old, new, &kept, options.frame_bytes);
    let mut texts = Texts { table, chunk: &mut chunk };
    let frames = grouped(table, old, new, &places, options.frame_bytes);
    let inserted_bytes = places.iter().map(|place| table.total_len(&new[place.new.clone()])).sum();
    let mut best = pack(&mut texts, rule, (old, new), &places, &frames, 0, options)?;
    let insert_only = places.iter().any(|place| place.old.is_empty());
    if insert_only && inserted_bytes <= options.context_bytes {
        let mut before = 0;
        for context in CONTEXTS {
            let old_bytes = context_bytes(table, old, &places, context);
            if old_bytes > MAX_CONTEXT_BYTES || old_bytes == before {
                break;
            }
            before = old_bytes;
            let other = pack(&mut texts, rule, (old, new), &places, &frames, context, options)?;
            if other.len() < best.len() {
                best = other;
            }
        }
    }
    prove(&mut texts, rule, old, new, &best)?;
    Ok(Step { payload: best, inserted_bytes })
}

/// Reads chunks, and checks their lengths.
struct Texts<'a, F> {
    table: &'a ChunkTable,
    chunk: &'a mut F,
}

impl<F: FnMut(Symbol, &mut Vec<u8>) -> io::Result<()>> Texts<'_, F> {
    fn append(&mut self, symbols: &[Symbol], out: &mut Vec<u8>) -> Result<(), JournalError> {
        for symbol in symbols {
            let before = out.len();
            (self.chunk)(*symbol, out).map_err(|source| JournalError::Chunk { source })?;
            let (expected, found) = (self.table.chunk_len(*symbol), (out.len() - before) as u64);
            if expected != found {
                let what = format!("expected a chunk of {expected} bytes, found {found}");
                return Err(JournalError::Unfit { what });
            }
        }
        Ok(())
    }
}

/// One hunk, with the chunks that it is about.
#[derive(Clone, Debug)]
struct Place {
    hunk: Hunk,
    old: Range<usize>,
    new: Range<usize>,
}

/// The places where the sequences differ. Larger ones are divided, so that the
/// parts of about `frame_bytes` stand for about the same part of the old text.
fn places(table: &ChunkTable, old: &[Symbol], new: &[Symbol], kept: &Kept, frame_bytes: usize) -> Vec<Place> {
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
fn grouped(
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

/// Bytes of all dictionaries with so much context.
fn context_bytes(table: &ChunkTable, old: &[Symbol], places: &[Place], context: u64) -> u64 {
    let hunks: Vec<Hunk> = places.iter().map(|place| place.hunk).collect();
    payload::old_texts(&hunks, context).into_iter().map(|range| table.total_len(&old[as_usize(range)])).sum()
}

fn as_usize(range: Range<u64>) -> Range<usize> {
    index(range.start)..index(range.end)
}

/// A position in a sequence that is in memory, or one beyond every one.
fn index(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// Compresses all frames, and writes the payload.
fn pack<F: FnMut(Symbol, &mut Vec<u8>) -> io::Result<()>>(
    texts: &mut Texts<'_, F>,
    rule: Rule,
    (old, new): (&[Symbol], &[Symbol]),
    places: &[Place],
    groups: &[Range<usize>],
    context: u64,
    options: &StepOptions,
) -> Result<Vec<u8>, JournalError> {
    let unfit = |what: Malformed| JournalError::Unfit { what: what.to_string() };
    let hunks: Vec<Hunk> = places.iter().map(|place| place.hunk).collect();
    let old_texts = payload::old_texts(&hunks, context);
    let (mut by_markers, mut by_footer) = (true, true);
    let mut packed = Vec::new();
    for (nth, group) in groups.iter().enumerate() {
        let (mut text, mut dictionary) = (Vec::new(), Vec::new());
        let mut ends = Vec::new();
        for (place, old_text) in places[group.clone()].iter().zip(&old_texts[group.clone()]) {
            texts.append(&old[as_usize(old_text.clone())], &mut dictionary)?;
            for symbol in &new[place.new.clone()] {
                texts.append(&[*symbol], &mut text)?;
                ends.push(text.len());
            }
        }
        if text.len() > frame::MAX_TEXT || dictionary.len() > frame::MAX_DICTIONARY {
            return Err(unfit(Malformed::new(format!(
                "expected at most {} bytes in a frame and its dictionary each, found {} and {}",
                frame::MAX_TEXT,
                text.len(),
                dictionary.len()
            ))));
        }
        let is_last = nth + 1 == groups.len();
        let chunks = (0, ends.len() as u64);
        let cuts_so = |cut: Cut| cut::ends(&text, rule, &cut, chunks, is_last).is_ok_and(|cut| cut == ends);
        by_markers = by_markers && cuts_so(Cut::Markers);
        by_footer = by_footer && cuts_so(Cut::MarkersAndFooter);
        packed.push(if text.is_empty() {
            Vec::new()
        } else {
            frame::compress(&text, &dictionary, options.level).map_err(unfit)?
        });
    }
    let cut = match (by_markers, by_footer) {
        (true, _) => Cut::Markers,
        (_, true) => Cut::MarkersAndFooter,
        _ => {
            let inserted = places.iter().flat_map(|place| &new[place.new.clone()]);
            Cut::Lengths(inserted.map(|symbol| texts.table.chunk_len(*symbol)).collect())
        }
    };
    let frames = groups.iter().zip(&packed).map(|(group, bytes)| Frame { hunks: group.clone(), bytes });
    let payload = Payload { hunks, context, cut, frames: frames.collect() };
    payload.write().map_err(unfit)
}

/// Plays a payload on the chunk sequence of `old`, and compares with `new` chunk
/// by chunk.
///
/// # Errors
/// [`JournalError::Unproven`] when it leads elsewhere; otherwise as
/// [`encode_step`].
pub fn prove_step(
    rule: Rule,
    table: &ChunkTable,
    old: &[Symbol],
    new: &[Symbol],
    payload: &[u8],
    mut chunk: impl FnMut(Symbol, &mut Vec<u8>) -> io::Result<()>,
) -> Result<(), JournalError> {
    prove(&mut Texts { table, chunk: &mut chunk }, rule, old, new, payload)
}

fn prove<F: FnMut(Symbol, &mut Vec<u8>) -> io::Result<()>>(
    texts: &mut Texts<'_, F>,
    rule: Rule,
    old: &[Symbol],
    new: &[Symbol],
    payload: &[u8],
) -> Result<(), JournalError> {
    let unproven = |what: String| JournalError::Unproven { what };
    let payload = Payload::read(payload).map_err(|e| unproven(e.to_string()))?;
    let old_texts = payload.old_texts();
    if old_texts.last().is_some_and(|range| range.end > old.len() as u64) {
        return Err(unproven("the script goes beyond the old sequence".into()));
    }
    let (mut old_at, mut new_at, mut inserted) = (0_usize, 0_usize, 0_u64);
    let same = |new_at: usize, part: &[Symbol]| new.get(new_at..).is_some_and(|rest| rest.starts_with(part));
    let differs =
        |at: usize| JournalError::Unproven { what: format!("chunk {at} is another than it should be") };
    for (nth, frame) in payload.frames.iter().enumerate() {
        let mut dictionary = Vec::new();
        let mut wanted = Vec::new();
        for (hunk, old_text) in payload.hunks[frame.hunks.clone()].iter().zip(&old_texts[frame.hunks.clone()])
        {
            let old_text = as_usize(old_text.clone());
            let copied = &old[old_at..old_text.end - index(hunk.delete)];
            if !same(new_at, copied) {
                return Err(differs(new_at));
            }
            new_at += copied.len();
            let end = new_at.saturating_add(index(hunk.insert));
            let chunks = new.get(new_at..end).ok_or_else(|| differs(new_at))?;
            wanted.extend_from_slice(chunks);
            new_at = end;
            let bytes = dictionary.len() as u64 + texts.table.total_len(&old[old_text.clone()]);
            if bytes > frame::MAX_DICTIONARY as u64 {
                return Err(unproven(format!("a dictionary of {bytes} bytes is larger than it may be")));
            }
            texts.append(&old[old_text.clone()], &mut dictionary)?;
            old_at = old_text.end;
        }
        let text = match frame.bytes {
            [] => Vec::new(),
            bytes => {
                frame::decompress(bytes, &dictionary, frame::MAX_TEXT).map_err(|e| unproven(e.to_string()))?
            }
        };
        let chunks = (inserted, wanted.len() as u64);
        let is_last = nth + 1 == payload.frames.len();
        let ends =
            cut::ends(&text, rule, &payload.cut, chunks, is_last).map_err(|e| unproven(e.to_string()))?;
        inserted += chunks.1;
        let mut start = 0;
        for (symbol, end) in wanted.iter().zip(ends) {
            if ChunkId::of(&text[start..end]) != *texts.table.id(*symbol) {
                return Err(unproven("an inserted chunk is another than it should be".into()));
            }
            start = end;
        }
    }
    let rest = &old[old_at..];
    if new.get(new_at..) == Some(rest) { Ok(()) } else { Err(differs(new_at)) }
}
