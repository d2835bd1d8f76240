//! How much of one generation another one lacks, by chunks and without regard to
//! their order: about what a step between them inserts. A look at numbers, so
//! that it can be asked for every pair.

use delta_core::chunk::Symbol;
use history::Track;

/// Answers for the generations of one track.
pub(super) struct MissingBytes<'t> {
    track: &'t Track,
    /// Per chunk the question in which it was last seen.
    seen: Vec<u32>,
    question: u32,
}

impl<'t> MissingBytes<'t> {
    pub(super) fn new(track: &'t Track) -> Self {
        Self { track, seen: vec![0; track.table().len()], question: 0 }
    }

    /// Bytes of the chunks of generation `to` that generation `from` does not
    /// have.
    pub(super) fn bytes(&mut self, from: usize, to: usize) -> u64 {
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
