//! Windows of the newest points whose literals are bounded, for several types that share what
//! the literals may have.

use super::Sizer;

/// Points between others that are left out of a window because each is too large alone, at most.
const MAX_LEFT_OUT: usize = 3;
/// Points before the first that are left out so, at most: a publish that was taken back. Their holders
/// take the window's delta in vain, and the newest points have most holders.
const MAX_LEFT_OUT_FIRST: usize = 1;

/// A point of a window that grows, and how large the window is with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grown {
    /// Index of the point.
    pub point: usize,
    /// The size of the window from the newest point to this one.
    pub size: u64,
}

/// How a window of the newest of so many points grows, point by point, as long as it is at most
/// `most`.
///
/// A point that is larger alone is left out, as in [`by_thresholds`](super::by_thresholds), but
/// after a few, at the beginning after one, the window ends: all that is older is as large.
pub fn newest(points: usize, most: u64, sizer: &mut impl Sizer) -> Vec<Grown> {
    let mut grown = Vec::new();
    let mut left_out = 0;
    sizer.begin();
    for point in 0..points {
        let size = sizer.with(point);
        let may_leave_out = if grown.is_empty() { MAX_LEFT_OUT_FIRST } else { MAX_LEFT_OUT };
        if size <= most {
            sizer.accept();
            grown.push(Grown { point, size });
        } else if left_out >= may_leave_out || (!grown.is_empty() && sizer.alone(point) <= most) {
            break;
        } else {
            left_out += 1;
        }
    }
    grown
}

/// How many points each of several windows has when they share `budget`: they take turns, and in
/// each turn every window gets its next point, that with the smallest size first, as long as all
/// together are within the budget. A window whose next point does not fit ends.
#[must_use]
pub fn in_turns<'w>(windows: impl IntoIterator<Item = &'w [Grown]>, budget: u64) -> Vec<usize> {
    let windows: Vec<&[Grown]> = windows.into_iter().collect();
    let mut points = vec![0; windows.len()];
    let mut left = budget;
    let mut growing: Vec<usize> = (0..windows.len()).collect();
    for turn in 0.. {
        growing.retain(|window| windows[*window].len() > turn);
        if growing.is_empty() {
            break;
        }
        growing.sort_by_key(|window| (windows[*window][turn].size, *window));
        growing.retain(|window| {
            let grown = windows[*window];
            let before = turn.checked_sub(1).map_or(0, |before| grown[before].size);
            let more = grown[turn].size.saturating_sub(before);
            let fits = more <= left;
            if fits {
                left -= more;
                points[*window] += 1;
            }
            fits
        });
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A window as large as the sum of what its points bring.
    struct Sums<'s> {
        brings: &'s [u64],
        size: u64,
        asked: u64,
    }

    impl Sizer for Sums<'_> {
        fn begin(&mut self) {
            self.size = 0;
        }
        fn with(&mut self, point: usize) -> u64 {
            self.asked = self.size + self.brings[point];
            self.asked
        }
        fn alone(&mut self, point: usize) -> u64 {
            self.brings[point]
        }
        fn accept(&mut self) {
            self.size = self.asked;
        }
    }

    fn grown(brings: &[u64], most: u64) -> Vec<Grown> {
        newest(brings.len(), most, &mut Sums { brings, size: 0, asked: 0 })
    }

    fn members(brings: &[u64], most: u64) -> Vec<usize> {
        grown(brings, most).iter().map(|grown| grown.point).collect()
    }

    #[test]
    fn a_window_ends_before_it_is_too_large() {
        assert_eq!(members(&[3, 3, 3, 3], 10), [0, 1, 2]);
        assert_eq!(members(&[3, 3, 3, 3], 12), [0, 1, 2, 3]);
        assert_eq!(members(&[3, 3, 3, 3], 2), [0; 0]);
        assert_eq!(members(&[0, 0, 11, 0], 10), [0, 1, 3]);
        assert_eq!(members(&[], 10), [0; 0]);
    }

    #[test]
    fn few_points_are_left_out_and_many_end_it() {
        assert_eq!(members(&[99, 1, 99, 1, 99, 1], 10), [1, 3, 5]);
        assert_eq!(members(&[99, 99, 1], 10), [0; 0]);
        assert_eq!(members(&[1, 99, 99, 99, 1], 10), [0, 4]);
        assert_eq!(members(&[1, 99, 99, 99, 99, 1], 10), [0]);
    }

    fn shared(windows: &[Vec<Grown>], budget: u64) -> Vec<usize> {
        in_turns(windows.iter().map(Vec::as_slice), budget)
    }

    #[test]
    fn windows_take_turns_and_the_small_ones_come_first() {
        let windows = [vec![5; 6], vec![1; 6], vec![40; 6]].map(|brings| grown(&brings, 1000));
        assert_eq!(shared(&windows, 5), [0, 5, 0]);
        assert_eq!(shared(&windows, 6), [1, 1, 0]);
        assert_eq!(shared(&windows, 46), [1, 1, 1]);
        // The largest does not get its second, and what is left is for the others.
        assert_eq!(shared(&windows, 60), [3, 5, 1]);
        assert_eq!(shared(&windows, u64::MAX), [6, 6, 6]);
        assert_eq!(shared(&[], 60), [0; 0]);
    }

    proptest! {
        #[test]
        fn all_together_are_within_the_budget_and_none_could_go_on(
            brings in proptest::collection::vec(proptest::collection::vec(0_u64..20, 0..8), 0..5),
            budget in 0_u64..100,
        ) {
            let windows: Vec<Vec<Grown>> = brings.iter().map(|brings| grown(brings, budget)).collect();
            let points = shared(&windows, budget);
            let size = |window: usize, points: usize| if points == 0 { 0 } else { windows[window][points - 1].size };
            let all: u64 = points.iter().enumerate().map(|(window, points)| size(window, *points)).sum();
            prop_assert!(all <= budget);
            for (window, count) in points.iter().enumerate() {
                let is_whole = *count == windows[window].len();
                prop_assert!(is_whole || size(window, count + 1) - size(window, *count) > budget - all);
            }
        }
    }
}
