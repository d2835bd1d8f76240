//! The cheapest way of each generation to the newest, over the steps that are
//! there.

use super::Past;

/// The first step that a generation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// The step to its younger neighbour.
    Neighbour,
    /// This one of the anchors.
    Anchor(usize),
}

/// How a generation gets to the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Bytes of all its steps, with what they take beside their payloads.
    pub bytes: u64,
    /// The age that its first step leads to, and which step that is; nothing for
    /// the newest generation.
    pub first: Option<(usize, Via)>,
}

/// The routes by age, as far as there are neighbour steps. Of two that cost the
/// same, the one with neighbour steps.
#[must_use]
pub fn routes(past: &Past<'_>) -> Vec<Route> {
    let mut routes = vec![Route { bytes: 0, first: None }];
    for (to, step) in past.neighbours.iter().enumerate() {
        let age = to + 1;
        let bytes = routes[to].bytes + step.bytes;
        let mut best = Route { bytes, first: Some((to, Via::Neighbour)) };
        for (number, anchor) in past.anchors.iter().enumerate().filter(|(_, anchor)| anchor.from == age) {
            let bytes = routes[anchor.to].bytes + anchor.bytes;
            if bytes < best.bytes {
                best = Route { bytes, first: Some((anchor.to, Via::Anchor(number))) };
            }
        }
        routes.push(best);
    }
    routes
}
