//! What a client reads of a journal (format 2, "Reading" and "Verification"): which
//! bytes of the file, and, once they are there, the parts in them, verified before anybody opens them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::JournalError;
use super::head::{GenerationId, Head, Place, Run};
use super::ids::Ids;
use super::table::{Entry, ShortDigest, Table, digest};

/// One part of a step: a payload, and the identifiers that its dictionaries may begin with.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// Those of its step.
    pub ids: Arc<Ids>,
    /// The payload (format 2, "Payloads").
    pub payload: &'a [u8],
}

/// What repomd.xml says of the newest steps: enough to ask for just their bytes without the head.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Newest {
    /// Where the first table begins: the bytes of the head.
    pub start: u64,
    /// The first 16 bytes of the SHA-256 over that table.
    pub digest: [u8; 16],
    /// Bytes of the first table.
    pub table: u64,
    /// Bytes of each part of the first step, one for each type; 0 and 1 as in tables.
    pub parts: Vec<u64>,
    /// Bytes of each further step, as far as they follow one another in the file and in sequence.
    pub further: Vec<u64>,
}

impl Newest {
    /// With the bytes of the first step only.
    #[must_use]
    pub fn new(start: u64, digest: [u8; 16], table: u64, parts: Vec<u64>) -> Self {
        Self { start, digest, table, parts, further: Vec::new() }
    }

    /// With further steps.
    #[must_use]
    pub fn with_further(mut self, further: Vec<u64>) -> Self {
        self.further = further;
        self
    }

    /// How many steps are told.
    #[must_use]
    pub fn steps(&self) -> usize {
        1 + self.further.len()
    }

    fn part_lens(&self) -> impl Iterator<Item = u64> + '_ {
        self.parts.iter().map(|number| if *number < 2 { 0 } else { *number })
    }

    /// What the holder of the publish `steps` publishes ago reads for the types `wanted`, numbers in the
    /// order of the journal; nothing where so many steps are not told, or one of those types is not led on
    /// from there, as far as is told.
    #[must_use]
    pub fn reading(&self, wanted: &[usize], steps: usize) -> Option<Reading> {
        let more = self.further.get(..steps.checked_sub(1)?)?;
        if wanted.iter().any(|nth| self.parts.get(*nth).is_none_or(|number| *number == 1)) {
            return None;
        }
        let mut at = self.start;
        let mut ranges = Vec::new();
        let lens = std::iter::once(self.table).chain(self.part_lens()).chain(more.iter().copied());
        for (nth, len) in lens.enumerate() {
            let end = at.checked_add(len)?;
            // Of the last step that is read only the parts that are wanted, of others everything.
            if !more.is_empty() || nth == 0 || wanted.contains(&(nth - 1)) {
                ranges.push(at..end);
            }
            at = end;
        }
        let wanted = wanted.iter().map(|nth| (*nth, steps)).collect();
        let places = Places::Following(self.start);
        Some(Reading { digest: self.digest, types: self.parts.len(), wanted, places, ranges })
    }
}

/// Where the tables and parts of a reading are.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Places {
    /// Told by the head.
    Told(Vec<Place>),
    /// Step after step from here, each its table and then its parts.
    Following(u64),
}

/// What is read over between two ranges rather than asked for apart, in bytes: about what a further request
/// costs.
pub const GAP: u64 = 16 << 10;

/// The parts of one type in one run, as far as they lead on without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chain {
    /// The number of the run in the file.
    pub run: usize,
    /// The number of the type in the head.
    pub data_type: usize,
    /// The generations that the parts lead from, newest first: at least one.
    pub from: Vec<GenerationId>,
    /// What the holder of the last of them reads by this run.
    pub reading: Reading,
    /// How many steps there are to each of those generations.
    steps: Vec<usize>,
}

impl Chain {
    /// What the holder of the `nth` of its generations reads by this run.
    #[must_use]
    pub fn reading_from(&self, nth: usize) -> Option<Reading> {
        let Places::Told(places) = &self.reading.places else { return None };
        let wanted = vec![(self.data_type, *self.steps.get(nth)?)];
        Some(Reading::told(self.reading.digest, places.clone(), wanted))
    }
}

/// A publish from which a journal leads to the newest one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServedPublish {
    /// Its sequence number.
    pub sequence: u64,
    /// The generations that its holders have of types that changed since: types by their number in the head,
    /// without those that the journal does not lead on from there.
    pub from: Vec<(usize, GenerationId)>,
}

/// What a client reads of a journal for some types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Of the first table.
    digest: ShortDigest,
    /// How many types the journal has.
    types: usize,
    /// The types, each with the number of steps that are looked at for it.
    wanted: Vec<(usize, usize)>,
    places: Places,
    /// Ascending; some may be empty.
    ranges: Vec<Range<u64>>,
}

impl Head {
    /// What the holder of these generations reads to have all of them led to the newest publish: types by
    /// their number in the head. By the run of the fewest bytes; nothing where no run serves all of them.
    /// Bytes between what is needed are read over where they are at most `gap`.
    #[must_use]
    pub fn reading(&self, bases: &[(usize, GenerationId)], gap: u64) -> Option<Reading> {
        let readings = self.placed_runs().filter_map(|(run, start)| {
            let depth = |(nth, from): &(usize, GenerationId)| Some((*nth, run.steps_from(*nth, *from)?));
            let wanted = bases.iter().map(depth).collect::<Option<Vec<_>>>()?;
            Some(Reading::told(run.digest, run.places(start), wanted))
        });
        readings.min_by_key(|reading| reading.bytes(gap))
    }

    /// Every type in every run in which it is led on from somewhere.
    #[must_use]
    pub fn chains(&self) -> Vec<Chain> {
        let mut chains = Vec::new();
        for (number, (run, start)) in self.placed_runs().enumerate() {
            let places = run.places(start);
            for data_type in 0..self.types.len() {
                let entries = run.steps.iter().map(|step| &step.entries[data_type]);
                let (mut from, mut steps) = (Vec::new(), Vec::new());
                for (at, entry) in entries.enumerate().take_while(|(_, entry)| **entry != Entry::Missing) {
                    if let Entry::Part(_, id) = entry {
                        from.push(*id);
                        steps.push(at + 1);
                    }
                }
                if let Some(most) = steps.last() {
                    let reading = Reading::told(run.digest, places.clone(), vec![(data_type, *most)]);
                    chains.push(Chain { run: number, data_type, from, reading, steps });
                }
            }
        }
        chains
    }

    /// The publishes from which steps lead, the youngest first, with the generations that they had.
    #[must_use]
    pub fn publishes(&self) -> Vec<ServedPublish> {
        let mut found: BTreeMap<u64, Vec<(usize, GenerationId)>> = BTreeMap::new();
        for run in &self.runs {
            let mut then: Vec<Entry<GenerationId>> = vec![Entry::Unchanged; self.types.len()];
            for step in &run.steps {
                for (then, entry) in then.iter_mut().zip(&step.entries) {
                    if *then != Entry::Missing && *entry != Entry::Unchanged {
                        *then = *entry;
                    }
                }
                let from = then.iter().enumerate().filter_map(|(nth, entry)| match entry {
                    Entry::Part(_, id) => Some((nth, *id)),
                    Entry::Unchanged | Entry::Missing => None,
                });
                found.entry(step.sequence).or_insert_with(|| from.collect());
            }
        }
        let publish = |(sequence, from)| ServedPublish { sequence, from };
        found.into_iter().rev().map(publish).collect()
    }
}

impl Run {
    /// How many of its steps lead from this generation of a type to the newest publish.
    fn steps_from(&self, data_type: usize, from: GenerationId) -> Option<usize> {
        for (at, step) in self.steps.iter().enumerate() {
            match step.entries.get(data_type)? {
                Entry::Missing => return None,
                Entry::Part(_, id) if *id == from => return Some(at + 1),
                Entry::Part(..) | Entry::Unchanged => {}
            }
        }
        None
    }
}

impl Reading {
    /// What is read for types by their numbers, each with the number of steps, of a run that begins with the
    /// table of this digest.
    fn told(digest: ShortDigest, mut places: Vec<Place>, wanted: Vec<(usize, usize)>) -> Self {
        let steps = wanted.iter().map(|(_, steps)| *steps).max().unwrap_or(0);
        let tables = places.iter().take(steps).map(|place| place.table.clone());
        let parts = wanted
            .iter()
            .flat_map(|(nth, steps)| places.iter().take(*steps).map(|place| place.parts[*nth].clone()));
        let mut ranges: Vec<Range<u64>> = tables.chain(parts).filter(|range| !range.is_empty()).collect();
        ranges.sort_by_key(|range| range.start);
        let types = places.first().map_or(0, |place| place.parts.len());
        // Those of other steps would only take memory.
        places.truncate(steps);
        Self { digest, types, wanted, places: Places::Told(places), ranges }
    }

    /// Bytes of the parts, without tables and what lies between; as far as they are told.
    #[must_use]
    pub fn part_bytes(&self) -> u64 {
        let Places::Told(places) = &self.places else { return 0 };
        let parts = self
            .wanted
            .iter()
            .flat_map(|(nth, steps)| places.iter().take(*steps).map(|place| &place.parts[*nth]));
        parts.map(|range| range.end - range.start).fold(0, u64::saturating_add)
    }

    /// The ranges of the file that hold it, ascending; what is at most `gap` bytes apart is one.
    #[must_use]
    pub fn ranges(&self, gap: u64) -> Vec<Range<u64>> {
        let mut joined: Vec<Range<u64>> = Vec::new();
        for range in self.ranges.iter().filter(|range| !range.is_empty()) {
            match joined.last_mut() {
                Some(last) if range.start <= last.end.saturating_add(gap) => {
                    last.end = last.end.max(range.end);
                }
                _ => joined.push(range.clone()),
            }
        }
        joined
    }

    /// Bytes of those ranges.
    #[must_use]
    pub fn bytes(&self, gap: u64) -> u64 {
        self.ranges(gap).iter().map(|range| range.end - range.start).sum()
    }

    /// The parts of each type in the order in which the types were asked for, newest first. `fetched` is
    /// what was fetched of the [`ranges`](Self::ranges); every table and part is verified before it is
    /// looked at.
    ///
    /// # Errors
    /// [`JournalError::Digest`] when a table or part is not the one that is meant,
    /// [`JournalError::Range`] when its bytes were not fetched, [`JournalError::Table`] when a verified table
    /// is malformed, has no link where one is needed, or does not lead a type on.
    pub fn parts<'a>(&self, fetched: &'a Fetched<'_>) -> Result<Vec<Vec<Part<'a>>>, JournalError> {
        let mut found: Vec<Vec<Part<'a>>> = vec![Vec::new(); self.wanted.len()];
        let steps = self.wanted.iter().map(|(_, steps)| *steps).max().unwrap_or(0);
        let mut expected = Some(self.digest);
        let mut following = 0;
        for step in 0..steps {
            let malformed = |what: String| JournalError::Table { step, what };
            let range = match &self.places {
                Places::Told(places) => places.get(step).map(|place| place.table.clone()).unwrap_or_default(),
                Places::Following(start) => {
                    let at = following.max(*start);
                    fetched.get(&(at..at.saturating_add(1)))?;
                    let extent =
                        Table::extent(fetched.from(at)).map_err(|what| malformed(what.to_string()))?;
                    at..at.saturating_add(extent)
                }
            };
            let bytes = fetched.get(&range)?;
            let link =
                expected.ok_or_else(|| malformed("expected a link to a further step, found none".into()))?;
            if digest(bytes) != link {
                return Err(JournalError::Digest { step, offset: range.start });
            }
            let table = Table::read(bytes, self.types).map_err(|what| malformed(what.to_string()))?;
            let parts = self.part_places(step, &table, range.end).map_err(malformed)?;
            following = parts.last().map_or(range.end, |range| range.end);
            for ((nth, steps), found) in self.wanted.iter().zip(&mut found) {
                let part = (table.entries.get(*nth)).zip(parts.get(*nth)).filter(|_| step < *steps);
                let Some((entry, place)) = part else { continue };
                match entry {
                    Entry::Unchanged => {}
                    Entry::Missing => {
                        return Err(malformed(format!("expected a part of type {nth}, found none")));
                    }
                    Entry::Part(_, expected) => {
                        let payload = fetched.get(place)?;
                        if digest(payload) != *expected {
                            return Err(JournalError::Digest { step, offset: place.start });
                        }
                        found.push(Part { ids: table.ids.clone(), payload });
                    }
                }
            }
            expected = table.link;
        }
        Ok(found)
    }

    /// Where the parts of a step are; refused where the head says something else of their lengths.
    fn part_places(&self, step: usize, table: &Table, end: u64) -> Result<Vec<Range<u64>>, String> {
        let lens = table.entries.iter().map(Entry::len);
        if let Places::Told(places) = &self.places {
            let parts = places.get(step).map(|place| place.parts.clone()).unwrap_or_default();
            return if lens.eq(parts.iter().map(|range| range.end - range.start)) {
                Ok(parts)
            } else {
                Err("expected parts of the lengths that its start tells, found others".into())
            };
        }
        let mut at = end;
        let place = |len: u64| {
            let range = at..at.saturating_add(len);
            at = range.end;
            range
        };
        Ok(lens.map(place).collect())
    }
}

/// Bytes of a journal that were fetched, or are held by somebody else.
#[derive(Clone, Debug, Default)]
pub struct Fetched<'b> {
    /// Where each begins.
    ranges: Vec<(u64, Cow<'b, [u8]>)>,
}

impl<'b> Fetched<'b> {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what stands at `start` in the file.
    pub fn add(&mut self, start: u64, bytes: impl Into<Cow<'b, [u8]>>) {
        self.ranges.push((start, bytes.into()));
    }

    /// What was fetched from `at` on.
    fn from(&self, at: u64) -> &[u8] {
        let found = self.ranges.iter().find_map(|(start, bytes)| {
            let skip = usize::try_from(at.checked_sub(*start)?).ok()?;
            bytes.get(skip..).filter(|rest| !rest.is_empty())
        });
        found.unwrap_or_default()
    }

    fn get(&self, range: &Range<u64>) -> Result<&[u8], JournalError> {
        let rest = self.from(range.start);
        let wanted = usize::try_from(range.end - range.start).ok().and_then(|len| rest.get(..len));
        wanted.ok_or_else(|| JournalError::Range {
            offset: range.start.saturating_add(rest.len() as u64),
            source: std::io::ErrorKind::UnexpectedEof.into(),
        })
    }
}
