//! The windows by which clients download least on average: an exact choice, by
//! dynamic programming. A client is as likely to hold one point as any other.

use std::ops::RangeInclusive;

use super::{Point, Window, window};

/// What the choice depends on besides points and sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Most windows.
    pub max_windows: usize,
    /// Bytes that every window adds to what every client downloads: its
    /// `<delta>` element in repomd.xml.
    pub listing: u64,
    /// Bytes that are added once where there is any window: the copy of the
    /// record's location that goes before its deltas.
    pub base: u64,
    /// Bytes of the full file, which a client downloads that no window serves.
    pub full: u64,
    /// Largest delta in bytes. One that is as large as the full file is of no
    /// use, whatever this says.
    pub max: u64,
}

/// Tells how large deltas would be.
pub trait Sizes {
    /// The sizes, in bytes, of the deltas for the windows that begin at the
    /// point `newest`: entry `k` for the points `newest..=newest + k`, and so on
    /// to the last point. Each point is asked about once, the oldest first.
    ///
    /// A point for which a delta of its own would be larger than `max` is left
    /// out of every window: sizes are those without it. What stands there for a
    /// window of such points only is not looked at.
    fn beginning_at(&mut self, newest: usize, max: u64) -> Row<'_>;
}

/// One row of [`Sizes`].
#[derive(Clone, Copy, Debug)]
pub struct Row<'s> {
    /// Whether a delta of allowed size can serve the point that was asked about.
    pub servable: bool,
    /// Bytes, ascending.
    pub sizes: &'s [u64],
}

/// Windows, and what they cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The windows, newest first.
    pub windows: Vec<Window>,
    /// What clients download on average, in bytes, as far as the sizes are
    /// right: deltas, full files where none serves, and the listings.
    pub expected: u64,
}

/// The at most [`Terms::max_windows`] windows for which the expected download
/// is least; of equally good ones, the fewest.
///
/// A window is a run of points less those that no delta of allowed size serves: clients that hold
/// these download the next older window's delta in vain, and then the full file,
/// which counts. Points older than the last window's are not served.
///
/// Takes `points² × max_windows` steps, and memory for a few numbers per point
/// and window.
pub fn cheapest(points: &[Point], terms: &Terms, sizes: &mut impl Sizes) -> Chosen {
    let mut table = Table::new(points.len(), terms);
    for newest in (0..points.len()).rev() {
        table.add(newest, sizes.beginning_at(newest, table.max));
    }
    let (runs, total) = table.runs();
    let of_run = |run: RangeInclusive<usize>| {
        let members = run.filter(|p| table.servable[*p]).collect();
        window(points, members)
    };
    let clients = points.len().max(1) as u128;
    let expected = u64::try_from(total.div_ceil(clients)).unwrap_or(u64::MAX);
    Chosen { windows: runs.into_iter().map(of_run).collect(), expected }
}

/// The best way to serve all points from one on, with so many windows.
#[derive(Clone, Copy)]
struct Best {
    /// What a client of each point downloads, together, in bytes.
    cost: u128,
    /// The oldest point of the first window; nothing where there is no window.
    oldest: Option<usize>,
}

struct Table<'t> {
    terms: &'t Terms,
    max: u64,
    points: usize,
    servable: Vec<bool>,
    /// By windows left, then by point.
    best: Vec<Vec<Best>>,
}

impl<'t> Table<'t> {
    fn new(points: usize, terms: &'t Terms) -> Self {
        let unserved =
            |from: usize| Best { cost: (points - from) as u128 * u128::from(terms.full), oldest: None };
        let none: Vec<Best> = (0..=points).map(unserved).collect();
        Self {
            terms,
            max: terms.max.min(terms.full.saturating_sub(1)),
            points,
            servable: vec![false; points],
            best: vec![none; terms.max_windows.min(points) + 1],
        }
    }

    /// Finds the best for `newest` and everything older, of which all but it has
    /// been added.
    fn add(&mut self, newest: usize, row: Row<'_>) {
        self.servable[newest] = row.servable;
        let listing = self.points as u128 * u128::from(self.terms.listing);
        let mut in_vain = 0;
        for (oldest, &size) in (newest..self.points).zip(row.sizes) {
            if size > self.max {
                break;
            }
            if !self.servable[oldest] {
                in_vain += 1;
                continue;
            }
            let clients = (oldest + 1 - newest) as u128;
            let here = clients * u128::from(size) + in_vain * u128::from(self.terms.full) + listing;
            for left in 1..self.best.len() {
                let cost = here + self.best[left - 1][oldest + 1].cost;
                if cost < self.best[left][newest].cost {
                    self.best[left][newest] = Best { cost, oldest: Some(oldest) };
                }
            }
        }
    }

    /// The runs of points of the windows chosen, and their cost.
    fn runs(&self) -> (Vec<RangeInclusive<usize>>, u128) {
        let base = self.points as u128 * u128::from(self.terms.base);
        let cost = |left: usize| {
            let best = &self.best[left][0];
            best.cost + if best.oldest.is_some() { base } else { 0 }
        };
        let fewest = (0..self.best.len()).min_by_key(|left| cost(*left)).unwrap_or(0);
        let (mut left, mut newest) = (fewest, 0);
        let mut runs = Vec::new();
        while let Some(Best { oldest: Some(oldest), .. }) = self.best[left].get(newest) {
            runs.push(newest..=*oldest);
            newest = oldest + 1;
            left -= 1;
        }
        (runs, cost(fewest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Chunks of some weight, each missing from some points: what a delta for a
    /// window has to bring is every chunk that one of its points has not got.
    #[derive(Debug)]
    struct Lacking {
        chunks: Vec<(u64, Vec<bool>)>,
        row: Vec<u64>,
        points: usize,
    }

    impl Lacking {
        fn size(&self, points: &[usize]) -> u64 {
            let lacks = |has: &[bool]| points.iter().any(|p| !has[*p]);
            self.chunks.iter().filter(|(_, has)| lacks(has)).map(|(weight, _)| weight).sum()
        }

        fn servable(&self, point: usize, max: u64) -> bool {
            self.size(&[point]) <= max
        }
    }

    impl Sizes for Lacking {
        fn beginning_at(&mut self, newest: usize, max: u64) -> Row<'_> {
            let served =
                |oldest| -> Vec<usize> { (newest..=oldest).filter(|p| self.servable(*p, max)).collect() };
            self.row = (newest..self.points).map(|oldest| self.size(&served(oldest))).collect();
            Row { servable: self.servable(newest, max), sizes: &self.row }
        }
    }

    fn points(n: usize) -> Vec<Point> {
        (0..n).map(|n| Point { timestamp: 1000 - n as u64, generations: vec![n] }).collect()
    }

    /// What the clients of all points download, by the clients' own rule.
    fn played(terms: &Terms, sizes: &Lacking, windows: &[Vec<usize>]) -> u128 {
        let mut total = 0;
        for point in 0..sizes.points {
            let delta = windows.iter().find(|w| w.last().is_some_and(|oldest| *oldest >= point));
            let own = match delta {
                None => terms.full,
                Some(window) => {
                    let size = sizes.size(window);
                    size + if window.contains(&point) { 0 } else { terms.full }
                }
            };
            let base = if windows.is_empty() { 0 } else { terms.base };
            total += u128::from(own + base + terms.listing * windows.len() as u64);
        }
        total
    }

    /// Every way to cut the points into at most so many windows.
    fn divisions(servable: &[usize], windows: usize) -> Vec<Vec<Vec<usize>>> {
        let mut all = vec![vec![]];
        if windows > 0 {
            for cut in 1..=servable.len() {
                for rest in divisions(&servable[cut..], windows - 1) {
                    let mut division = vec![servable[..cut].to_vec()];
                    division.extend(rest);
                    all.push(division);
                }
            }
        }
        all
    }

    fn lacking() -> impl Strategy<Value = Lacking> {
        (1_usize..8).prop_flat_map(|points| {
            let chunk = (0_u64..40, proptest::collection::vec(any::<bool>(), points));
            proptest::collection::vec(chunk, 0..10).prop_map(move |chunks| Lacking {
                chunks,
                row: Vec::new(),
                points,
            })
        })
    }

    proptest! {
        #[test]
        fn nothing_is_cheaper(
            mut sizes in lacking(),
            max_windows in 0_usize..5,
            listing in 0_u64..12,
            base in 0_u64..40,
            full in 1_u64..200,
            max in 0_u64..200,
        ) {
            let terms = Terms { max_windows, listing, base, full, max };
            let chosen = cheapest(&points(sizes.points), &terms, &mut sizes);
            let max = max.min(full - 1);
            let servable: Vec<usize> = (0..sizes.points).filter(|p| sizes.servable(*p, max)).collect();
            let allowed = |d: &Vec<Vec<usize>>| d.iter().all(|w| sizes.size(w) <= max);
            let best = divisions(&servable, max_windows)
                .into_iter()
                .filter(allowed)
                .map(|d| played(&terms, &sizes, &d))
                .min()
                .unwrap();
            let windows: Vec<Vec<usize>> = chosen.windows.iter().map(|w| w.points.clone()).collect();
            prop_assert!(windows.len() <= max_windows);
            prop_assert!(allowed(&windows));
            prop_assert_eq!(played(&terms, &sizes, &windows), best);
            prop_assert_eq!(u128::from(chosen.expected), best.div_ceil(sizes.points as u128));
        }
    }

    /// A delta as large as the sum of what its points bring.
    struct Steps<'s>(&'s [u64], Vec<u64>);

    impl Sizes for Steps<'_> {
        fn beginning_at(&mut self, newest: usize, _: u64) -> Row<'_> {
            let size = |oldest: usize| self.0[..=oldest].iter().sum();
            self.1 = (newest..self.0.len()).map(size).collect();
            Row { servable: true, sizes: &self.1 }
        }
    }

    fn chosen(steps: &[u64], max_windows: usize, listing: u64) -> Vec<Vec<usize>> {
        let terms = Terms { max_windows, listing, base: 0, full: 100_000, max: 60_000 };
        let chosen = cheapest(&points(steps.len()), &terms, &mut Steps(steps, Vec::new()));
        chosen.windows.into_iter().map(|w| w.points).collect()
    }

    #[test]
    fn a_window_has_to_earn_its_listing() {
        assert_eq!(chosen(&[100; 4], 5, 0), [[0], [1], [2], [3]]);
        assert_eq!(chosen(&[100; 4], 5, 60), [[0, 1], [2, 3]]);
        assert_eq!(chosen(&[100; 4], 5, 1000), [[0, 1, 2, 3]]);
        assert_eq!(chosen(&[100; 4], 1, 0), [[0, 1, 2, 3]]);
        assert!(chosen(&[100; 4], 0, 0).is_empty());
        assert!(chosen(&[], 5, 0).is_empty());
    }

    #[test]
    fn a_large_step_begins_a_window() {
        assert_eq!(chosen(&[10, 10, 9000, 10], 2, 0), [[0, 1], [2, 3]]);
        assert_eq!(chosen(&[70_000, 10], 2, 0), [[0_usize; 0]; 0]);
    }
}
