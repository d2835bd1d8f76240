//! The sizes of all windows at once, from what each point lacks of the new file.
//!
//! A combined delta has to bring what any of its generations lacks. That is all
//! that is added up here; where chunks moved, a delta may bring somewhat less or
//! more than that, because what one generation lacks depends on which order is
//! kept.

use delta_core::plan::Matcher;
use history::windows::{Row, Sizes};

use super::past::{Past, estimate};

/// What the points asked about so far lack.
pub(super) struct WindowSizes<'a> {
    past: &'a Past<'a>,
    matcher: Matcher,
    /// Per chunk of the new file the newest point, of those asked about, that
    /// lacks it.
    lacked_by: Vec<Option<usize>>,
    /// Per point the weight of the chunks that it is the newest to lack.
    added: Vec<u64>,
    row: Vec<u64>,
}

impl<'a> WindowSizes<'a> {
    pub(super) fn new(past: &'a Past<'a>) -> Self {
        Self {
            past,
            matcher: Matcher::new(),
            lacked_by: vec![None; past.new_file().len()],
            added: vec![0; past.points.len()],
            row: Vec::with_capacity(past.points.len()),
        }
    }

    /// The chunks of the new file, by position, that a delta for this point alone
    /// has to bring.
    fn lacking(&mut self, point: usize) -> Vec<usize> {
        let Past { track, points, .. } = self.past;
        let new = self.past.new_file();
        let kept = self.matcher.fold_all(track.table(), new, &track.sequences(&points[point].generations));
        let mut lacking = Vec::with_capacity(new.len() - kept.len());
        let mut next = 0;
        for position in kept.positions() {
            lacking.extend(next..position);
            next = position + 1;
        }
        lacking.extend(next..new.len());
        lacking
    }
}

impl Sizes for WindowSizes<'_> {
    fn beginning_at(&mut self, newest: usize, max: u64) -> Row<'_> {
        let lacking = self.lacking(newest);
        let alone = estimate(lacking.iter().map(|p| self.past.weights[*p]).sum());
        let servable = alone <= max;
        if servable {
            for position in lacking {
                let weight = self.past.weights[position];
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
