//! The head of a journal (format 2, "The head"): which types and publishes it serves, and
//! where in the file the tables and parts are that each of them needs. No step is looked at.

use std::fmt;
use std::io::{self, Read};
use std::ops::Range;

use super::JournalError;
use super::table::{DIGEST, Entry, MAX_PART, MAX_TABLE, ShortDigest};
use crate::varint::{self, Cursor, Malformed};

/// What a journal begins with; the last byte is the version.
pub(super) const MAGIC: [u8; 5] = *b"CRDJ\x02";
/// How many of those bytes are the same in every version.
const ANY_VERSION: usize = 4;
/// Bytes of a generation's identifier.
const ID: usize = 4;
/// Most types, and most bytes of the name of one.
pub(super) const MAX_TYPES: u64 = 64;
const MAX_NAME: u64 = 64;
/// Most runs; most steps, and most entries of steps, of all of them together.
const MAX_RUNS: u64 = 64;
const MAX_STEPS: usize = 1 << 16;
const MAX_ENTRIES: usize = 1 << 20;

/// Most bytes that a head can have: what may be fetched before it is known.
pub const MAX_HEAD: usize = 1 << 20;

/// Which generation of a type: the first four bytes of the SHA-256 of its open content. Shown as hexadecimal
/// digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GenerationId([u8; ID]);

impl GenerationId {
    /// From the SHA-256 of the open content.
    #[must_use]
    pub fn from_sha256(open_sha256: &[u8; 32]) -> Self {
        let [a, b, c, d, ..] = *open_sha256;
        Self([a, b, c, d])
    }

    /// From the four bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; ID]) -> Self {
        Self(bytes)
    }

    /// The four bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; ID] {
        &self.0
    }
}

impl fmt::Display for GenerationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// What the head says of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// The sequence number of the publish that it leads from.
    pub(super) sequence: u64,
    /// Bytes of its table.
    pub(super) table: u64,
    /// One for each type, with the generation that the part leads from.
    pub(super) entries: Vec<Entry<GenerationId>>,
}

impl Step {
    /// Bytes of its table and parts.
    pub(super) fn len(&self) -> u64 {
        self.table + self.entries.iter().map(Entry::len).sum::<u64>()
    }
}

/// Steps of which the first leads to the newest publish, each further one to where the one before it
/// leads from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Of the table of its first step.
    pub(super) digest: ShortDigest,
    pub(super) steps: Vec<Step>,
    /// How many steps each group has; together all.
    pub(super) groups: Vec<usize>,
}

/// Where a step is in the file, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) table: Range<u64>,
    /// One for each type; empty where there is no part.
    pub(super) parts: Vec<Range<u64>>,
}

impl Run {
    /// Its bytes.
    fn len(&self) -> u64 {
        self.steps.iter().map(Step::len).sum()
    }

    /// Where its steps are, if it begins at `start`. A group has the tables of its steps, then the parts of
    /// all of them type by type.
    pub(super) fn places(&self, start: u64) -> Vec<Place> {
        let (mut places, mut at) = (Vec::with_capacity(self.steps.len()), start);
        let mut take = |len: u64| {
            let range = at..at + len;
            at = range.end;
            range
        };
        let mut steps = self.steps.as_slice();
        for group in &self.groups {
            let (here, rest) = steps.split_at((*group).min(steps.len()));
            let first = places.len();
            places.extend(here.iter().map(|step| Place { table: take(step.table), parts: Vec::new() }));
            for data_type in 0..here.first().map_or(0, |step| step.entries.len()) {
                for (place, step) in places[first..].iter_mut().zip(here) {
                    place.parts.push(take(step.entries[data_type].len()));
                }
            }
            steps = rest;
        }
        places
    }
}

/// The head of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub(super) types: Vec<String>,
    pub(super) sequence: u64,
    pub(super) runs: Vec<Run>,
    /// Its own bytes.
    pub(super) len: u64,
}

impl Head {
    /// With these types and runs; none of them is empty.
    pub(super) fn new(types: Vec<String>, sequence: u64, runs: Vec<Run>) -> Self {
        let mut head = Self { types, sequence, runs, len: 0 };
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

    /// The metadata types, in the order in which parts have them.
    #[must_use]
    pub fn types(&self) -> &[String] {
        &self.types
    }

    /// The sequence number of the publish that all runs lead to.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The bytes of this head.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.push(0);
        varint::put(&mut out, self.types.len() as u64);
        self.types.iter().for_each(|name| varint::put_bytes(&mut out, name.as_bytes()));
        varint::put(&mut out, self.sequence);
        varint::put(&mut out, self.runs.len() as u64);
        let mut before: &[Step] = &[];
        for run in &self.runs {
            let shared = shared(before, &run.steps);
            varint::put(&mut out, shared as u64);
            varint::put(&mut out, (run.steps.len() - shared) as u64);
            out.extend_from_slice(&run.digest);
            varint::put(&mut out, run.groups.len() as u64);
            for steps in run.groups.split_last().map_or(&[][..], |(_, but_last)| but_last) {
                varint::put(&mut out, *steps as u64);
            }
            let mut to = shared.checked_sub(1).map_or(self.sequence, |last| run.steps[last].sequence);
            for step in &run.steps[shared..] {
                varint::put(&mut out, to.saturating_sub(step.sequence));
                varint::put(&mut out, step.table);
                to = step.sequence;
                for entry in &step.entries {
                    varint::put(&mut out, entry.number());
                    if let Entry::Part(_, from) = entry {
                        out.extend_from_slice(&from.0);
                    }
                }
            }
            before = &run.steps;
        }
        out
    }

    /// Reads a head: just the bytes that repomd.xml says it has, verified by the digest that is there.
    ///
    /// # Errors
    /// [`JournalError::Head`] with the offset where it is malformed, or of another version, or has a flag
    /// that is not known.
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

    /// Reads the head at the beginning of a journal that is at hand as a file, of which nothing is known:
    /// its first [`MAX_HEAD`] bytes, or all that it has.
    ///
    /// # Errors
    /// As [`read`](Self::read), but that something follows is none.
    pub fn of_file(bytes: &[u8]) -> Result<Self, JournalError> {
        let mut cursor = Cursor::new(&bytes[..bytes.len().min(MAX_HEAD)]);
        let head = read(&mut cursor);
        let len = cursor.offset() as u64;
        let (types, sequence, runs) =
            head.map_err(|what| JournalError::Head { offset: len, what: what.to_string() })?;
        Ok(Self { types, sequence, runs, len })
    }

    /// The runs, each with where it begins in the file.
    pub(super) fn placed_runs(&self) -> impl Iterator<Item = (&Run, u64)> {
        self.runs.iter().scan(self.len, |next, run| {
            let start = *next;
            *next += run.len();
            Some((run, start))
        })
    }

    /// Bytes of the whole journal.
    #[must_use]
    pub fn file_len(&self) -> u64 {
        self.len + self.runs.iter().map(Run::len).sum::<u64>()
    }

    /// How many runs there are.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.runs.len()
    }
}

/// Whether the bytes of `file`, read from its start, are a journal's, of whatever version.
///
/// # Errors
/// When the file cannot be read.
pub fn is_journal(file: impl Read) -> io::Result<bool> {
    let mut start = Vec::new();
    file.take(ANY_VERSION as u64).read_to_end(&mut start)?;
    Ok(start == MAGIC[..ANY_VERSION])
}

/// How many steps two runs have in common at their beginnings.
fn shared(before: &[Step], steps: &[Step]) -> usize {
    before.iter().zip(steps).take_while(|(a, b)| a == b).count()
}

fn read(cursor: &mut Cursor<'_>) -> Result<(Vec<String>, u64, Vec<Run>), Malformed> {
    let magic = cursor.array()?;
    if magic != MAGIC {
        let (expected, found) = (MAGIC.escape_ascii(), magic.escape_ascii());
        return Err(Malformed::new(format!("expected a journal, `{expected}`, found `{found}`")));
    }
    let [flags] = cursor.array()?;
    if flags != 0 {
        return Err(Malformed::new(format!("expected no flags, found {flags:#04x}")));
    }
    let mut types: Vec<String> = Vec::new();
    for _ in 0..cursor.number_upto(MAX_TYPES)? {
        let name = name(cursor)?;
        if types.contains(&name) {
            return Err(Malformed::new(format!("expected each type once, found `{name}` again")));
        }
        types.push(name);
    }
    let sequence = cursor.number()?;
    let mut runs: Vec<Run> = Vec::new();
    let mut most = MAX_STEPS.min(MAX_ENTRIES / types.len().max(1));
    for _ in 0..cursor.number_upto(MAX_RUNS)? {
        let before = runs.last().map(|run| run.steps.as_slice()).unwrap_or_default();
        let run = run(cursor, before, types.len(), sequence, most)?;
        most -= run.steps.len();
        runs.push(run);
    }
    Ok((types, sequence, runs))
}

/// The name of a type: letters, digits, `-`, `_`, `.` and `+`.
fn name(cursor: &mut Cursor<'_>) -> Result<String, Malformed> {
    let len = cursor.number_upto(MAX_NAME)?;
    let name = cursor.take(usize::try_from(len).unwrap_or(usize::MAX))?;
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.+".contains(byte);
    match std::str::from_utf8(name) {
        Ok(name) if !name.is_empty() && name.bytes().all(|byte| is_plain(&byte)) => Ok(name.to_owned()),
        _ => Err(Malformed::new(format!("expected the name of a type, found `{}`", name.escape_ascii()))),
    }
}

/// A run of at most `most` steps.
fn run(
    cursor: &mut Cursor<'_>,
    before: &[Step],
    types: usize,
    sequence: u64,
    most: usize,
) -> Result<Run, Malformed> {
    let shared = number(cursor, before.len())?;
    let own = cursor.count(2 + types)?;
    let digest = cursor.array::<DIGEST>()?;
    let total = shared + own;
    if total == 0 {
        return Err(Malformed::new("expected a run with steps, found an empty one"));
    }
    if total > most {
        return Err(Malformed::new(format!("expected at most {most} further steps, found {total}")));
    }
    let groups = groups(cursor, total)?;
    let mut steps = before[..shared].to_vec();
    let mut to = steps.last().map_or(sequence, |step| step.sequence);
    for _ in 0..own {
        let distance = cursor.number_upto(to)?;
        if distance == 0 {
            return Err(Malformed::new("expected a step from an earlier publish, found one from the same"));
        }
        to -= distance;
        let table = cursor.number_upto(MAX_TABLE)?;
        let mut entries = Vec::with_capacity(types);
        for _ in 0..types {
            let number = cursor.number_upto(MAX_PART)?;
            entries.push(Entry::read(number, || Ok(GenerationId(cursor.array()?)))?);
        }
        steps.push(Step { sequence: to, table, entries });
    }
    Ok(Run { digest, steps, groups })
}

/// How many of so many steps each group has. The last one has what the others left.
fn groups(cursor: &mut Cursor<'_>, steps: usize) -> Result<Vec<usize>, Malformed> {
    let count = number(cursor, steps)?;
    if count == 0 {
        return Err(Malformed::new("expected steps in groups, found no group"));
    }
    let (mut groups, mut left) = (Vec::new(), steps);
    for after in (1..count).rev() {
        // One step at least for each of those that come after.
        let group = number(cursor, left - after)?;
        if group == 0 {
            return Err(Malformed::new("expected a group of at least one step, found none"));
        }
        left -= group;
        groups.push(group);
    }
    groups.push(left);
    Ok(groups)
}

fn number(cursor: &mut Cursor<'_>, max: usize) -> Result<usize, Malformed> {
    usize::try_from(cursor.number_upto(max as u64)?).map_err(|e| Malformed::new(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(len: u64, byte: u8) -> Entry<GenerationId> {
        Entry::Part(len, GenerationId([byte; 4]))
    }

    fn step(sequence: u64, table: u64, entries: Vec<Entry<GenerationId>>) -> Step {
        Step { sequence, table, entries }
    }

    pub(crate) fn head() -> Head {
        let newest = step(8, 40, vec![part(100, 1), part(200, 2)]);
        let chain = vec![
            newest.clone(),
            step(7, 41, vec![Entry::Unchanged, part(30, 3)]),
            step(4, 42, vec![part(50, 4), Entry::Missing]),
        ];
        let anchored = vec![newest, step(3, 43, vec![part(70, 5), part(80, 6)])];
        let runs = vec![
            Run { digest: [1; 16], steps: chain, groups: vec![1, 2] },
            Run { digest: [2; 16], steps: anchored, groups: vec![2] },
        ];
        Head::new(vec!["primary".into(), "other".into()], 9, runs)
    }

    #[test]
    fn written_and_read() {
        let bytes = head().write();
        assert_eq!(Head::read(&bytes).expect("a head"), head());
        for cut in 0..bytes.len() {
            assert!(Head::read(&bytes[..cut]).is_err(), "{cut} bytes");
        }
        assert!(Head::read(&[bytes.as_slice(), b"x"].concat()).is_err());
        assert_eq!(Head::of_file(&[bytes.as_slice(), b"x"].concat()).expect("a head"), head());
    }

    #[test]
    fn a_group_has_its_tables_first_and_then_its_parts_by_type() {
        let head = head();
        let places: Vec<_> = head.placed_runs().map(|(run, start)| run.places(start)).collect();
        let start = head.len();
        let at = |from: u64, to: u64| start + from..start + to;
        assert_eq!(places[0][0], Place { table: at(0, 40), parts: vec![at(40, 140), at(140, 340)] });
        assert_eq!(places[0][1], Place { table: at(340, 381), parts: vec![at(423, 423), at(473, 503)] });
        assert_eq!(places[0][2], Place { table: at(381, 423), parts: vec![at(423, 473), at(503, 503)] });
        assert_eq!(places[1][0].table, at(503, 543));
        assert_eq!(head.file_len(), places[1][1].parts[1].end);
    }
}
