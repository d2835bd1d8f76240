//! The sizes of a window that grows point by point, for windows by thresholds.

use delta_core::{Kept, Matcher, Symbol};
use history::Track;
use history::windows::{Point, Sizer};

use super::estimate;

/// What is common to the new file and the versions of some points.
#[derive(Clone)]
struct Fold {
    kept: Kept,
    estimate: u64,
    /// The versions folded, ascending.
    generations: Vec<usize>,
}

/// The folds of the window that is being filled.
pub(super) struct Folds<'a> {
    track: &'a Track,
    new: &'a [Symbol],
    /// Per chunk of the new file, in sixteenths of a byte.
    weights: &'a [u64],
    points: &'a [Point],
    matcher: Matcher,
    /// That of the window as it is; nothing where it is empty.
    accepted: Option<Fold>,
    /// That of the window with the point asked about last; nothing where that
    /// point brings no other version.
    asked: Option<Fold>,
}

impl<'a> Folds<'a> {
    pub(super) fn new(track: &'a Track, weights: &'a [u64], points: &'a [Point]) -> Self {
        let new = track.generations().first().map_or(&[][..], |g| &g.sequence);
        Self { track, new, weights, points, matcher: Matcher::new(), accepted: None, asked: None }
    }

    fn fold(&mut self, base: Option<&Fold>, point: usize) -> Fold {
        let mut kept = base.map_or_else(|| Kept::all(self.new.len()), |f| f.kept.clone());
        let mut generations = base.map_or_else(Vec::new, |f| f.generations.clone());
        for &generation in &self.points[point].generations {
            let Err(at) = generations.binary_search(&generation) else { continue };
            generations.insert(at, generation);
            let old = &self.track.generations()[generation].sequence;
            kept = self.matcher.fold(self.track.table(), self.new, &kept, old);
        }
        let all: u64 = self.weights.iter().sum();
        let sent = all - kept.positions().map(|p| self.weights[p]).sum::<u64>();
        Fold { kept, estimate: estimate(sent), generations }
    }
}

impl Sizer for Folds<'_> {
    fn begin(&mut self) {
        self.accepted = None;
        self.asked = None;
    }

    fn with(&mut self, point: usize) -> u64 {
        let accepted = self.accepted.take();
        let known = |f: &Fold| self.points[point].generations.iter().all(|g| f.generations.contains(g));
        self.asked = match &accepted {
            Some(fold) if known(fold) => None,
            base => Some(self.fold(base.as_ref(), point)),
        };
        self.accepted = accepted;
        self.asked.as_ref().or(self.accepted.as_ref()).map_or(0, |f| f.estimate)
    }

    fn alone(&mut self, point: usize) -> u64 {
        self.fold(None, point).estimate
    }

    fn accept(&mut self) {
        if let Some(asked) = self.asked.take() {
            self.accepted = Some(asked);
        }
    }
}
