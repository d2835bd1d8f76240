//! Making the payload of one step, and proving it: from the chunk sequences of
//! two generations and the text of their chunks. Which steps a journal has is
//! decided elsewhere.

use std::io;
use std::ops::Range;

use super::payload::{self, Cut, Frame, Payload};
use super::places::{Place, as_usize, context_bytes, grouped, index, places, with_all_old_text};
use super::script::Hunk;
use super::{JournalError, cut, frame};
use crate::Rule;
use crate::chunk::{ChunkId, ChunkTable, Symbol};
use crate::plan::Matcher;
use crate::varint::Malformed;

/// How a step is encoded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StepOptions {
    /// The zstd level, 1 to 22; others mean what they do to zstd. Default 19.
    pub level: i32,
    /// A frame is closed after the hunk that brings it to so many bytes of text.
    /// Default 1 MiB.
    pub frame_bytes: usize,
    /// Steps that insert chunks where none went, and at most so many bytes in
    /// all, are also tried with kept neighbours in the dictionary. Default 256 KiB.
    pub context_bytes: u64,
    /// Steps of at least so many bytes are also tried with all of the old file as
    /// dictionary, where that has at most 4 MiB and what comes, too: text may come
    /// that stands elsewhere in it. Default 4 KiB.
    pub all_old_from: usize,
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
        Self { level: 19, frame_bytes: 1 << 20, context_bytes: 256 << 10, all_old_from: 4 << 10 }
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
/// As many neighbours as there are.
const ALL_BEFORE: u64 = 1 << 20;
/// How many neighbours are tried.
const CONTEXTS: [u64; 3] = [1, 4, ALL_BEFORE];
/// Most bytes of an old file that is tried as a dictionary, and of what comes then.
const MAX_ALL_OLD: u64 = 4 << 20;

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
    let old_bytes = table.total_len(old);
    if best.len() >= options.all_old_from && old_bytes <= MAX_ALL_OLD && inserted_bytes <= MAX_ALL_OLD {
        let places = with_all_old_text(old, new, &places);
        let one = 0..places.len();
        let other =
            pack(&mut texts, rule, (old, new), &places, std::slice::from_ref(&one), ALL_BEFORE, options)?;
        if other.len() < best.len() {
            best = other;
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
        let mut inserts = Vec::new();
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
            inserts.extend_from_slice(chunks);
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
        let chunks = (inserted, inserts.len() as u64);
        let is_last = nth + 1 == payload.frames.len();
        let ends =
            cut::ends(&text, rule, &payload.cut, chunks, is_last).map_err(|e| unproven(e.to_string()))?;
        inserted += chunks.1;
        if !has_chunks(&text, &ends, texts.table, &inserts) {
            return Err(unproven("an inserted chunk is another than it should be".into()));
        }
    }
    let rest = &old[old_at..];
    if new.get(new_at..) == Some(rest) { Ok(()) } else { Err(differs(new_at)) }
}

/// Whether a text that is cut at `ends` has these chunks.
fn has_chunks(text: &[u8], ends: &[usize], table: &ChunkTable, symbols: &[Symbol]) -> bool {
    let starts = std::iter::once(&0).chain(ends);
    let chunks = starts.zip(ends).map(|(start, end)| &text[*start..*end]);
    symbols.iter().zip(chunks).all(|(symbol, chunk)| ChunkId::hash(chunk) == *table.id(*symbol))
}
