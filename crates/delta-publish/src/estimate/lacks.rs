//! The sizes of all windows at once, from what each point lacks of the new file.
//!
//! A combined delta has to bring what any of its generations lacks. That is all
//! that is added up here; where chunks moved, a delta may bring somewhat less or
//! more than that, because what one generation lacks depends on which order is
//! kept.

use delta_core::{Matcher, Symbol};
use history::Track;
use history::windows::{Point, Row, Sizes};

use super::estimate;

/// What the points asked about so far lack.
pub(super) struct Lacks<'a> {
    track: &'a Track,
    new: &'a [Symbol],
    /// Per chunk of the new file, in sixteenths of a byte.
    weights: &'a [u64],
    points: &'a [Point],
    matcher: Matcher,
    /// Per chunk of the new file the newest point, of those asked about, that
    /// lacks it.
    lacked_by: Vec<Option<usize>>,
    /// Per point the weight of the chunks that it is the newest to lack.
    added: Vec<u64>,
    row: Vec<u64>,
}

impl<'a> Lacks<'a> {
    pub(super) fn new(track: &'a Track, weights: &'a [u64], points: &'a [Point]) -> Self {
        let new = track.generations().first().map_or(&[][..], |g| &g.sequence);
        Self {
            track,
            new,
            weights,
            points,
            matcher: Matcher::new(),
            lacked_by: vec![None; new.len()],
            added: vec![0; points.len()],
            row: Vec::with_capacity(points.len()),
        }
    }

    /// The chunks of the new file, by position, that a delta for this point alone
    /// has to bring.
    fn lacking(&mut self, point: usize) -> Vec<usize> {
        let generations = self.track.generations();
        let olds: Vec<&[Symbol]> =
            self.points[point].generations.iter().map(|g| generations[*g].sequence.as_slice()).collect();
        let kept = self.matcher.fold_all(self.track.table(), self.new, &olds);
        let mut lacking = Vec::with_capacity(self.new.len() - kept.len());
        let mut next = 0;
        for position in kept.positions() {
            lacking.extend(next..position);
            next = position + 1;
        }
        lacking.extend(next..self.new.len());
        lacking
    }
}

impl Sizes for Lacks<'_> {
    fn beginning_at(&mut self, newest: usize, max: u64) -> Row<'_> {
        let lacking = self.lacking(newest);
        let alone = estimate(lacking.iter().map(|p| self.weights[*p]).sum());
        let servable = alone <= max;
        if servable {
            for position in lacking {
                let weight = self.weights[position];
                if let Some(before) = self.lacked_by[position].replace(newest) {
                    self.added[before] -= weight;
                }
                self.added[newest] += weight;
            }
        }
        self.row.clear();
        self.row.extend(self.added[newest..].iter().scan(0, |sum, added| {
            *sum += added;
            Some(estimate(*sum))
        }));
        Row { servable, sizes: &self.row }
    }
}
