//! Which old generations one delta serves: the time axis that clients see, and
//! its division into windows. Pure functions; how large a delta would be is
//! asked of the caller.

/// One `<timestamp>` that clients may hold, with the generations published
/// under it. Usually one; a client cannot tell several apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Seconds.
    pub timestamp: u64,
    /// Indices of generations, ascending.
    pub generations: Vec<usize>,
}

/// What one delta serves: a part of the time axis, less the points that no
/// delta of allowed size serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The timestamp of its oldest point: the one that is published.
    pub timestamp: u64,
    /// Its points, as ascending indices into the list given.
    pub points: Vec<usize>,
    /// Its generations, each once, in the order in which the points name them.
    pub generations: Vec<usize>,
}

/// The points older than `current`, newest first, from each generation's
/// timestamps.
///
/// A generation without timestamp, or published as late as the current file or
/// later, cannot be selected by a timestamp and is on no point.
pub fn points<'t>(timestamps: impl IntoIterator<Item = &'t [u64]>, current: u64) -> Vec<Point> {
    let mut all = std::collections::BTreeMap::<u64, Vec<usize>>::new();
    for (generation, timestamps) in timestamps.into_iter().enumerate() {
        for &timestamp in timestamps.iter().filter(|t| **t < current) {
            let at = all.entry(timestamp).or_default();
            if at.last() != Some(&generation) {
                at.push(generation);
            }
        }
    }
    all.into_iter().rev().map(|(timestamp, generations)| Point { timestamp, generations }).collect()
}

/// The window of some points, which must not be none.
///
/// # Panics
/// When an index is not within `points`.
#[must_use]
pub fn window(points: &[Point], members: Vec<usize>) -> Window {
    let mut generations = Vec::new();
    for generation in members.iter().flat_map(|m| &points[*m].generations) {
        if !generations.contains(generation) {
            generations.push(*generation);
        }
    }
    let timestamp = members.last().map_or(0, |m| points[*m].timestamp);
    Window { timestamp, points: members, generations }
}

/// Tells how large deltas would be, in bytes. Points are asked about by index.
pub trait Sizer {
    /// Begins a new, empty window.
    fn begin(&mut self);
    /// The size of the delta for the window with this point besides.
    fn with(&mut self, point: usize) -> u64;
    /// The size of the delta for this point alone.
    fn alone(&mut self, point: usize) -> u64;
    /// The point that [`with`](Self::with) was last asked about is now in the
    /// window.
    fn accept(&mut self);
}

/// Windows by size thresholds, newest first (`docs/format-1.md`, section 8).
///
/// Starting with the newest point, older ones are added until the estimated
/// size of the delta, in bytes, reaches the first threshold; then the next
/// window begins, with the next threshold. There are at most as many windows as
/// thresholds; points beyond them are not served. A window is never empty: the
/// point that reaches the threshold is in it, and so are the points after it
/// that do not make the delta any larger.
///
/// No window grows beyond `max` bytes. A point that would be beyond them alone
/// is left out: a client that holds it may download another delta in vain, but
/// everybody older is served.
pub fn by_thresholds(points: &[Point], thresholds: &[u64], max: u64, sizer: &mut impl Sizer) -> Vec<Window> {
    let mut windows = Vec::new();
    let mut next = 0;
    for &threshold in thresholds {
        sizer.begin();
        let mut members = Vec::new();
        let mut size = 0;
        while next < points.len() {
            let larger = sizer.with(next);
            if !members.is_empty() && size >= threshold && larger > size {
                break;
            }
            if larger <= max {
                sizer.accept();
                members.push(next);
                size = larger;
            } else if !members.is_empty() && sizer.alone(next) <= max {
                break;
            }
            next += 1;
        }
        if members.is_empty() {
            break;
        }
        windows.push(window(points, members));
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(timestamp: u64, generations: &[usize]) -> Point {
        Point { timestamp, generations: generations.to_vec() }
    }

    #[test]
    fn points_are_newest_first_and_older_than_the_current_file() {
        let generations: [&[u64]; 5] = [&[50, 100], &[90], &[], &[80, 120], &[80, 80]];
        assert_eq!(points(generations, 100), [point(90, &[1]), point(80, &[3, 4]), point(50, &[0])]);
    }

    #[test]
    fn a_window_has_each_generation_once() {
        let points = [point(9, &[0]), point(8, &[1, 2]), point(7, &[0, 1])];
        let window = window(&points, vec![0, 1, 2]);
        assert_eq!(window.generations, [0, 1, 2]);
        assert_eq!(window.timestamp, 7);
    }

    /// A combined delta is as large as that of its largest point.
    struct Largest<'s>(&'s [u64], u64, u64);

    impl Sizer for Largest<'_> {
        fn begin(&mut self) {
            self.1 = 0;
        }
        fn with(&mut self, point: usize) -> u64 {
            self.2 = self.1.max(self.0[point]);
            self.2
        }
        fn alone(&mut self, point: usize) -> u64 {
            self.0[point]
        }
        fn accept(&mut self) {
            self.1 = self.2;
        }
    }

    fn members(max: u64, sizes: &[u64], thresholds: &[u64]) -> Vec<Vec<usize>> {
        let points: Vec<Point> = (0..sizes.len()).map(|n| point(1000 - n as u64, &[n])).collect();
        let windows = by_thresholds(&points, thresholds, max, &mut Largest(sizes, 0, 0));
        windows.into_iter().map(|w| w.points).collect()
    }

    #[test]
    fn a_window_ends_where_its_threshold_is_reached() {
        let sizes = [5, 10, 30, 40, 90, 100];
        assert_eq!(members(u64::MAX, &sizes, &[10, 50, 1000]), [vec![0, 1], vec![2, 3, 4], vec![5]]);
        assert_eq!(members(u64::MAX, &sizes, &[1, 1]), [[0], [1]]);
        assert_eq!(members(u64::MAX, &sizes, &[1000, 2000]), [[0, 1, 2, 3, 4, 5]]);
        assert_eq!(members(u64::MAX, &[5, 5, 5, 20, 20, 30], &[1, 10]), [vec![0, 1, 2], vec![3, 4]]);
        assert!(members(u64::MAX, &sizes, &[]).is_empty());
        assert!(members(u64::MAX, &[], &[10]).is_empty());
    }

    #[test]
    fn no_window_grows_beyond_the_cap() {
        let sizes = [5, 10, 30, 40, 90, 100];
        assert_eq!(members(60, &sizes, &[10, 50, 1000]), [[0, 1], [2, 3]]);
        assert_eq!(members(99, &sizes, &[10, 50, 1000]), [vec![0, 1], vec![2, 3, 4]]);
        assert!(members(4, &sizes, &[10, 50, 1000]).is_empty());
    }

    #[test]
    fn a_point_that_nothing_serves_does_not_end_the_list() {
        assert_eq!(members(60, &[5, 99, 6, 20, 99, 7], &[10, 50]), [vec![0, 2, 3], vec![5]]);
        assert_eq!(members(60, &[99, 99, 6], &[10]), [[2]]);
    }
}
