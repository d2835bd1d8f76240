//! Why no past generation of a type is served, for the operator. Nothing is decided here.

use history::windows::Point;

use super::journal::PreparedJournal;
use super::tracks::Work;
use crate::estimate;
use crate::options::{Options, Windows};
use crate::report::Unserved;

/// The reason, and the estimated bytes of the smallest delta from a past generation, where there is one.
pub(super) fn why(
    work: &Work,
    options: &Options,
    journal: Option<&PreparedJournal>,
) -> (Option<Unserved>, Option<u64>) {
    if !options.deltas && options.journal.is_none() {
        return (Some(Unserved::NotAskedFor), None);
    }
    if work.track.generations().len() < 2 {
        return (Some(Unserved::FirstPublish), None);
    }
    let full = work.publication.size;
    let points = match journal {
        // It would serve whatever timestamps say.
        Some(_) => by_generation(work),
        None => work.publication.timestamp.map(|timestamp| work.track.points(timestamp)).unwrap_or_default(),
    };
    let is_past = |point: &Point| point.generations.iter().any(|generation| *generation > 0);
    let sizes = estimate::alone(&work.track, &points, full, &[]);
    let past = points.iter().zip(sizes).filter(|(point, _)| is_past(point));
    let Some(smallest) = past.map(|(_, bytes)| bytes).min() else {
        return (Some(Unserved::NotSelectable), None);
    };
    let why = if smallest > options.max_size.bytes(full) {
        Unserved::TooLarge
    } else if journal.is_some_and(|journal| journal.beyond_budget().is_some()) && is_bounded(options) {
        Unserved::BeyondBudget
    } else if options.deltas {
        Unserved::NotWorthListing
    } else {
        Unserved::TooLarge
    };
    (Some(why), Some(smallest))
}

/// Whether deltas of format 1 are within the budget, too.
fn is_bounded(options: &Options) -> bool {
    !options.deltas || options.windows == Windows::Chosen
}

/// The past generations, each alone.
fn by_generation(work: &Work) -> Vec<Point> {
    let past = 1..work.track.generations().len();
    past.map(|generation| Point { timestamp: 0, generations: vec![generation] }).collect()
}
