//! How much of one publish another one lacks, by chunks and without regard to their order: about what a
//! step between them inserts. A look at numbers, so that it can be asked for every pair.

use std::collections::BTreeMap;

use delta_core::chunk::Symbol;
use history::Track;

use super::job::{Difference, JournalJob};

/// Answers for the publishes of one job.
pub(super) struct MissingBytes<'j> {
    job: &'j JournalJob<'j>,
    types: Vec<OfType<'j>>,
    /// By generations of a type, what was answered before: publishes share them.
    answers: BTreeMap<(usize, usize, usize), u64>,
}

impl<'j> MissingBytes<'j> {
    pub(super) fn new(job: &'j JournalJob<'j>) -> Self {
        let of_type = |track: &'j Track| OfType { track, seen: vec![0; track.table().len()], question: 0 };
        let types = job.types.iter().map(|data_type| of_type(data_type.track)).collect();
        Self { job, types, answers: BTreeMap::new() }
    }

    /// Bytes of the chunks of the publish of age `to` that that of age `from` does not have.
    pub(super) fn bytes(&mut self, from: usize, to: usize) -> u64 {
        let mut bytes = 0;
        for (nth, difference) in self.job.differences(from, to).into_iter().enumerate() {
            if let Difference::Changed(old, new) = difference {
                let of_type = &mut self.types[nth];
                bytes += *self.answers.entry((nth, old, new)).or_insert_with(|| of_type.bytes(old, new));
            }
        }
        bytes
    }
}

struct OfType<'t> {
    track: &'t Track,
    /// Per chunk the question in which it was last seen.
    seen: Vec<u32>,
    question: u32,
}

impl OfType<'_> {
    fn bytes(&mut self, from: usize, to: usize) -> u64 {
        let generations = self.track.generations();
        self.question += 1;
        for symbol in &generations[from].sequence {
            self.seen[*symbol as usize] = self.question;
        }
        let is_new = |symbol: &&Symbol| self.seen[**symbol as usize] != self.question;
        let table = self.track.table();
        generations[to].sequence.iter().filter(is_new).map(|symbol| table.chunk_len(*symbol)).sum()
    }
}
