//! Where a journal's steps come from: kept ones are taken as they are, others are encoded, within the
//! budget, and kept from then on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use delta_core::chunk::Symbol;
use delta_core::journal::{Ids, JournalError, JournalPart, JournalStep, PartEncoder, PartOptions};
use history::Track;
use history::anchors::Edge;
use history::steps::{KeptPart, KeptStep, StepKey, Steps};

use super::job::{Difference, JournalJob};
use crate::Error;
use crate::parallel::parallel_map;
use crate::progress::Step;

/// Text of up to so many bytes is compressed at the highest level that is worth it; more at a level that is
/// several times faster.
const SMALL_TEXT: u64 = 32 << 20;
const HIGH_LEVEL: i32 = 19;
const FAST_LEVEL: i32 = 15;
/// Which part of the budget, in eighths, ends the encoding of steps other than the newest. Those of older
/// publishes and anchors can wait for the next run; the newest cannot.
const OLDER_EIGHTHS: u64 = 3;
/// About what a table has beside identifiers: for the step, and for each part.
const TABLE: (u64, u64) = (24, 18);

/// The steps of one job.
pub(super) struct StepCache<'w> {
    job: &'w JournalJob<'w>,
    kept: Steps,
    /// Those that were asked for.
    steps: BTreeMap<StepKey, (KeptStep, Arc<Ids>)>,
    pub(super) encoded: usize,
    pub(super) anchors: usize,
    pub(super) text_bytes: u64,
}

impl<'w> StepCache<'w> {
    pub(super) fn open(job: &'w JournalJob<'w>) -> Result<Self, Error> {
        let kept = job.history.steps().map_err(Error::History)?;
        Ok(Self { job, kept, steps: BTreeMap::new(), encoded: 0, anchors: 0, text_bytes: 0 })
    }

    /// How many bytes of text may still be encoded for steps other than the newest.
    pub(super) fn text_left_of_older(&self) -> u64 {
        (self.job.text / 8 * OLDER_EIGHTHS).saturating_sub(self.text_bytes)
    }

    /// How many bytes of text the step may insert.
    fn text_left(&self, (from, to): (usize, usize)) -> u64 {
        let is_newest = (from, to) == (1, 0);
        if is_newest { self.job.text.saturating_sub(self.text_bytes) } else { self.text_left_of_older() }
    }

    fn key(&self, from: usize, to: usize) -> StepKey {
        (self.job.publishes[from].digest, self.job.publishes[to].digest)
    }

    /// The anchors that are kept, between publishes up to age `oldest`.
    pub(super) fn kept_anchors(&mut self, oldest: usize) -> Result<Vec<Edge>, Error> {
        let publishes = &self.job.publishes[..=oldest];
        let ages: BTreeMap<[u8; 32], usize> =
            publishes.iter().enumerate().map(|(age, publish)| (publish.digest, age)).collect();
        let age = |digest: &[u8; 32]| ages.get(digest).copied();
        let anchors: Vec<(usize, usize)> = self
            .kept
            .keys()
            .filter_map(|(from, to)| Some((age(from)?, age(to)?)))
            .filter(|(from, to)| *from > to + 1)
            .collect();
        let mut edges = Vec::new();
        for (from, to) in anchors {
            edges.extend(self.kept_step(from, to)?);
        }
        Ok(edges)
    }

    fn kept_step(&mut self, from: usize, to: usize) -> Result<Option<Edge>, Error> {
        let kept = self.kept.get(&self.key(from, to)).map_err(Error::History)?;
        // A run that left a type alone may have kept one without that type.
        let mut changed = self.job.differences(from, to).into_iter().zip(&self.job.types);
        let mut is_whole = |step: &KeptStep| {
            changed.all(|(difference, data_type)| {
                !matches!(difference, Difference::Changed(..)) || step.parts.contains_key(data_type.name)
            })
        };
        let Some(step) = kept.filter(|step| is_whole(step)) else { return Ok(None) };
        Ok(Some(self.remember(from, to, step)))
    }

    fn remember(&mut self, from: usize, to: usize, step: KeptStep) -> Edge {
        let payloads = step.parts.values().filter_map(|part| part.payload.as_ref());
        let bytes = payloads.map(|payload| payload.len() as u64 + TABLE.1).sum::<u64>();
        let bytes = bytes + TABLE.0 + step.ids.to_bytes().len() as u64;
        let inserted = step.parts.values().map(|part| part.inserted_bytes).sum();
        let ids = Arc::new(step.ids.clone());
        self.steps.insert(self.key(from, to), (step, ids));
        Edge { from, to, bytes, inserted }
    }

    /// The step between two publishes, by age; nothing where it is not kept and its text is beyond the
    /// budget. `text` tells about how many bytes it inserts.
    pub(super) fn step(
        &mut self,
        from: usize,
        to: usize,
        text: impl FnOnce() -> u64,
    ) -> Result<Option<Edge>, Error> {
        if let Some(edge) = self.kept_step(from, to)? {
            return Ok(Some(edge));
        }
        let text = text();
        if text > self.text_left((from, to)) {
            return Ok(None);
        }
        let _encoding = self.job.jobs.begin("journal", Step::Encode, None);
        let level = if text <= SMALL_TEXT { HIGH_LEVEL } else { FAST_LEVEL };
        let step = self.encode(from, to, level)?;
        self.kept.put(self.key(from, to), &step).map_err(Error::History)?;
        let edge = self.remember(from, to, step);
        self.encoded += 1;
        self.anchors += usize::from(from > to + 1);
        self.text_bytes += edge.inserted;
        Ok(Some(edge))
    }

    /// Encodes the parts of a step, some at a time.
    fn encode(&self, from: usize, to: usize, level: i32) -> Result<KeptStep, Error> {
        let differences = self.job.differences(from, to).into_iter().enumerate();
        let changed = |(nth, difference)| match difference {
            Difference::Changed(old, new) => Some((nth, old, new)),
            Difference::Unchanged | Difference::Missing => None,
        };
        let changed: Vec<(usize, usize, usize)> = differences.filter_map(changed).collect();
        let options = PartOptions::default().with_level(level);
        let found = parallel_map(&changed, self.job.jobs, |(nth, old, new)| {
            let data_type = &self.job.types[*nth];
            let generations = data_type.track.generations();
            let (old, new) = (&generations[*old].sequence, &generations[*new].sequence);
            let encoder =
                PartEncoder::new(data_type.rule, data_type.track.table(), old, new, options.clone());
            let ids = reading(data_type.track, |chunk| encoder.ids(chunk));
            (*nth, encoder, ids)
        });
        let mut encoders = Vec::new();
        let mut inserted = Vec::new();
        for (nth, encoder, ids) in found {
            inserted.push(self.of_type(nth, ids)?.unwrap_or_default());
            encoders.push((nth, encoder));
        }
        let ids = Ids::shared(&inserted);
        let encoded = parallel_map(&encoders, self.job.jobs, |(nth, encoder)| {
            reading(self.job.types[*nth].track, |chunk| encoder.encode(&ids, chunk))
        });
        let mut parts = BTreeMap::new();
        for ((nth, encoder), part) in encoders.iter().zip(encoded) {
            let payload = self.of_type(*nth, part)?.map(|part| part.payload);
            let part = KeptPart { payload, inserted_bytes: encoder.inserted_bytes() };
            parts.insert(self.job.types[*nth].name.to_owned(), part);
        }
        Ok(KeptStep { ids, parts })
    }

    /// What came of a type; nothing where no part can be of it.
    fn of_type<T>(
        &self,
        nth: usize,
        result: Result<Result<T, JournalError>, history::Error>,
    ) -> Result<Option<T>, Error> {
        match result.map_err(Error::History)? {
            Ok(value) => Ok(Some(value)),
            Err(JournalError::Unfit { .. }) => Ok(None),
            Err(error) => {
                let data_type = self.job.types[nth].name.to_owned();
                Err(Error::Encode { data_type, what: error.to_string() })
            }
        }
    }

    /// A step that was asked for, as it goes into a journal.
    pub(super) fn journal_step(&self, from: usize, to: usize) -> Option<JournalStep<'_>> {
        let (step, ids) = self.steps.get(&self.key(from, to))?;
        let parts = self.job.differences(from, to).into_iter().zip(&self.job.types);
        let part = |(difference, data_type): (Difference, &super::job::JournalType<'_>)| {
            let Difference::Changed(old, _) = difference else {
                let is_unchanged = difference == Difference::Unchanged;
                return if is_unchanged { JournalPart::Unchanged } else { JournalPart::Missing };
            };
            match step.parts.get(data_type.name).and_then(|part| part.payload.as_deref()) {
                Some(payload) => JournalPart::Part { from: data_type.id(old), payload },
                None => JournalPart::Missing,
            }
        };
        let sequence = self.job.publishes[from].sequence;
        Some(JournalStep { sequence, ids: ids.clone(), parts: parts.map(part).collect() })
    }

    /// Forgets all steps but these.
    pub(super) fn keep_only(&mut self, used: &[Edge]) -> Result<(), Error> {
        let needed: BTreeSet<StepKey> = used.iter().map(|edge| self.key(edge.from, edge.to)).collect();
        self.kept.keep_only(&needed).map_err(Error::History)?;
        Ok(())
    }
}

/// Gives `work` the chunks of a track to read. Damage that comes to light by that is the outer error.
pub(super) fn reading<T>(
    track: &Track,
    work: impl FnOnce(&mut dyn FnMut(Symbol, &mut Vec<u8>) -> std::io::Result<()>) -> Result<T, JournalError>,
) -> Result<Result<T, JournalError>, history::Error> {
    let mut chunks = track.reader();
    let mut damage = None;
    let mut chunk = |symbol: Symbol, out: &mut Vec<u8>| match chunks.chunk(symbol) {
        Ok(chunk) => {
            out.extend_from_slice(chunk);
            Ok(())
        }
        Err(error) => {
            damage = Some(error);
            Err(std::io::Error::other("the history is damaged"))
        }
    };
    let done = work(&mut chunk);
    match damage {
        Some(error) => Err(error),
        None => Ok(done),
    }
}
