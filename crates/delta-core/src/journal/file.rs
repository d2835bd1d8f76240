//! A journal as a whole: writing it from parts (format 2, "The file").

use std::sync::Arc;

use super::JournalError;
use super::head::{self, GenerationId, Head, Run, Step};
use super::ids::Ids;
use super::reading::Newest;
use super::table::{Entry, ShortDigest, Table, digest};

/// Steps at the beginning of a run stand one by one up to so many bytes; those after them are a group,
/// sorted by type, so that who wants one type does not read the others.
const ONE_BY_ONE: u64 = 64 << 10;
/// Most steps of which repomd.xml tells the bytes.
const MOST_TOLD: usize = 7;

/// A step as it goes into a journal.
#[derive(Clone, Debug)]
pub struct JournalStep<'a> {
    /// The sequence number of the publish that it leads from.
    pub sequence: u64,
    /// The identifiers that its parts share.
    pub ids: Arc<Ids>,
    /// One for each type.
    pub parts: Vec<JournalPart<'a>>,
}

/// What a step has of one type.
#[derive(Clone, Copy, Debug)]
pub enum JournalPart<'a> {
    /// The type is the same on both sides, or on neither.
    Unchanged,
    /// The step does not lead from one content of the type to the other.
    Missing,
    /// A part.
    Part {
        /// The generation that it leads from.
        from: GenerationId,
        /// Its payload.
        payload: &'a [u8],
    },
}

impl JournalPart<'_> {
    fn entry<T>(&self, of: impl FnOnce(GenerationId, &[u8]) -> T) -> Entry<T> {
        match self {
            Self::Unchanged => Entry::Unchanged,
            Self::Missing => Entry::Missing,
            Self::Part { from, payload } => Entry::Part(payload.len() as u64, of(*from, payload)),
        }
    }

    fn payload(&self) -> &[u8] {
        if let Self::Part { payload, .. } = self { payload } else { &[] }
    }
}

/// A journal in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Journal {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many of its bytes are the head.
    pub head_len: usize,
    /// What repomd.xml tells of the newest steps; nothing in a journal without runs.
    pub newest: Option<Newest>,
}

impl Journal {
    /// The journal in these bytes, of which [`write_journal`] made all: what repomd.xml tells of it is found out
    /// again.
    ///
    /// # Errors
    /// [`JournalError::Head`], also where the file has not the bytes that the head tells.
    pub fn of_file(bytes: Vec<u8>) -> Result<Self, JournalError> {
        let head = Head::of_file(&bytes)?;
        if head.file_len() != bytes.len() as u64 {
            let what = format!("expected a file of {} bytes, found {}", head.file_len(), bytes.len());
            return Err(JournalError::Head { offset: head.len, what });
        }
        let (head_len, newest) = (usize::try_from(head.len).unwrap_or(usize::MAX), head.newest());
        Ok(Self { bytes, head_len, newest })
    }
}

/// Writes a journal for these types of these runs, all of which lead to the publish with the number
/// `sequence`: in each run the first step leads there, each further one to where the one before it leads
/// from.
///
/// # Errors
/// [`JournalError::Unfit`] when there are more types, runs, steps or bytes than a head can tell, a run
/// without steps, or sequence numbers that do not fall.
pub fn write_journal(
    types: &[&str],
    sequence: u64,
    runs: &[Vec<JournalStep<'_>>],
) -> Result<Journal, JournalError> {
    let unfit = |what: String| JournalError::Unfit { what };
    let mut bodies = Vec::new();
    let mut told = Vec::new();
    for steps in runs {
        if steps.iter().any(|step| step.parts.len() != types.len()) {
            return Err(unfit(format!("expected steps with an entry for each of {} types", types.len())));
        }
        let (digest, tables) = chained(steps);
        let run = Run { digest, steps: entries(steps, &tables), groups: groups(steps, &tables) };
        bodies.push(body(steps, &tables, &run));
        told.push(run);
    }
    let head = Head::new(types.iter().map(|name| (*name).to_owned()).collect(), sequence, told);
    let mut bytes = head.write();
    let head_len = bytes.len();
    if head_len > head::MAX_HEAD || Head::read(&bytes).map_err(|error| unfit(error.to_string()))? != head {
        return Err(unfit(format!("expected runs that a head can tell, found {} of them", runs.len())));
    }
    bytes.extend(bodies.concat());
    let newest = head.newest();
    Ok(Journal { bytes, head_len, newest })
}

/// The tables of a run, each but the last with the digest of the next; and the digest of the first.
fn chained(steps: &[JournalStep<'_>]) -> (ShortDigest, Vec<Vec<u8>>) {
    let mut link: Option<ShortDigest> = None;
    let mut tables = Vec::with_capacity(steps.len());
    for step in steps.iter().rev() {
        let entries = step.parts.iter().map(|part| part.entry(|_, payload| digest(payload))).collect();
        let table = Table { link, entries, ids: step.ids.clone() }.write();
        link = Some(digest(&table));
        tables.push(table);
    }
    tables.reverse();
    (link.unwrap_or_default(), tables)
}

fn entries(steps: &[JournalStep<'_>], tables: &[Vec<u8>]) -> Vec<Step> {
    let step = |(step, table): (&JournalStep<'_>, &Vec<u8>)| Step {
        sequence: step.sequence,
        table: table.len() as u64,
        entries: step.parts.iter().map(|part| part.entry(|from, _| from)).collect(),
    };
    steps.iter().zip(tables).map(step).collect()
}

/// How many steps stand beside each other.
fn groups(steps: &[JournalStep<'_>], tables: &[Vec<u8>]) -> Vec<usize> {
    let mut groups = Vec::new();
    let mut bytes = 0;
    for (step, table) in steps.iter().zip(tables) {
        bytes += table.len() as u64 + step.parts.iter().map(|part| part.payload().len() as u64).sum::<u64>();
        if bytes > ONE_BY_ONE && !groups.is_empty() {
            break;
        }
        groups.push(1);
    }
    let left = steps.len() - groups.len();
    groups.extend((left > 0).then_some(left));
    groups
}

fn body(steps: &[JournalStep<'_>], tables: &[Vec<u8>], run: &Run) -> Vec<u8> {
    let mut body = Vec::new();
    let mut first = 0;
    for group in &run.groups {
        let here = first..first + group;
        tables[here.clone()].iter().for_each(|table| body.extend_from_slice(table));
        for data_type in 0..steps[first].parts.len() {
            steps[here.clone()]
                .iter()
                .for_each(|step| body.extend_from_slice(step.parts[data_type].payload()));
        }
        first = here.end;
    }
    body
}

impl Head {
    /// What repomd.xml tells of the newest steps: as many as stand one by one, at most 8, and after the
    /// first only those that lead all types on.
    fn newest(&self) -> Option<Newest> {
        let run = self.runs.first()?;
        let first = run.steps.first().filter(|step| step.sequence + 1 == self.sequence)?;
        let single = run.groups.iter().take_while(|group| **group == 1).count();
        let follow = run.steps.windows(2).take_while(|pair| pair[1].sequence + 1 == pair[0].sequence).count();
        let whole =
            run.steps.iter().skip(1).take_while(|step| !step.entries.contains(&Entry::Missing)).count();
        let told = single.min(follow + 1).min(whole + 1).min(MOST_TOLD);
        let parts = first.entries.iter().map(Entry::number).collect();
        let newest = Newest::new(self.len, run.digest, first.table, parts);
        Some(newest.with_further(run.steps[..told].iter().skip(1).map(Step::len).collect()))
    }
}
