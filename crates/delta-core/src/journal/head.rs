//! The head of a journal (`docs/format-2.md`, "The head"): which generations it
//! serves, and which bytes each of them needs. No step is looked at.

use std::io::{self, Read};
use std::ops::Range;

use super::JournalError;
use crate::varint::{self, Cursor, Malformed};

/// What a journal begins with; the last byte is the version.
pub(super) const MAGIC: [u8; 5] = *b"CRDJ\x02";
/// How many of those bytes are the same in every version.
const ANY_VERSION: usize = 4;
/// Bytes of a link, and of the digest of a run's first step.
pub(super) const LINK: usize = 16;
/// Bytes of a generation's identifier.
const ID: usize = 4;
/// Most runs, and most steps of all of them together.
const MAX_RUNS: u64 = 64;
const MAX_STEPS: usize = 1 << 16;
/// Most bytes of a payload.
const MAX_PAYLOAD: u64 = 1 << 30;

/// Most bytes that a head can have: what may be fetched before it is known.
pub const MAX_HEAD: usize = 1 << 20;

/// Which generation: the first four bytes of the SHA-256 of its open content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GenerationId([u8; ID]);

impl GenerationId {
    /// From the SHA-256 of the open content.
    #[must_use]
    pub fn from_sha256(open_sha256: &[u8; 32]) -> Self {
        let [a, b, c, d, ..] = *open_sha256;
        Self([a, b, c, d])
    }

    /// The four bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }
}

/// What the head says of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The generation that it leads from.
    pub(super) id: GenerationId,
    /// Bytes of its payload.
    pub(super) len: u64,
}

/// Steps that follow one another in the file: the first leads to the target,
/// each further one to where the one before it leads from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Of its first step.
    pub(super) digest: [u8; LINK],
    pub(super) entries: Vec<Entry>,
}

/// The head of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub(super) runs: Vec<Run>,
    /// Its own bytes.
    len: u64,
}

/// What a holder of one generation reads of a journal, beside the head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The number of the run in the file.
    pub(super) run: usize,
    /// How many of the run's steps.
    pub(super) steps: usize,
    /// Where they are in the file, in bytes.
    range: Range<u64>,
}

impl Way {
    /// The bytes of the file that hold the steps.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.range.clone()
    }

    /// How many steps there are to apply.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }
}

impl Head {
    /// With these runs; none of them is empty.
    pub(super) fn new(runs: Vec<Run>) -> Self {
        let mut head = Self { runs, len: 0 };
        head.len = head.write().len() as u64;
        head
    }

    /// Bytes of the head in the file.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Never: a head says at least what it is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The bytes of this head.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.push(0);
        varint::put(&mut out, self.runs.len() as u64);
        let mut before: &[Entry] = &[];
        for run in &self.runs {
            let shared = shared(before, &run.entries);
            varint::put(&mut out, shared as u64);
            varint::put(&mut out, (run.entries.len() - shared) as u64);
            out.extend_from_slice(&run.digest);
            for entry in &run.entries[shared..] {
                varint::put(&mut out, entry.len);
                out.extend_from_slice(&entry.id.0);
            }
            before = &run.entries;
        }
        out
    }

    /// Reads a head: just the bytes that repomd.xml says it has, verified by the
    /// digest that is there.
    ///
    /// # Errors
    /// [`JournalError::Head`] with the offset where it is malformed, or of
    /// another version, or has a flag that is not known.
    pub fn read(bytes: &[u8]) -> Result<Self, JournalError> {
        let head = Self::of_file(bytes)?;
        match bytes.len() as u64 - head.len {
            0 => Ok(head),
            more => {
                let what = format!("expected the end of the head, found {more} more bytes");
                Err(JournalError::Head { offset: head.len, what })
            }
        }
    }

    /// Reads the head at the beginning of a journal that is at hand as a file, of
    /// which nothing is known: its first [`MAX_HEAD`] bytes, or all that it has.
    ///
    /// # Errors
    /// As [`read`](Self::read), but that something follows is none.
    pub fn of_file(bytes: &[u8]) -> Result<Self, JournalError> {
        let mut cursor = Cursor::new(&bytes[..bytes.len().min(MAX_HEAD)]);
        let runs = runs(&mut cursor)
            .map_err(|what| JournalError::Head { offset: cursor.offset() as u64, what: what.to_string() })?;
        Ok(Self { runs, len: cursor.offset() as u64 })
    }

    /// The ways of the holder of a generation to the target, the one with the
    /// fewest bytes first; none where the generation is not served.
    #[must_use]
    pub fn ways(&self, from: GenerationId) -> Vec<Way> {
        let mut ways: Vec<Way> = self.all().filter(|(id, _)| *id == from).map(|(_, way)| way).collect();
        ways.sort_by_key(|way| way.range.end - way.range.start);
        ways
    }

    /// Every generation at every place where it is served, in the order of the
    /// file.
    pub fn all(&self) -> impl Iterator<Item = (GenerationId, Way)> + '_ {
        let mut start = self.len;
        let ways = move |(number, run): (usize, &Run)| {
            let first = start;
            let mut end = first;
            let last = run.entries.len() - 1;
            let ways: Vec<_> = run
                .entries
                .iter()
                .enumerate()
                .map(|(at, entry)| {
                    end += entry.len + if at == last { 0 } else { LINK as u64 };
                    (entry.id, Way { run: number, steps: at + 1, range: first..end })
                })
                .collect();
            start = end;
            ways
        };
        self.runs.iter().enumerate().flat_map(ways)
    }

    /// Bytes that a way costs: the head and its steps.
    #[must_use]
    pub fn reads(&self, way: &Way) -> u64 {
        self.len + way.range.end - way.range.start
    }

    /// Bytes of the whole journal.
    #[must_use]
    pub fn file_len(&self) -> u64 {
        self.all().last().map_or(self.len, |(_, way)| way.range.end)
    }

    /// How many runs there are.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.runs.len()
    }
}

/// Whether the bytes of `file`, read from its start, are a journal's, of whatever
/// version.
///
/// # Errors
/// When the file cannot be read.
pub fn is_journal(file: impl Read) -> io::Result<bool> {
    let mut start = Vec::new();
    file.take(ANY_VERSION as u64).read_to_end(&mut start)?;
    Ok(start == MAGIC[..ANY_VERSION])
}

/// How many steps two runs have in common at their beginnings.
fn shared(before: &[Entry], entries: &[Entry]) -> usize {
    before.iter().zip(entries).take_while(|(a, b)| a == b).count()
}

fn runs(cursor: &mut Cursor<'_>) -> Result<Vec<Run>, Malformed> {
    let magic = cursor.array()?;
    if magic != MAGIC {
        let (expected, found) = (MAGIC.escape_ascii(), magic.escape_ascii());
        return Err(Malformed::new(format!("expected a journal, `{expected}`, found `{found}`")));
    }
    let [flags] = cursor.array()?;
    if flags != 0 {
        return Err(Malformed::new(format!("expected no flags, found {flags:#04x}")));
    }
    let mut runs: Vec<Run> = Vec::new();
    let mut steps = 0;
    for _ in 0..cursor.number_upto(MAX_RUNS)? {
        let before = runs.last().map(|run| run.entries.as_slice()).unwrap_or_default();
        let shared = cursor.number_upto(before.len() as u64)?;
        let mut entries: Vec<Entry> = before.iter().zip(0..shared).map(|(entry, _)| *entry).collect();
        let own = cursor.count(1 + ID)?;
        let digest = cursor.array()?;
        for _ in 0..own {
            let len = cursor.number_upto(MAX_PAYLOAD)?;
            entries.push(Entry { id: GenerationId(cursor.array()?), len });
        }
        steps += entries.len();
        if entries.is_empty() {
            return Err(Malformed::new("expected a run with steps, found an empty one"));
        }
        if steps > MAX_STEPS {
            return Err(Malformed::new(format!("expected at most {MAX_STEPS} steps, found more")));
        }
        runs.push(Run { digest, entries });
    }
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(id: u8, len: u64) -> Entry {
        Entry { id: GenerationId([id; 4]), len }
    }

    fn sample() -> Head {
        let first = vec![entry(1, 100), entry(2, 200), entry(3, 300)];
        let second = vec![entry(1, 100), entry(4, 450), entry(5, 20_000)];
        Head::new(vec![Run { digest: [7; 16], entries: first }, Run { digest: [8; 16], entries: second }])
    }

    #[test]
    fn a_head_comes_back() {
        let head = sample();
        let bytes = head.write();
        assert_eq!(Head::read(&bytes).unwrap(), head);
        assert_eq!(head.len(), bytes.len() as u64);
        // Magic, flags, count; two runs; five steps, of which one is shared.
        assert_eq!(bytes.len(), 7 + 2 * 18 + (1 + 2 + 2 + 2 + 3) + 5 * 4);
    }

    #[test]
    fn ways_are_ranges_of_the_file() {
        let head = sample();
        let base = head.len();
        let way = |id: u8| head.ways(GenerationId([id; 4])).first().map(|way| (way.range(), way.steps()));
        assert_eq!(way(1), Some((base..base + 116, 1)));
        assert_eq!(way(3), Some((base..base + 632, 3)));
        let second = base + 632;
        assert_eq!(way(4), Some((second..second + 582, 2)));
        assert_eq!(way(5), Some((second..second + 20_582, 3)));
        assert_eq!(way(6), None);
        assert_eq!(head.file_len(), second + 20_582);
        assert_eq!(head.ways(GenerationId([1; 4])).len(), 2);
    }

    #[test]
    fn truncated_heads_and_unknown_flags_are_refused() {
        let bytes = sample().write();
        for len in 0..bytes.len() {
            assert!(Head::read(&bytes[..len]).is_err(), "{len}");
        }
        let mut flagged = bytes.clone();
        flagged[5] = 1;
        let refusal = Head::read(&flagged).unwrap_err().to_string();
        assert!(refusal.contains("expected no flags, found 0x01"), "{refusal}");
        let mut later = bytes;
        later[4] = 3;
        assert!(Head::read(&later).unwrap_err().to_string().contains("CRDJ"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..120)) {
            let mut bytes = MAGIC.to_vec();
            bytes.push(0);
            bytes.extend(body);
            if let Ok(head) = Head::read(&bytes) {
                let _ = head.file_len();
            }
        }
    }
}
