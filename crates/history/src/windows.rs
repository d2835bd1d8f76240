//! Which old generations one delta serves: the time axis that clients see, and
//! its division into windows. Pure functions; how large a delta would be is
//! asked of the caller.

use std::ops::Range;

/// One `<timestamp>` that clients may hold, with the generations published
/// under it. Usually one; a client cannot tell several apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Seconds.
    pub timestamp: u64,
    /// Indices of generations, ascending.
    pub generations: Vec<usize>,
}

/// What one delta serves: a contiguous part of the time axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The timestamp of its oldest point: the one that is published.
    pub timestamp: u64,
    /// Its points, as indices into the list given.
    pub points: Range<usize>,
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

/// The window of a range of points.
///
/// # Panics
/// When the range is empty or not within `points`.
#[must_use]
pub fn window(points: &[Point], range: Range<usize>) -> Window {
    let mut generations = Vec::new();
    for generation in points[range.clone()].iter().flat_map(|p| &p.generations) {
        if !generations.contains(generation) {
            generations.push(*generation);
        }
    }
    Window { timestamp: points[range.end - 1].timestamp, points: range, generations }
}

/// Windows by size thresholds, newest first (`docs/format-1.md`, section 8).
///
/// Starting with the newest point, older ones are added until the estimated
/// size of the delta, in bytes, reaches the first threshold; then the next
/// window begins, with the next threshold. There are at most as many windows as
/// thresholds; points beyond them are not served. A window is never empty: the
/// point that reaches the threshold is in it, and so are the points after it
/// that do not make the delta any larger. But no window grows beyond `max`
/// bytes, and where a single point would, there are no further windows.
///
/// `estimate` is asked for ranges of points. A range that goes one point
/// further than the range before it, from the same start, follows it at once,
/// so that the caller can build on what it knows; a window is the range asked
/// last, or the one before.
pub fn by_thresholds(
    points: &[Point],
    thresholds: &[u64],
    max: u64,
    mut estimate: impl FnMut(Range<usize>) -> u64,
) -> Vec<Window> {
    let mut windows = Vec::new();
    let mut start = 0;
    for &threshold in thresholds {
        let mut end = start;
        let mut size = 0;
        while end < points.len() {
            let larger = estimate(start..end + 1);
            if larger > max || (end > start && size >= threshold && larger > size) {
                break;
            }
            size = larger;
            end += 1;
        }
        if end == start {
            break;
        }
        windows.push(window(points, start..end));
        start = end;
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
        let window = window(&points, 0..3);
        assert_eq!(window.generations, [0, 1, 2]);
        assert_eq!(window.timestamp, 7);
    }

    fn ranges(sizes: &[u64], thresholds: &[u64]) -> Vec<Range<usize>> {
        ranges_upto(u64::MAX, sizes, thresholds)
    }

    fn ranges_upto(max: u64, sizes: &[u64], thresholds: &[u64]) -> Vec<Range<usize>> {
        let points: Vec<Point> = (0..sizes.len()).map(|n| point(1000 - n as u64, &[n])).collect();
        // A combined delta is at least as large as that of its oldest generation.
        let windows =
            by_thresholds(&points, thresholds, max, |range| sizes[range].iter().copied().max().unwrap_or(0));
        windows.into_iter().map(|w| w.points).collect()
    }

    #[test]
    fn a_window_ends_where_its_threshold_is_reached() {
        let sizes = [5, 10, 30, 40, 90, 100];
        assert_eq!(ranges(&sizes, &[10, 50, 1000]), [0..2, 2..5, 5..6]);
        assert_eq!(ranges(&sizes, &[1, 1]), [0..1, 1..2]);
        assert_eq!(ranges(&sizes, &[1000, 2000]), std::slice::from_ref(&(0..6)));
        assert_eq!(ranges(&[5, 5, 5, 20, 20, 30], &[1, 10]), [0..3, 3..5]);
        assert_eq!(ranges(&sizes, &[]), []);
        assert_eq!(ranges(&[], &[10]), []);
    }

    #[test]
    fn no_window_grows_beyond_the_cap() {
        let sizes = [5, 10, 30, 40, 90, 100];
        assert_eq!(ranges_upto(60, &sizes, &[10, 50, 1000]), [0..2, 2..4]);
        assert_eq!(ranges_upto(100, &sizes, &[10, 50, 1000]), [0..2, 2..5, 5..6]);
        assert_eq!(ranges_upto(4, &sizes, &[10, 50, 1000]), []);
    }
}
