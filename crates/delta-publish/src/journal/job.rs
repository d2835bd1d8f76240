//! What the journal of a repository is made from and within.

use delta_core::Rule;
use delta_core::journal::{GenerationId, Newest};
use history::{History, Track};

use crate::options::Jobs;

/// One of its types.
pub(crate) struct JournalType<'w> {
    pub(crate) name: &'w str,
    pub(crate) rule: Rule,
    pub(crate) track: &'w Track,
}

impl JournalType<'_> {
    /// How a journal names one of its generations.
    pub(super) fn id(&self, generation: usize) -> GenerationId {
        GenerationId::from_sha256(&self.track.generations()[generation].open_sha256)
    }
}

/// A publish, and what of it the tracks have.
pub(crate) struct PublishAt {
    pub(crate) sequence: u64,
    /// The SHA-256 over its content.
    pub(crate) digest: [u8; 32],
    /// Whether who has it by its number has these very generations.
    pub(crate) is_exact: bool,
    /// Whether its repomd.xml told its number.
    pub(crate) is_numbered: bool,
    /// Per type the index of its generation in the track; nothing where the publish had no such type.
    pub(crate) generations: Vec<Option<usize>>,
}

/// What the journal is to be.
pub(crate) struct JournalJob<'w> {
    pub(crate) history: &'w History,
    pub(crate) types: Vec<JournalType<'w>>,
    /// Newest first, the current one included.
    pub(crate) publishes: Vec<PublishAt>,
    /// Most bytes that a client may have to read, the head included.
    pub(crate) max: u64,
    /// Most bytes of the whole file.
    pub(crate) file: u64,
    /// Most bytes of inserted text that may be encoded.
    pub(crate) text: u64,
    pub(crate) jobs: &'w Jobs,
}

/// How two publishes differ in one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    Unchanged,
    /// One of them has no such type, and the other does.
    Missing,
    /// From one generation to another, by index.
    Changed(usize, usize),
}

impl JournalJob<'_> {
    /// How the publish of age `to` differs from that of age `from`, type by type.
    pub(super) fn differences(&self, from: usize, to: usize) -> Vec<Difference> {
        let pairs = self.publishes[from].generations.iter().zip(&self.publishes[to].generations);
        pairs
            .map(|pair| match pair {
                (old, new) if old == new => Difference::Unchanged,
                (Some(old), Some(new)) => Difference::Changed(*old, *new),
                _ => Difference::Missing,
            })
            .collect()
    }

    /// What is to be told of the newest steps: no step from a publish whose holders may have other generations
    /// than the step leads from, and none beyond the last publish whose holders know its number.
    pub(crate) fn exact(&self, newest: Option<Newest>) -> Option<Newest> {
        let exact = self.publishes.iter().skip(1).take_while(|publish| publish.is_exact);
        let exact: Vec<&PublishAt> = exact.take(newest.as_ref()?.steps()).collect();
        let mut newest = newest?;
        newest.further.truncate(exact.iter().rposition(|publish| publish.is_numbered)?);
        Some(newest)
    }

    /// The current generation of a type.
    pub(super) fn current(&self, data_type: usize) -> Option<usize> {
        self.publishes.first()?.generations[data_type]
    }
}
