//! How large a delta for a window would be, without making it; and with that,
//! the windows by thresholds.

use delta_core::{Kept, Matcher, Symbol};
use history::windows::{self, Point, Sizer, Window};
use history::{Generation, Track};

use crate::options::Options;

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

/// Bytes that a bzip2 stream of hardly anything has.
const EMPTY_DELTA: u64 = 40;

/// Divides the past of `track`, whose newest generation was published under
/// `timestamp`, into windows. Without a timestamp there are none: clients could
/// not select.
pub(crate) fn plan(track: &Track, timestamp: Option<u64>, full: u64, options: &Options) -> Vec<Planned> {
    let (Some(timestamp), Some(newest)) = (timestamp, track.generations().first()) else { return Vec::new() };
    let points = windows::points(track.generations().iter().map(|g| g.timestamps.as_slice()), timestamp);
    let thresholds: Vec<u64> = options.thresholds.iter().map(|t| t.of(full)).collect();
    let mut folds = Folds {
        track,
        new: &newest.sequence,
        weights: weights(track, newest, full),
        points: &points,
        matcher: Matcher::new(),
        accepted: None,
        asked: None,
        done: Vec::new(),
    };
    let max = options.max_size.of(full);
    let windows = windows::by_thresholds(&points, &thresholds, max, &mut folds);
    folds.begin();
    let done = folds.done;
    windows
        .into_iter()
        .zip(done)
        .map(|(window, fold)| Planned {
            points: window.points.iter().map(|p| points[*p].clone()).collect(),
            literal_bytes: literal_bytes(track, newest, &fold.kept),
            kept: fold.kept,
            estimate: fold.estimate,
            window,
        })
        .collect()
}

impl Planned {
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
        let generations = track.generations();
        let olds: Vec<&[Symbol]> =
            window.generations.iter().map(|g| generations[*g].sequence.as_slice()).collect();
        let kept = Matcher::new().fold_all(track.table(), &generations[0].sequence, &olds);
        let literal_bytes = literal_bytes(track, &generations[0], &kept);
        Some(Self { window, points, kept, literal_bytes, estimate: self.estimate })
    }
}

fn literal_bytes(track: &Track, newest: &Generation, kept: &Kept) -> u64 {
    newest.open_size - kept.bytes(track.table(), &newest.sequence)
}

/// What each chunk of the new file would take as a literal, compressed, in
/// sixteenths of a byte: as it is stored in the history, or, in a dry run, as the
/// full file compresses.
fn weights(track: &Track, newest: &Generation, full: u64) -> Vec<u64> {
    let unstored = |symbol| {
        let sixteenths = u128::from(track.table().chunk_len(symbol)) * 16 * u128::from(full);
        u64::try_from(sixteenths / u128::from(newest.open_size.max(1))).unwrap_or(u64::MAX)
    };
    let weight = |symbol: &Symbol| track.stored_sixteenths(*symbol).unwrap_or_else(|| unstored(*symbol));
    newest.sequence.iter().map(weight).collect()
}

/// What is common to the new file and the versions of some points.
#[derive(Clone)]
struct Fold {
    kept: Kept,
    estimate: u64,
    /// The versions folded, ascending.
    generations: Vec<usize>,
}

/// The folds of the window that is being filled.
struct Folds<'a> {
    track: &'a Track,
    new: &'a [Symbol],
    weights: Vec<u64>,
    points: &'a [Point],
    matcher: Matcher,
    /// That of the window as it is; nothing where it is empty.
    accepted: Option<Fold>,
    /// That of the window with the point asked about last; nothing where that
    /// point brings no other version.
    asked: Option<Fold>,
    /// Those of the windows that are complete, in their order.
    done: Vec<Fold>,
}

impl Folds<'_> {
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
        Fold { kept, estimate: EMPTY_DELTA + sent / 16, generations }
    }
}

impl Sizer for Folds<'_> {
    fn begin(&mut self) {
        self.done.extend(self.accepted.take());
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
