//! Encoding one part of a step, and proving it: from the chunk sequences of two generations of one
//! type, the text of their chunks, and the identifiers that the step's parts share. Which steps a
//! journal has is decided elsewhere.

use std::collections::HashSet;
use std::io;
use std::ops::Range;

use super::ids::{self, Ids};
use super::payload::{self, Cut, Frame, Payload};
use super::places::{Place, as_usize, context_bytes, grouped, index, places, with_all_old_text};
use super::script::Hunk;
use super::{JournalError, Part, cut, frame};
use crate::Rule;
use crate::chunk::{ChunkId, ChunkTable, Symbol};
use crate::plan::Matcher;
use crate::varint::Malformed;

/// How a part is encoded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PartOptions {
    /// The zstd level, 1 to 22; others mean what they do to zstd. Default 19.
    pub level: i32,
    /// A frame is closed after the hunk that brings it to so many bytes of text.
    /// Default 1 MiB.
    pub frame_bytes: usize,
    /// Parts that insert chunks where none went, and at most so many bytes in
    /// all, are also tried with kept neighbours in the dictionary. Default 256 KiB.
    pub context_bytes: u64,
    /// Parts of at least so many bytes are also tried with all of the old file as
    /// dictionary, where that has at most 4 MiB and what comes, too: text may come
    /// that stands elsewhere in it. Default 4 KiB.
    pub all_old_from: usize,
}

impl PartOptions {
    /// These options with another zstd level.
    #[must_use]
    pub fn with_level(mut self, level: i32) -> Self {
        self.level = level;
        self
    }
}

impl Default for PartOptions {
    fn default() -> Self {
        Self { level: 19, frame_bytes: 1 << 20, context_bytes: 256 << 10, all_old_from: 4 << 10 }
    }
}

/// A part of a step as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncodedPart {
    /// The payload (format 2, "Payloads").
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

/// Bytes of identifiers that may be in any dictionary, however few of them are used.
const FEW_IDS: usize = 64 << 10;

/// Two generations of one type, and where they differ: what a part is made from.
///
/// Every `chunk(symbol, out)` must append just the bytes of that chunk to `out`. The text of one frame
/// and its dictionary are in memory, about 2 MiB, and what zstd needs to search them, some tens of MiB
/// at high levels.
#[derive(Clone, Debug)]
pub struct PartEncoder<'a> {
    rule: Rule,
    table: &'a ChunkTable,
    old: &'a [Symbol],
    new: &'a [Symbol],
    places: Vec<Place>,
    options: PartOptions,
}

impl<'a> PartEncoder<'a> {
    /// Finds where `new` differs from `old`.
    #[must_use]
    pub fn new(
        rule: Rule,
        table: &'a ChunkTable,
        old: &'a [Symbol],
        new: &'a [Symbol],
        options: PartOptions,
    ) -> Self {
        let kept = Matcher::new().fold_all(table, new, &[old]);
        let places = places(table, old, new, &kept, options.frame_bytes);
        Self { rule, table, old, new, places, options }
    }

    /// Bytes of the chunks that the part inserts.
    #[must_use]
    pub fn inserted_bytes(&self) -> u64 {
        self.places.iter().map(|place| self.table.total_len(&self.new[place.new.clone()])).sum()
    }

    /// The identifiers that come with the inserted chunks and not also with those that go
    /// ([`Ids::shared`] takes them, of all parts).
    ///
    /// # Errors
    /// [`JournalError::Chunk`] when `chunk` fails, [`JournalError::Unfit`] when a chunk has another length
    /// than the table says.
    pub fn ids(
        &self,
        mut chunk: impl FnMut(Symbol, &mut Vec<u8>) -> io::Result<()>,
    ) -> Result<Vec<Vec<u8>>, JournalError> {
        let mut texts = Texts { table: self.table, chunk: &mut chunk };
        let mut deleted = HashSet::new();
        for place in &self.places {
            for symbol in &self.old[place.old.clone()] {
                deleted.extend(texts.id(*symbol)?);
            }
        }
        let mut inserted = Vec::new();
        for place in &self.places {
            for symbol in &self.new[place.new.clone()] {
                inserted.extend(texts.id(*symbol)?.filter(|id| !deleted.contains(id)));
            }
        }
        Ok(inserted)
    }

    /// Encodes the part, and proves it.
    ///
    /// # Errors
    /// As [`ids`](Self::ids); [`JournalError::Unfit`] also where a chunk is longer than a frame may be,
    /// 16 MiB: such a generation is to be left to other ways.
    pub fn encode(
        &self,
        ids: &Ids,
        mut chunk: impl FnMut(Symbol, &mut Vec<u8>) -> io::Result<()>,
    ) -> Result<EncodedPart, JournalError> {
        let Self { table, old, new, options, .. } = self;
        let mut texts = Texts { table, chunk: &mut chunk };
        let frames = grouped(table, old, new, &self.places, options.frame_bytes);
        let inserted_bytes = self.inserted_bytes();
        let mut best = self.pack(&mut texts, ids, &self.places, &frames, 0)?;
        let insert_only = self.places.iter().any(|place| place.old.is_empty());
        if insert_only && inserted_bytes <= options.context_bytes {
            let mut before = 0;
            for context in CONTEXTS {
                let old_bytes = context_bytes(table, old, &self.places, context);
                if old_bytes > MAX_CONTEXT_BYTES || old_bytes == before {
                    break;
                }
                before = old_bytes;
                let other = self.pack(&mut texts, ids, &self.places, &frames, context)?;
                best = shorter(best, other);
            }
        }
        let old_bytes = table.total_len(old);
        if best.len() >= options.all_old_from && old_bytes <= MAX_ALL_OLD && inserted_bytes <= MAX_ALL_OLD {
            let places = with_all_old_text(old, new, &self.places);
            let one = 0..places.len();
            let other = self.pack(&mut texts, ids, &places, std::slice::from_ref(&one), ALL_BEFORE)?;
            best = shorter(best, other);
        }
        prove(&mut texts, self.rule, old, new, ids, &best)?;
        Ok(EncodedPart { payload: best, inserted_bytes })
    }

    /// Compresses all frames, and writes the payload.
    fn pack<F: FnMut(Symbol, &mut Vec<u8>) -> io::Result<()>>(
        &self,
        texts: &mut Texts<'_, F>,
        ids: &Ids,
        places: &[Place],
        groups: &[Range<usize>],
        context: u64,
    ) -> Result<Vec<u8>, JournalError> {
        let unfit = |what: Malformed| JournalError::Unfit { what: what.to_string() };
        let hunks: Vec<Hunk> = places.iter().map(|place| place.hunk).collect();
        let old_texts = payload::old_texts(&hunks, context);
        let positions = ids.positions();
        let (mut by_markers, mut by_footer) = (true, true);
        let mut packed = Vec::new();
        for (nth, group) in groups.iter().enumerate() {
            let mut dictionary = Vec::new();
            for range in &old_texts[group.clone()] {
                texts.append(&self.old[as_usize(range.clone())], &mut dictionary)?;
            }
            let (mut text, mut ends, mut used) = (Vec::new(), Vec::new(), Vec::new());
            for symbol in places[group.clone()].iter().flat_map(|place| &self.new[place.new.clone()]) {
                let start = text.len();
                texts.append(&[*symbol], &mut text)?;
                ends.push(text.len());
                let id = if ids.is_empty() { None } else { ids::of_chunk(&text[start..]) };
                used.extend(id.and_then(|id| positions.get(id.as_slice()).copied()));
            }
            let range = with_ids(ids, &used, text.len(), &mut dictionary);
            if let Some(what) = too_large(&text, &dictionary) {
                return Err(unfit(what));
            }
            let is_last = nth + 1 == groups.len();
            let chunks = (0, ends.len() as u64);
            let cuts_so =
                |cut: Cut| cut::ends(&text, self.rule, &cut, chunks, is_last).is_ok_and(|cut| cut == ends);
            by_markers = by_markers && cuts_so(Cut::Markers);
            by_footer = by_footer && cuts_so(Cut::MarkersAndFooter);
            let bytes = if text.is_empty() {
                Vec::new()
            } else {
                frame::compress(&text, &dictionary, self.options.level).map_err(unfit)?
            };
            packed.push((range, bytes));
        }
        let cut = match (by_markers, by_footer) {
            (true, _) => Cut::Markers,
            (_, true) => Cut::MarkersAndFooter,
            _ => {
                let inserted = places.iter().flat_map(|place| &self.new[place.new.clone()]);
                Cut::Lengths(inserted.map(|symbol| self.table.chunk_len(*symbol)).collect())
            }
        };
        let frames = groups.iter().zip(&packed).map(|(group, (ids, bytes))| Frame {
            hunks: group.clone(),
            ids: ids.clone(),
            bytes,
        });
        let payload = Payload { hunks, context, cut, frames: frames.collect() };
        payload.write().map_err(unfit)
    }
}

/// Puts the identifiers from the first to the last of those that are used before the old text in
/// `dictionary` of a text of so many bytes, and returns which. None where they leave no room for it, or
/// most of them are between those that are used: dictionaries cost whoever opens them time.
fn with_ids(ids: &Ids, used: &[usize], text: usize, dictionary: &mut Vec<u8>) -> Range<usize> {
    let range = used.iter().min().zip(used.iter().max()).map(|(first, last)| *first..last + 1);
    let room =
        frame::MAX_DICTIONARY.saturating_sub(dictionary.len()).min(FEW_IDS.max(text.saturating_mul(4)));
    let Some(range) = range.filter(|range| ids.hex_len(range).is_some_and(|hex| hex <= room)) else {
        return 0..0;
    };
    let mut with_ids = Vec::new();
    ids.put_hex(range.clone(), &mut with_ids);
    with_ids.append(dictionary);
    *dictionary = with_ids;
    range
}

/// What to say of a frame that nobody would open.
fn too_large(text: &[u8], dictionary: &[u8]) -> Option<Malformed> {
    let (text, dictionary) = (text.len(), dictionary.len());
    let is_too_large = text > frame::MAX_TEXT || dictionary > frame::MAX_DICTIONARY;
    is_too_large.then(|| {
        let max = frame::MAX_TEXT;
        Malformed::new(format!(
            "expected at most {max} bytes in a frame and its dictionary each, found {text} and {dictionary}"
        ))
    })
}

fn shorter(one: Vec<u8>, other: Vec<u8>) -> Vec<u8> {
    if other.len() < one.len() { other } else { one }
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

    /// The identifier of a chunk.
    fn id(&mut self, symbol: Symbol) -> Result<Option<Vec<u8>>, JournalError> {
        let mut text = Vec::new();
        self.append(&[symbol], &mut text)?;
        Ok(ids::of_chunk(&text))
    }
}

/// Plays a payload on the chunk sequence of `old`, and compares with `new` chunk
/// by chunk.
///
/// # Errors
/// [`JournalError::Unproven`] when it leads elsewhere; otherwise as
/// [`PartEncoder::encode`].
pub fn prove_part(
    rule: Rule,
    table: &ChunkTable,
    old: &[Symbol],
    new: &[Symbol],
    part: &Part<'_>,
    mut chunk: impl FnMut(Symbol, &mut Vec<u8>) -> io::Result<()>,
) -> Result<(), JournalError> {
    prove(&mut Texts { table, chunk: &mut chunk }, rule, old, new, &part.ids, part.payload)
}

fn prove<F: FnMut(Symbol, &mut Vec<u8>) -> io::Result<()>>(
    texts: &mut Texts<'_, F>,
    rule: Rule,
    old: &[Symbol],
    new: &[Symbol],
    ids: &Ids,
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
        let mut dictionary = identifiers(ids, &frame.ids).map_err(unproven)?;
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

/// What a dictionary begins with; refused where the step has fewer identifiers, or they are too many.
fn identifiers(ids: &Ids, range: &Range<usize>) -> Result<Vec<u8>, String> {
    let bytes = ids.hex_len(range).ok_or("the step has fewer identifiers")?;
    if bytes > frame::MAX_DICTIONARY {
        return Err(format!("a dictionary of {bytes} bytes is larger than it may be"));
    }
    let mut dictionary = Vec::with_capacity(bytes);
    ids.put_hex(range.clone(), &mut dictionary);
    Ok(dictionary)
}

/// Whether a text that is cut at `ends` has these chunks.
fn has_chunks(text: &[u8], ends: &[usize], table: &ChunkTable, symbols: &[Symbol]) -> bool {
    let starts = std::iter::once(&0).chain(ends);
    let chunks = starts.zip(ends).map(|(start, end)| &text[*start..*end]);
    symbols.iter().zip(chunks).all(|(symbol, chunk)| ChunkId::hash(chunk) == *table.id(*symbol))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_has_identifiers_where_enough_of_them_are_used() {
        let all: Vec<Vec<u8>> = (0..4_000_u16).map(|n| n.to_be_bytes().repeat(16)).collect();
        let ids = Ids::shared(&[all.clone(), all]);
        let used = |used: &[usize], text: usize| {
            let mut dictionary = b"old".to_vec();
            let range = with_ids(&ids, used, text, &mut dictionary);
            assert_eq!(dictionary.len(), range.len() * 64 + 3);
            assert!(dictionary.ends_with(b"old"));
            range
        };
        assert_eq!(used(&[7, 5], 300), 5..8);
        assert_eq!(used(&[3, 1_000], 300), 3..1_001, "some more cost nearly nothing");
        assert_eq!(used(&[0, 3_999], 300), 0..0, "many more than are used");
        assert_eq!(used(&[0, 3_999], 64_000), 0..4_000);
        assert_eq!(used(&[], 300), 0..0);
        let mut dictionary = vec![b'o'; frame::MAX_DICTIONARY - 100];
        assert_eq!(with_ids(&ids, &[0, 1], 300, &mut dictionary), 0..0, "no room");
    }
}
