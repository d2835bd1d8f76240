//! Windows by size thresholds, as the original design describes them.

use super::{Point, Window, window};

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

/// Windows by size thresholds, newest first (format 1, section 8).
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
        let points: Vec<Point> =
            (0..sizes.len()).map(|n| Point { timestamp: 1000 - n as u64, generations: vec![n] }).collect();
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
