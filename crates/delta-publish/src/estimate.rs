//! How large a delta for a window would be, without making it; and with that,
//! the windows by thresholds.

use std::ops::Range;

use delta_core::{ChunkTable, Kept, Matcher, Symbol};
use history::windows::{self, Point, Window};
use history::{Generation, Track};

use crate::options::Threshold;

/// A window, and the chunks of the new file that its delta can refer to.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) window: Window,
    pub(crate) kept: Kept,
    /// Bytes of literals.
    pub(crate) literal_bytes: u64,
    /// Estimated bytes of the delta file.
    pub(crate) estimate: u64,
}

/// Bytes that a bzip2 stream of hardly anything has.
const EMPTY_DELTA: u64 = 40;

/// Divides the past of `track`, whose newest generation was published under
/// `timestamp`, into windows. Without a timestamp there are none: clients could
/// not select.
pub(crate) fn plan(
    track: &Track,
    timestamp: Option<u64>,
    full: u64,
    thresholds: &[Threshold],
) -> Vec<Planned> {
    let (Some(timestamp), Some(newest)) = (timestamp, track.generations().first()) else { return Vec::new() };
    let points = windows::points(track.generations().iter().map(|g| g.timestamps.as_slice()), timestamp);
    let thresholds: Vec<u64> = thresholds.iter().map(|t| t.of(full)).collect();
    let mut folds = Folds {
        table: track.table(),
        generations: track.generations(),
        new: &newest.sequence,
        open_size: newest.open_size,
        full,
        points: &points,
        matcher: Matcher::new(),
        range: 0..0,
        kept: Kept::all(0),
        done: Vec::new(),
    };
    let windows = windows::by_thresholds(&points, &thresholds, |range| folds.estimate(range));
    let done = folds.finish();
    windows
        .into_iter()
        .zip(done)
        .map(|(window, (kept, literal_bytes, estimate))| Planned { window, kept, literal_bytes, estimate })
        .collect()
}

/// The fold of the versions of the window that is being tried.
struct Folds<'a> {
    table: &'a ChunkTable,
    generations: &'a [Generation],
    new: &'a [Symbol],
    open_size: u64,
    full: u64,
    points: &'a [Point],
    matcher: Matcher,
    range: Range<usize>,
    kept: Kept,
    /// The folds of the windows before, in their order.
    done: Vec<(Kept, u64, u64)>,
}

impl Folds<'_> {
    fn estimate(&mut self, range: Range<usize>) -> u64 {
        if range.start != self.range.start || self.range.is_empty() || range.end < self.range.end {
            self.close();
            self.kept = Kept::all(self.new.len());
            self.range = range.start..range.start;
        }
        for point in &self.points[self.range.end..range.end] {
            for &generation in &point.generations {
                let old = &self.generations[generation].sequence;
                self.kept = self.matcher.fold(self.table, self.new, &self.kept, old);
            }
        }
        self.range = range;
        self.current().1
    }

    /// Bytes of literals, and an estimate of the delta's size: literals compress
    /// about as well as the full file does.
    fn current(&self) -> (u64, u64) {
        let literal = self.open_size - self.kept.bytes(self.table, self.new);
        let compressed = u128::from(literal) * u128::from(self.full) / u128::from(self.open_size.max(1));
        (literal, EMPTY_DELTA + u64::try_from(compressed).unwrap_or(u64::MAX))
    }

    fn close(&mut self) {
        if !self.range.is_empty() {
            let (literal, estimate) = self.current();
            self.done.push((self.kept.clone(), literal, estimate));
        }
    }

    fn finish(mut self) -> Vec<(Kept, u64, u64)> {
        self.close();
        self.done
    }
}
