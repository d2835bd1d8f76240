//! Where an anchor is worth its making.

use super::{AnchorTerms, Past, estimate, routes, thousandths};

/// The age from which an anchor to the newest generation is to be made next;
/// nothing where every route is as good as the terms want, or cannot be made
/// better: ages are left alone whose own step would cost more than `max` bytes or
/// insert more than `budget`.
///
/// Call it again with the anchor among `past.anchors` and the budget diminished.
/// It ends: it never asks twice for the same one.
#[must_use]
pub fn next_anchor(past: &Past<'_>, terms: &AnchorTerms, max: u64, budget: u64) -> Option<usize> {
    let routes = routes(past);
    let direct = estimate::direct(past);
    let is_fresh = |age: usize| past.anchors.iter().any(|anchor| anchor.from == age && anchor.to == 0);
    let is_dear = |age: usize, share| routes[age].bytes > thousandths(direct[age], share) + terms.slack;
    let can_have = |age: usize| {
        age > 1 && direct[age] <= max && past.lacking.get(age).is_some_and(|l| *l <= budget) && !is_fresh(age)
    };
    let dear = (2..routes.len()).find(|age| is_dear(*age, terms.upper) && can_have(*age))?;
    let near = usize::try_from(thousandths(dear as u64, terms.near)).unwrap_or(dear).max(2);
    if (near..dear).any(is_fresh) {
        return Some(dear);
    }
    (near..=dear).find(|age| is_dear(*age, terms.lower) && can_have(*age))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Edge, Via};
    use super::*;

    /// A repository whose chains cost more than direct steps, the more the longer
    /// they are: direct bytes by distance.
    fn direct(distance: usize) -> u64 {
        let distance = distance as u64;
        distance * 6_000 * 160 / (160 + distance)
    }

    fn lacking(distance: usize) -> u64 {
        let distance = distance as u64;
        distance * 150_000 * 120 / (120 + distance)
    }

    /// Publishes `publishes` times with so many generations retained; gives the
    /// worst route at the end of each compared with a direct step, in thousandths,
    /// and the text that anchors took.
    fn publish(retained: usize, publishes: usize) -> (Vec<u64>, u64) {
        let terms = AnchorTerms::default();
        // Anchors by the number of the publish that made them.
        let mut made: Vec<(usize, usize, u64, u64)> = Vec::new();
        let (mut worst, mut text) = (Vec::new(), 0);
        let lacks: Vec<u64> = (0..=retained).map(lacking).collect();
        for publish in retained..retained + publishes {
            // Each takes some bytes for its table.
            let edge = |from: usize, to: usize, bytes: u64, inserted| {
                let bytes = bytes + 16;
                Edge { from, to, bytes, inserted }
            };
            let neighbours: Vec<Edge> =
                (0..retained).map(|age| edge(age + 1, age, direct(1), lacking(1))).collect();
            made.retain(|(from, ..)| publish - from <= retained);
            loop {
                let anchors: Vec<Edge> = (made.iter())
                    .map(|(from, to, bytes, inserted)| edge(publish - from, publish - to, *bytes, *inserted))
                    .collect();
                let past = Past { neighbours: &neighbours, anchors: &anchors, lacking: &lacks };
                if let Some(age) = next_anchor(&past, &terms, u64::MAX, u64::MAX) {
                    made.push((publish - age, publish, direct(age), lacking(age)));
                    text += lacking(age);
                    continue;
                }
                let routes = routes(&past);
                let ratio = |age: usize| routes[age].bytes.saturating_sub(terms.slack) * 1000 / direct(age);
                worst.extend((1..=retained).map(ratio).max());
                let used = |number: usize| {
                    routes.iter().any(|r| r.first.is_some_and(|(_, via)| via == Via::Anchor(number)))
                };
                let kept: Vec<_> =
                    (made.iter().enumerate()).filter(|(n, _)| used(*n)).map(|(_, m)| *m).collect();
                made = kept;
                break;
            }
        }
        (worst, text)
    }

    #[test]
    fn routes_stay_near_direct_steps_and_few_anchors_are_made() {
        let (worst, text) = publish(56, 80);
        assert!(worst.iter().all(|ratio| *ratio <= 1180), "{worst:?}");
        // All routes anew at each publish would take some 56 · 28 neighbour steps;
        // this takes the text of about a dozen a publish.
        assert!(text / 80 < 16 * lacking(1), "{}", text / 80 / lacking(1));
    }

    #[test]
    fn nothing_is_placed_where_chains_are_good() {
        let edge = |age: usize| Edge { from: age + 1, to: age, bytes: 5_016, inserted: 1_000 };
        let neighbours: Vec<Edge> = (0..200).map(edge).collect();
        let lacking: Vec<u64> = (0..=200).map(|age| age * 1_000).collect();
        let past = Past { neighbours: &neighbours, anchors: &[], lacking: &lacking };
        assert_eq!(next_anchor(&past, &AnchorTerms::default(), u64::MAX, u64::MAX), None);
    }

    #[test]
    fn budget_and_size_are_kept_to() {
        let edge = |age: usize| Edge { from: age + 1, to: age, bytes: 5_016, inserted: 1_000 };
        let neighbours: Vec<Edge> = (0..40).map(edge).collect();
        let lacking: Vec<u64> = (0..=40).map(|age| 1_000 + age * 10).collect();
        let past = Past { neighbours: &neighbours, anchors: &[], lacking: &lacking };
        let terms = AnchorTerms::default();
        let first = next_anchor(&past, &terms, u64::MAX, u64::MAX);
        assert_eq!(first, Some(2));
        assert_eq!(next_anchor(&past, &terms, u64::MAX, 1_019), None);
        assert_eq!(next_anchor(&past, &terms, 4_000, u64::MAX), None);
    }

    proptest! {
        #[test]
        fn it_ends_for_any_numbers(
            steps in prop::collection::vec((0..1_u64 << 40, 0..1_u64 << 40), 0..30),
            lacking in prop::collection::vec(0..1_u64 << 40, 31),
            made in prop::collection::vec((0..30_usize, 0..30_usize, 0..1_u64 << 40, 0..1_u64 << 40), 0..6),
            cost in 0..1_u64 << 40,
        ) {
            let edge = |(age, (bytes, inserted)): (usize, &(u64, u64))| {
                Edge { from: age + 1, to: age, bytes: *bytes, inserted: *inserted }
            };
            let neighbours: Vec<Edge> = steps.iter().enumerate().map(edge).collect();
            let mut anchors: Vec<Edge> = made
                .iter()
                .filter(|(from, to, ..)| from > to && *from <= steps.len())
                .map(|(from, to, bytes, inserted)| Edge { from: *from, to: *to, bytes: *bytes, inserted: *inserted })
                .collect();
            for _ in 0..=steps.len() {
                let past = Past { neighbours: &neighbours, anchors: &anchors, lacking: &lacking };
                match next_anchor(&past, &AnchorTerms::default(), u64::MAX, u64::MAX) {
                    None => return Ok(()),
                    Some(from) => {
                        prop_assert!(anchors.iter().all(|a| a.from != from || a.to != 0));
                        anchors.push(Edge { from, to: 0, bytes: cost, inserted: lacking[from] });
                    }
                }
            }
            prop_assert!(false, "it goes on and on");
        }
    }
}
