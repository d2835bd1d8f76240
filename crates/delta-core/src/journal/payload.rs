//! A step's payload as bytes (format 2, "Payloads"): the script, the
//! frames, and what it takes to tell them apart. Nothing is opened here but a
//! compressed script.

use std::ops::Range;

use super::frame;
use super::script::{self, Hunk};
use crate::varint::{self, Cursor, Malformed};

/// The script is a frame.
const PACKED_SCRIPT: u8 = 1;
/// The last inserted chunk begins at the last closing tag of the text.
const FOOTER: u8 = 2;
/// The lengths of the inserted chunks are listed.
const LENGTHS: u8 = 4;
/// Kept chunks before each hunk are in the dictionary, too.
const CONTEXT: u8 = 8;
/// Identifiers of the step are in the dictionaries.
const WITH_IDS: u8 = 16;
/// Every flag that there is.
const KNOWN: u8 = PACKED_SCRIPT | FOOTER | LENGTHS | CONTEXT | WITH_IDS;
/// Most bytes of a script that is open.
const MAX_SCRIPT: usize = 16 << 20;
/// Most chunks that a step inserts, and all that are applied together.
pub(super) const MAX_INSERTED: u64 = 1 << 21;
/// Most chunks that the dictionaries of a step consist of, and of all that are applied
/// together.
pub(super) const MAX_DICTIONARY_CHUNKS: u64 = 1 << 21;
/// Most frames of a step, and of all that are applied together.
pub(super) const MAX_FRAMES: usize = 1 << 16;
/// More identifiers than a table can have.
const MAX_IDS: usize = 1 << 20;
/// Most chunks of context.
const MAX_CONTEXT: u64 = 1 << 32;
const LEVEL: i32 = 19;

/// How the text of a frame is cut into chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// At the markers of the rule.
    Markers,
    /// At the markers, and in the last frame at the last closing tag.
    MarkersAndFooter,
    /// By these lengths in bytes, of all inserted chunks in order.
    Lengths(Vec<u64>),
}

/// Some hunks, and the text that they insert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    /// Of the payload's hunks.
    pub(super) hunks: Range<usize>,
    /// Which identifiers of the step its dictionary begins with.
    pub(super) ids: Range<usize>,
    /// The compressed text; nothing where the hunks insert none.
    pub(super) bytes: &'a [u8],
}

/// A payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Payload<'a> {
    pub(super) hunks: Vec<Hunk>,
    /// How many of the chunks that a hunk copies, at most, are in front of what
    /// it deletes in the dictionary; where it inserts something.
    pub(super) context: u64,
    pub(super) cut: Cut,
    pub(super) frames: Vec<Frame<'a>>,
}

impl<'a> Payload<'a> {
    /// For each hunk the chunks of the old sequence that it adds to the
    /// dictionary of its frame.
    pub(super) fn old_texts(&self) -> Vec<Range<u64>> {
        old_texts(&self.hunks, self.context)
    }

    /// How many chunks the hunks insert.
    pub(super) fn inserted(&self) -> u64 {
        inserted(&self.hunks)
    }

    /// How many chunks the dictionaries of the frames consist of; a frame without text
    /// needs none.
    pub(super) fn dictionary_chunks(&self) -> u64 {
        let old_texts = self.old_texts();
        let with_text = self.frames.iter().filter(|frame| !frame.bytes.is_empty());
        let ranges = with_text.flat_map(|frame| old_texts.get(frame.hunks.clone()).unwrap_or_default());
        ranges.map(|range| range.end - range.start).fold(0, u64::saturating_add)
    }

    /// The bytes of this payload.
    pub(super) fn write(&self) -> Result<Vec<u8>, Malformed> {
        within_limits(&self.hunks, self.frames.len())?;
        let mut hunks = Vec::new();
        script::put(&mut hunks, &self.hunks);
        let packed = if hunks.is_empty() { Vec::new() } else { frame::compress(&hunks, b"", LEVEL)? };
        let is_packed = !hunks.is_empty() && packed.len() < hunks.len();
        let script = if is_packed { packed } else { hunks };
        let mut flags = if is_packed { PACKED_SCRIPT } else { 0 };
        flags |= match self.cut {
            Cut::Markers => 0,
            Cut::MarkersAndFooter => FOOTER,
            Cut::Lengths(_) => LENGTHS,
        };
        flags |= if self.context > 0 { CONTEXT } else { 0 };
        let with_ids = self.frames.iter().any(|frame| !frame.ids.is_empty());
        flags |= if with_ids { WITH_IDS } else { 0 };
        let mut out = vec![flags];
        if self.context > 0 {
            varint::put(&mut out, self.context);
        }
        varint::put_bytes(&mut out, &script);
        if let Cut::Lengths(lengths) = &self.cut {
            let mut list = Vec::new();
            for len in lengths {
                varint::put(&mut list, *len);
            }
            varint::put_bytes(&mut out, &list);
        }
        varint::put(&mut out, self.frames.len() as u64);
        if let Some((_, but_last)) = self.frames.split_last() {
            for frame in but_last {
                varint::put(&mut out, frame.hunks.len() as u64);
                varint::put(&mut out, frame.bytes.len() as u64);
            }
        }
        for frame in self.frames.iter().filter(|_| with_ids) {
            varint::put(&mut out, frame.ids.start as u64);
            varint::put(&mut out, frame.ids.len() as u64);
        }
        self.frames.iter().for_each(|frame| out.extend_from_slice(frame.bytes));
        Ok(out)
    }

    /// Reads a payload. Every number is checked, but not yet against the text.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(bytes);
        let [flags] = cursor.array()?;
        if flags & !KNOWN != 0 {
            return Err(Malformed::new(format!("expected flags among {KNOWN:#04x}, found {flags:#04x}")));
        }
        let context = if flags & CONTEXT == 0 { 0 } else { cursor.number_upto(MAX_CONTEXT)? };
        if flags & CONTEXT != 0 && context == 0 {
            return Err(Malformed::new("expected a context of at least one chunk, found none"));
        }
        let section = cursor.bytes()?;
        let hunks = if flags & PACKED_SCRIPT == 0 {
            script::read(section)?
        } else {
            script::read(&frame::decompress(section, b"", MAX_SCRIPT)?)?
        };
        let cut = match flags & (FOOTER | LENGTHS) {
            0 => Cut::Markers,
            FOOTER => Cut::MarkersAndFooter,
            LENGTHS => Cut::Lengths(lengths(cursor.bytes()?, inserted(&hunks))?),
            _ => return Err(Malformed::new("expected one way to cut the text, found two")),
        };
        let frames = frames(&mut cursor, hunks.len(), flags & WITH_IDS != 0)?;
        if !hunks.is_empty() && frames.is_empty() {
            return Err(Malformed::new("expected a frame for the hunks, found none"));
        }
        within_limits(&hunks, frames.len())?;
        for frame in &frames {
            if frame.bytes.is_empty() != (inserted(&hunks[frame.hunks.clone()]) == 0) {
                return Err(Malformed::new("expected text in a frame just where chunks are inserted"));
            }
        }
        Ok(Self { hunks, context, cut, frames })
    }
}

/// See [`Payload::old_texts`].
pub(super) fn old_texts(hunks: &[Hunk], context: u64) -> Vec<Range<u64>> {
    let mut at = 0;
    let text = |hunk: &Hunk| {
        let start = at + hunk.copy;
        at = start + hunk.delete;
        let before = if hunk.insert > 0 { context.min(hunk.copy) } else { 0 };
        start - before..at
    };
    hunks.iter().map(text).collect()
}

/// How many chunks these hunks insert. No sum of so few numbers of at most 2^32
/// overflows.
fn inserted(hunks: &[Hunk]) -> u64 {
    hunks.iter().map(|hunk| hunk.insert).sum()
}

/// Refuses what would need more memory than its bytes justify.
pub(super) fn within_limits(hunks: &[Hunk], frames: usize) -> Result<(), Malformed> {
    let inserted = inserted(hunks);
    if inserted > MAX_INSERTED {
        return Err(Malformed::new(format!(
            "expected at most {MAX_INSERTED} inserted chunks, found {inserted}"
        )));
    }
    let numbers = [("hunks", hunks.len(), script::MAX_HUNKS), ("frames", frames, MAX_FRAMES)];
    match numbers.into_iter().find(|(_, found, max)| found > max) {
        Some((what, found, max)) => {
            Err(Malformed::new(format!("expected at most {max} {what}, found {found}")))
        }
        None => Ok(()),
    }
}

/// The lengths of just so many chunks, none of which is empty.
fn lengths(bytes: &[u8], chunks: u64) -> Result<Vec<u64>, Malformed> {
    let mut cursor = Cursor::new(bytes);
    let mut lengths = Vec::new();
    while cursor.remaining() > 0 {
        if lengths.len() as u64 == chunks.min(MAX_INSERTED) {
            return Err(Malformed::new(format!("expected lengths of {chunks} chunks, found more")));
        }
        match cursor.number_upto(frame::MAX_TEXT as u64)? {
            0 => return Err(Malformed::new("expected lengths of at least one byte, found 0")),
            len => lengths.push(len),
        }
    }
    match lengths.len() as u64 {
        found if found == chunks => Ok(lengths),
        found => Err(Malformed::new(format!("expected lengths of {chunks} chunks, found {found}"))),
    }
}

/// The frames, to the end of the payload. The last one has what the others left.
fn frames<'a>(cursor: &mut Cursor<'a>, hunks: usize, with_ids: bool) -> Result<Vec<Frame<'a>>, Malformed> {
    let number = |cursor: &mut Cursor<'a>, most: usize| -> Result<usize, Malformed> {
        usize::try_from(cursor.number_upto(most as u64)?).map_err(|e| Malformed::new(e.to_string()))
    };
    let count = number(cursor, hunks.min(MAX_FRAMES))?;
    let mut sizes = Vec::new();
    let mut left = hunks;
    for after in (1..count).rev() {
        // One hunk at least for each of those that come after.
        let hunks = number(cursor, left - after)?;
        if hunks == 0 {
            return Err(Malformed::new("expected a frame of at least one hunk, found none"));
        }
        left -= hunks;
        sizes.push((hunks, cursor.count(1)?));
    }
    let mut ids = Vec::new();
    for _ in 0..if with_ids { count } else { 0 } {
        let first = number(cursor, MAX_IDS)?;
        ids.push(first..first + number(cursor, MAX_IDS)?);
    }
    let mut ids = ids.into_iter().chain(std::iter::repeat(0..0));
    let mut frames = Vec::with_capacity(count);
    let mut first = 0;
    for ((hunks, len), ids) in sizes.into_iter().zip(&mut ids) {
        frames.push(Frame { hunks: first..first + hunks, ids, bytes: cursor.take(len)? });
        first += hunks;
    }
    let rest = cursor.take(cursor.remaining())?;
    if let Some(ids) = ids.next().filter(|_| count > 0) {
        frames.push(Frame { hunks: first..hunks, ids, bytes: rest });
    } else if !rest.is_empty() {
        return Err(Malformed::new(format!("expected the end of the step, found {} more bytes", rest.len())));
    }
    Ok(frames)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample(cut: Cut, context: u64) -> Vec<u8> {
        let hunks = vec![
            Hunk { copy: 3, delete: 1, insert: 1 },
            Hunk { copy: 0, delete: 2, insert: 0 },
            Hunk { copy: 700, delete: 4, insert: 9 },
        ];
        let frames = vec![
            Frame { hunks: 0..2, ids: 0..3, bytes: b"abc" },
            Frame { hunks: 2..3, ids: 2..4, bytes: b"defg" },
        ];
        let payload = Payload { hunks, context, cut, frames };
        let bytes = payload.write().unwrap();
        assert_eq!(Payload::read(&bytes).unwrap(), payload);
        bytes
    }

    #[test]
    fn payloads_come_back() {
        sample(Cut::Markers, 0);
        sample(Cut::MarkersAndFooter, 2);
        sample(Cut::Lengths(vec![500; 10]), 0);
        let nothing = Payload { hunks: vec![], context: 0, cut: Cut::Markers, frames: vec![] };
        assert_eq!(nothing.write().unwrap(), [0, 0, 0]);
        assert_eq!(Payload::read(&[0, 0, 0]).unwrap(), nothing);
    }

    #[test]
    fn what_no_reader_takes_is_not_written() {
        let written = |hunks: Vec<Hunk>| {
            let frames = vec![Frame { hunks: 0..hunks.len(), ids: 0..0, bytes: b"x" }];
            Payload { hunks, context: 0, cut: Cut::Markers, frames }.write().map(|bytes| bytes.len())
        };
        let one = Hunk { copy: 1, delete: 1, insert: 1 };
        assert!(written(vec![one; script::MAX_HUNKS]).is_ok());
        let refusal = written(vec![one; script::MAX_HUNKS + 1]).unwrap_err().to_string();
        assert_eq!(refusal, "expected at most 262144 hunks, found 262145");
        let refusal = written(vec![Hunk { insert: MAX_INSERTED + 1, ..one }]).unwrap_err().to_string();
        assert_eq!(refusal, "expected at most 2097152 inserted chunks, found 2097153");
    }

    #[test]
    fn unknown_flags_are_refused() {
        let mut bytes = sample(Cut::Markers, 0);
        bytes[0] |= 0x20;
        let refusal = Payload::read(&bytes).unwrap_err().to_string();
        assert_eq!(refusal, "expected flags among 0x1f, found 0x30");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Payload::read(&bytes);
        }
    }
}
