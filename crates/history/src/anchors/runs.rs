//! The runs of a journal: which generations are served, and in which order their
//! steps stand in the file.

use super::{Past, Route, Via, estimate, thousandths};

/// What is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Most bytes of a generation's steps.
    pub max: u64,
    /// Most that they may cost compared with a step of its own, in thousandths.
    pub share: u64,
    /// Bytes that do not matter in that comparison.
    pub slack: u64,
    /// Most bytes of all runs together.
    pub file: u64,
    /// Most runs.
    pub runs: usize,
}

/// The runs of a journal that serves what `routes` reach within `bounds`. Each is
/// a list of steps, from the one that leads to the newest generation on; a step is
/// told by the age that it leads from, and how. Runs that begin alike follow one
/// another. What does not fit is left out, the oldest first.
#[must_use]
pub fn runs(past: &Past<'_>, routes: &[Route], bounds: &Bounds) -> Vec<Vec<(usize, Via)>> {
    let direct = estimate::direct(past);
    let mut served = vec![false; routes.len()];
    for (age, route) in routes.iter().enumerate() {
        let dear = thousandths(direct[age], bounds.share).saturating_add(bounds.slack);
        let is_good = route.bytes <= bounds.max && route.bytes <= dear;
        served[age] = is_good && route.first.is_none_or(|(to, _)| served[to]);
    }
    let mut reached = vec![0_usize; routes.len()];
    for (age, route) in routes.iter().enumerate() {
        if let Some((to, _)) = route.first.filter(|_| served[age]) {
            reached[to] += 1;
        }
    }
    let mut ends: Vec<usize> = (1..routes.len()).filter(|age| served[*age] && reached[*age] == 0).collect();
    let mut bytes = 0_u64;
    ends.truncate(bounds.runs);
    let fits = |age: &usize| {
        bytes = bytes.saturating_add(routes[*age].bytes);
        bytes <= bounds.file
    };
    let mut runs: Vec<Vec<(usize, Via)>> =
        ends.into_iter().take_while(fits).map(|age| run(routes, age)).collect();
    sort(&mut runs);
    runs
}

/// Cuts every run off after as many steps as `fitting` says, and leaves out what
/// then serves nobody whom another run does not.
#[must_use]
pub fn shortened(
    mut runs: Vec<Vec<(usize, Via)>>,
    fitting: impl Fn(&[(usize, Via)]) -> usize,
) -> Vec<Vec<(usize, Via)>> {
    for run in &mut runs {
        run.truncate(fitting(run));
    }
    sort(&mut runs);
    // The beginning of another run stands right before one that begins so.
    let mut kept: Vec<Vec<(usize, Via)>> = Vec::new();
    for run in runs.into_iter().rev() {
        if !run.is_empty() && kept.last().is_none_or(|next| !next.starts_with(&run)) {
            kept.push(run);
        }
    }
    kept.reverse();
    kept
}

/// Puts runs that begin alike next to one another.
fn sort(runs: &mut [Vec<(usize, Via)>]) {
    runs.sort_by(|a, b| a.iter().map(|(age, _)| age).cmp(b.iter().map(|(age, _)| age)));
}

/// The steps from the newest generation to `age`.
fn run(routes: &[Route], age: usize) -> Vec<(usize, Via)> {
    let mut run = Vec::new();
    let mut at = age;
    while let Some((to, via)) = routes[at].first {
        run.push((at, via));
        at = to;
    }
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use super::super::{Edge, routes};
    use super::*;

    const BOUNDS: Bounds = Bounds { max: 1_000, share: 1_200, slack: 0, file: 100_000, runs: 64 };

    fn past() -> (Vec<Edge>, Vec<Edge>, Vec<u64>) {
        let edge = |from, to, bytes, inserted| Edge { from, to, bytes, inserted };
        let neighbours = (0..6).map(|age| edge(age + 1, age, 100, 100)).collect();
        // From 4 to 1, at half the price of three steps.
        let anchors = vec![edge(4, 1, 150, 150)];
        (neighbours, anchors, vec![0, 100, 200, 300, 250, 350, 450])
    }

    #[test]
    fn runs_that_begin_alike_follow_one_another() {
        let (neighbours, anchors, lacking) = past();
        let past = Past { neighbours: &neighbours, anchors: &anchors, lacking: &lacking };
        let routes = routes(&past);
        let steps = |run: &[(usize, Via)]| run.iter().map(|(age, _)| *age).collect::<Vec<_>>();
        let found: Vec<_> = runs(&past, &routes, &BOUNDS).iter().map(|r| steps(r)).collect();
        assert_eq!(found, [vec![1, 2, 3], vec![1, 4, 5, 6]]);
        let few = Bounds { max: 300, ..BOUNDS };
        let found: Vec<_> = runs(&past, &routes, &few).iter().map(|r| steps(r)).collect();
        assert_eq!(found, [vec![1, 2, 3], vec![1, 4]]);
        for bounds in [Bounds { runs: 1, ..BOUNDS }, Bounds { file: 699, ..BOUNDS }] {
            let found: Vec<_> = runs(&past, &routes, &bounds).iter().map(|r| steps(r)).collect();
            assert_eq!(found, [vec![1, 2, 3]]);
        }
    }

    #[test]
    fn runs_that_are_cut_off_do_not_serve_twice() {
        let by =
            |ages: &[usize]| -> Vec<(usize, Via)> { ages.iter().map(|age| (*age, Via::Neighbour)).collect() };
        let runs = || vec![by(&[1, 2, 3]), by(&[1, 2, 4, 5]), by(&[6]), by(&[7, 8])];
        assert_eq!(shortened(runs(), <[_]>::len), runs());
        assert_eq!(shortened(runs(), |run| run.len().min(2)), [by(&[1, 2]), by(&[6]), by(&[7, 8])]);
        assert_eq!(shortened(runs(), |run| run.len() - 1), [by(&[1, 2, 4]), by(&[7])]);
        assert!(shortened(runs(), |_| 0).is_empty());
    }

    #[test]
    fn what_costs_too_much_is_not_served_and_neither_is_what_goes_through_it() {
        let (neighbours, _, lacking) = past();
        let past = Past { neighbours: &neighbours, anchors: &[], lacking: &lacking };
        let routes = routes(&past);
        let found = runs(&past, &routes, &BOUNDS);
        // Four behind a step of its own would cost 276, the chain costs 400.
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].len(), 3);
    }
}
