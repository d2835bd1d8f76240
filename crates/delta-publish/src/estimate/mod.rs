//! How large a delta for a window would be, without making it; and with that,
//! the windows of a track, by the policy asked for.

mod folds;
mod newest;
mod past;
mod window_sizes;

use delta_core::plan::{Kept, Matcher};
use history::windows::{self, Point, Sizes, Terms, Window};
use history::{Generation, Track};

use crate::naming::Naming;
use crate::options::{Options, Windows};
use folds::Folds;
pub(crate) use newest::{newest, window_of_newest};
use past::Past;
use window_sizes::WindowSizes;

/// A window, and the chunks of the new file that its delta can refer to.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) window: Window,
    /// The points of the window.
    points: Vec<Point>,
    pub(crate) kept: Kept,
    /// Bytes of literals.
    pub(crate) literal_bytes: u64,
    /// Estimated bytes of the delta file.
    pub(crate) estimate: u64,
}

/// Divides the whole past of `track`, whose newest generation was published under
/// `timestamp`, into windows, whatever their deltas cost. Without a timestamp there are none: clients could
/// not select. `full` is the size of the full compressed file in bytes.
pub(crate) fn plan(
    track: &Track,
    naming: &Naming,
    timestamp: Option<u64>,
    full: u64,
    options: &Options,
) -> Vec<Planned> {
    let Some(points) = timestamp.map(|timestamp| track.points(timestamp)) else { return Vec::new() };
    let Some(past) = Past::new(track, &points, full) else { return Vec::new() };
    let max = options.max_size.bytes(full);
    match &options.windows {
        Windows::Thresholds(thresholds) => {
            let thresholds: Vec<u64> = thresholds.iter().map(|t| t.bytes(full)).collect();
            let mut folds = Folds::new(&past, |kept| past.size(kept));
            let windows = windows::by_thresholds(&points, &thresholds, max, &mut folds);
            windows
                .into_iter()
                .zip(folds.finish())
                .map(|(window, kept)| Planned::new(&past, window, kept))
                .collect()
        }
        Windows::Cheapest { most } => cheapest(&past, naming, *most, full, max),
        Windows::Chosen => cheapest(&past, naming, Windows::MOST_ALONE, full, max),
    }
}

fn cheapest(past: &Past<'_>, naming: &Naming, max_windows: usize, full: u64, max: u64) -> Vec<Planned> {
    let (listing, base) = (naming.listed_bytes(), naming.base_bytes());
    let terms = Terms { max_windows, listing, base, full, max };
    let windows = windows::cheapest(past.points, &terms, &mut WindowSizes::new(past)).windows;
    let planned = |window: Window| {
        let kept = kept(past.track, &window.generations);
        Planned::new(past, window, kept)
    };
    windows.into_iter().map(planned).collect()
}

/// Estimated bytes of a delta for each of `points` alone. Those of the points that
/// a delta in place serves are scaled by how that came out: `served` has, for such
/// deltas, the first and last point and the bytes.
pub(crate) fn alone(track: &Track, points: &[Point], full: u64, served: &[(usize, usize, u64)]) -> Vec<u64> {
    let Some(past) = Past::new(track, points, full) else { return Vec::new() };
    let mut sizes = WindowSizes::new(&past);
    let mut alone = vec![0; points.len()];
    for point in (0..points.len()).rev() {
        let row = sizes.beginning_at(point, u64::MAX);
        alone[point] = row.sizes.first().copied().unwrap_or_default();
        if let Some((_, last, size)) = served.iter().find(|(first, ..)| *first == point) {
            let estimated = row.sizes.get(last - point).copied().unwrap_or_default();
            for estimate in &mut alone[point..=*last] {
                let scaled = u128::from(*estimate) * u128::from(*size) / u128::from(estimated.max(1));
                *estimate = u64::try_from(scaled).unwrap_or(u64::MAX);
            }
        }
    }
    alone
}

impl Planned {
    fn new(past: &Past<'_>, window: Window, kept: Kept) -> Self {
        Self {
            points: window.points.iter().map(|p| past.points[*p].clone()).collect(),
            literal_bytes: literal_bytes(past.track, past.newest, &kept),
            estimate: past.size(&kept),
            kept,
            window,
        }
    }

    /// How many timestamps, from the newest on, concern no more than the first
    /// `generations` generations of the window.
    fn points_within(&self, generations: usize) -> usize {
        let within = &self.window.generations[..generations.min(self.window.generations.len())];
        let concerns = |p: &&Point| p.generations.iter().all(|g| within.contains(g));
        self.points.iter().take_while(concerns).count()
    }

    /// The same window without its oldest timestamps, so that no more than its
    /// first `generations` generations are left; nothing where none is.
    pub(crate) fn shortened(&self, track: &Track, generations: usize) -> Option<Self> {
        let points = self.points[..self.points_within(generations)].to_vec();
        if points.is_empty() {
            return None;
        }
        let window = windows::window(&points, (0..points.len()).collect());
        let kept = kept(track, &window.generations);
        let literal_bytes = literal_bytes(track, &track.generations()[0], &kept);
        Some(Self { window, points, kept, literal_bytes, estimate: self.estimate })
    }
}

/// What the newest generation has in common with all of `olds`.
fn kept(track: &Track, olds: &[usize]) -> Kept {
    Matcher::new().fold_all(track.table(), &track.generations()[0].sequence, &track.sequences(olds))
}

fn literal_bytes(track: &Track, newest: &Generation, kept: &Kept) -> u64 {
    newest.open_size - kept.bytes(track.table(), &newest.sequence)
}
