//! Where a journal's steps come from: kept ones are taken as they are, others are
//! encoded, within the budget, and kept from then on.

use std::collections::{BTreeMap, BTreeSet};

use delta_core::journal::{JournalError, StepOptions, encode_step};
use history::anchors::Edge;
use history::chunks::ChunkReader;
use history::steps::{KeptStep, StepKey, Steps};

use super::job::JournalJob;
use crate::Error;

/// Text of up to so many bytes is compressed at the highest level that is worth
/// it; more at a level that is several times faster.
const SMALL_TEXT: u64 = 32 << 20;
const HIGH_LEVEL: i32 = 19;
const FAST_LEVEL: i32 = 15;

/// The steps of one track.
pub(super) struct StepCache<'w> {
    job: &'w JournalJob<'w>,
    kept: Steps,
    chunks: ChunkReader<'w>,
    /// Those that were asked for.
    steps: BTreeMap<StepKey, KeptStep>,
    pub(super) encoded: usize,
    pub(super) anchors: usize,
    pub(super) text_bytes: u64,
}

impl<'w> StepCache<'w> {
    pub(super) fn open(job: &'w JournalJob<'w>) -> Result<Self, Error> {
        let kept = job.track.steps().map_err(Error::History)?;
        let (chunks, steps) = (job.track.reader(), BTreeMap::new());
        Ok(Self { job, kept, chunks, steps, encoded: 0, anchors: 0, text_bytes: 0 })
    }

    /// How many bytes of text may still be encoded.
    pub(super) fn text_left(&self) -> u64 {
        self.job.text.saturating_sub(self.text_bytes)
    }

    fn key(&self, from: usize, to: usize) -> StepKey {
        let generations = self.job.track.generations();
        (generations[from].open_sha256, generations[to].open_sha256)
    }

    /// The anchors that are kept, between generations up to age `oldest`.
    pub(super) fn kept_anchors(&mut self, oldest: usize) -> Result<Vec<Edge>, Error> {
        let generations = &self.job.track.generations()[..=oldest];
        let age = |sha256: &[u8; 32]| generations.iter().position(|g| g.open_sha256 == *sha256);
        let ages: Vec<(usize, usize)> = self
            .kept
            .keys()
            .filter_map(|(from, to)| Some((age(from)?, age(to)?)))
            .filter(|(from, to)| *from > to + 1)
            .collect();
        let mut anchors = Vec::new();
        for (from, to) in ages {
            anchors.extend(self.kept_step(from, to)?);
        }
        Ok(anchors)
    }

    fn kept_step(&mut self, from: usize, to: usize) -> Result<Option<Edge>, Error> {
        let key = self.key(from, to);
        let Some(step) = self.kept.get(&key).map_err(Error::History)? else { return Ok(None) };
        let edge = edge(from, to, &step);
        self.steps.insert(key, step);
        Ok(Some(edge))
    }

    /// The step between two generations, by age; nothing where it is not kept and
    /// its text is beyond the budget, or where there can be no such step. `text`
    /// tells about how many bytes it inserts.
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
        if text > self.text_left() {
            return Ok(None);
        }
        let level = if text <= SMALL_TEXT { HIGH_LEVEL } else { FAST_LEVEL };
        let Some(step) = self.encode(from, to, level)? else { return Ok(None) };
        let key = self.key(from, to);
        self.kept.put(key, &step).map_err(Error::History)?;
        self.encoded += 1;
        self.anchors += usize::from(from > to + 1);
        self.text_bytes += step.inserted_bytes;
        let edge = edge(from, to, &step);
        self.steps.insert(key, step);
        Ok(Some(edge))
    }

    fn encode(&mut self, from: usize, to: usize, level: i32) -> Result<Option<KeptStep>, Error> {
        let JournalJob { data_type, rule, track, .. } = self.job;
        let generations = track.generations();
        let (old, new) = (&generations[from].sequence, &generations[to].sequence);
        let mut damage = None;
        let chunk = |symbol, out: &mut Vec<u8>| match self.chunks.chunk(symbol) {
            Ok(chunk) => {
                out.extend_from_slice(chunk);
                Ok(())
            }
            Err(error) => {
                damage = Some(error);
                Err(std::io::Error::other("the history is damaged"))
            }
        };
        let options = StepOptions::default().with_level(level);
        let step = encode_step(*rule, track.table(), old, new, chunk, &options);
        if let Some(error) = damage {
            return Err(Error::History(error));
        }
        match step {
            Ok(step) => Ok(Some(KeptStep { payload: step.payload, inserted_bytes: step.inserted_bytes })),
            Err(JournalError::Unfit { .. }) => Ok(None),
            Err(error) => Err(Error::Encode { data_type: (*data_type).to_owned(), what: error.to_string() }),
        }
    }

    /// The payload of a step that was asked for.
    pub(super) fn payload(&self, from: usize, to: usize) -> Option<&[u8]> {
        self.steps.get(&self.key(from, to)).map(|step| step.payload.as_slice())
    }

    /// Forgets all steps but these.
    pub(super) fn keep_only(&mut self, used: &[Edge]) -> Result<(), Error> {
        let wanted: BTreeSet<StepKey> = used.iter().map(|edge| self.key(edge.from, edge.to)).collect();
        self.kept.keep_only(&wanted).map_err(Error::History)?;
        Ok(())
    }
}

fn edge(from: usize, to: usize, step: &KeptStep) -> Edge {
    Edge { from, to, bytes: step.payload.len() as u64, inserted: step.inserted_bytes }
}
