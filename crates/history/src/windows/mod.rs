//! Which old generations one delta serves: the time axis that clients see, and
//! its division into windows, by what clients download ([`cheapest`]), by size
//! thresholds ([`by_thresholds`]), or as far back as literals may go ([`newest()`]).
//! Pure functions; how large a delta would be is asked of the caller.

mod cheapest;
mod newest;
mod thresholds;

pub use cheapest::{Chosen, Row, Sizes, Terms, cheapest};
pub use newest::{Grown, in_turns, newest};
pub use thresholds::{Sizer, by_thresholds};

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
}
