//! The sizes of a window that grows point by point.

use delta_core::plan::{Kept, Matcher};
use history::windows::Sizer;

use super::past::Past;

/// What is common to the new file and the versions of some points.
#[derive(Clone)]
struct Fold {
    kept: Kept,
    size: u64,
    /// The versions folded, ascending.
    generations: Vec<usize>,
}

/// The folds of the window that is being filled.
pub(super) struct Folds<'a, M> {
    past: &'a Past<'a>,
    /// Tells the size of a window by what is common to it and the new file.
    measure: M,
    matcher: Matcher,
    /// That of the window as it is; nothing where it is empty.
    accepted: Option<Fold>,
    /// That of the window with the point asked about last; nothing where that
    /// point brings no other version.
    asked: Option<Fold>,
    /// What is common to the windows that are complete, in their order.
    done: Vec<Kept>,
}

impl<'a, M: Fn(&Kept) -> u64> Folds<'a, M> {
    pub(super) fn new(past: &'a Past<'a>, measure: M) -> Self {
        Self { past, measure, matcher: Matcher::new(), accepted: None, asked: None, done: Vec::new() }
    }

    /// What each of the windows has in common with the new file, in their order.
    pub(super) fn finish(mut self) -> Vec<Kept> {
        self.begin();
        self.done
    }

    fn fold(&mut self, base: Option<&Fold>, point: usize) -> Fold {
        let new = self.past.new_file();
        let mut kept = base.map_or_else(|| Kept::all(new.len()), |f| f.kept.clone());
        let mut generations = base.map_or_else(Vec::new, |f| f.generations.clone());
        for &generation in &self.past.points[point].generations {
            let Err(at) = generations.binary_search(&generation) else { continue };
            generations.insert(at, generation);
            let track = self.past.track;
            kept = self.matcher.fold(track.table(), new, &kept, &track.generations()[generation].sequence);
        }
        Fold { size: (self.measure)(&kept), kept, generations }
    }
}

impl<M: Fn(&Kept) -> u64> Sizer for Folds<'_, M> {
    fn begin(&mut self) {
        self.done.extend(self.accepted.take().map(|fold| fold.kept));
    }

    fn with(&mut self, point: usize) -> u64 {
        let accepted = self.accepted.take();
        let known = |f: &Fold| self.past.points[point].generations.iter().all(|g| f.generations.contains(g));
        self.asked = match &accepted {
            Some(fold) if known(fold) => None,
            base => Some(self.fold(base.as_ref(), point)),
        };
        self.accepted = accepted;
        self.asked.as_ref().or(self.accepted.as_ref()).map_or(0, |f| f.size)
    }

    fn alone(&mut self, point: usize) -> u64 {
        self.fold(None, point).size
    }

    fn accept(&mut self) {
        if let Some(asked) = self.asked.take() {
            self.accepted = Some(asked);
        }
    }
}
