//! The one window of a type beside its journal: the newest generations, as far back as the
//! budget goes.

use delta_core::plan::Kept;
use history::Track;
use history::windows::{self, Grown};

use super::folds::Folds;
use super::past::Past;
use super::{Planned, kept, literal_bytes};
use crate::naming::Naming;

/// How the literals of a window of the newest points grow with each point more, up to `most` bytes and as
/// long as the delta, as estimated, is at most `max`.
pub(crate) fn newest(track: &Track, timestamp: Option<u64>, full: u64, max: u64, most: u64) -> Vec<Grown> {
    let points = timestamp.map(|timestamp| track.points(timestamp)).unwrap_or_default();
    let Some(past) = Past::new(track, &points, full) else { return Vec::new() };
    let max = max.min(full.saturating_sub(1));
    let measure = |kept: &Kept| {
        if past.size(kept) > max { u64::MAX } else { literal_bytes(track, past.newest, kept) }
    };
    windows::newest(points.len(), most, &mut Folds::new(&past, measure))
}

/// The window of so many points; nothing where there are none, or where listing it costs everybody more than it
/// saves those whom it serves.
pub(crate) fn window_of_newest(
    track: &Track,
    naming: &Naming,
    timestamp: Option<u64>,
    full: u64,
    newest: &[Grown],
) -> Option<Planned> {
    let points = track.points(timestamp?);
    let past = Past::new(track, &points, full)?;
    if newest.is_empty() {
        return None;
    }
    let window = windows::window(&points, newest.iter().map(|grown| grown.point).collect());
    let kept = kept(track, &window.generations);
    let planned = Planned::new(&past, window, kept);
    // Whoever holds the current content under an older timestamp needs nothing.
    let is_behind = |grown: &&Grown| points[grown.point].generations.iter().any(|generation| *generation > 0);
    let behind = newest.iter().filter(is_behind).count() as u64;
    let saved = full.saturating_sub(planned.estimate).saturating_mul(behind);
    let listing = naming.listed_bytes() + naming.base_bytes();
    (saved > listing.saturating_mul(points.len() as u64)).then_some(planned)
}
