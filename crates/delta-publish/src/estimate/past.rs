//! The past of a track, and what is estimated of deltas to its newest generation.

use delta_core::chunk::Symbol;
use delta_core::plan::Kept;
use history::windows::Point;
use history::{Generation, Track};

/// Bytes that a bzip2 stream of hardly anything has.
const EMPTY_DELTA: u64 = 40;

/// The past of a track, as deltas to its newest generation see it.
pub(super) struct Past<'a> {
    pub(super) track: &'a Track,
    pub(super) newest: &'a Generation,
    pub(super) points: &'a [Point],
    /// What each chunk of the new file would take as a literal, compressed, in
    /// sixteenths of a byte.
    pub(super) weights: Vec<u64>,
}

impl<'a> Past<'a> {
    /// That of a track with generations, whose newest has `full` compressed bytes.
    pub(super) fn new(track: &'a Track, points: &'a [Point], full: u64) -> Option<Self> {
        let newest = track.generations().first()?;
        Some(Self { track, newest, points, weights: weights(track, newest, full) })
    }

    /// The chunks of the new file.
    pub(super) fn new_file(&self) -> &'a [Symbol] {
        &self.newest.sequence
    }

    /// The size in bytes of a delta that refers to `kept`.
    pub(super) fn size(&self, kept: &Kept) -> u64 {
        let all: u64 = self.weights.iter().sum();
        estimate(all - kept.positions().map(|p| self.weights[p]).sum::<u64>())
    }
}

/// The size of a delta in bytes with literals of so many sixteenths of a byte.
pub(super) fn estimate(sixteenths: u64) -> u64 {
    EMPTY_DELTA + sixteenths / 16
}

/// What each chunk of the new file would take as a literal, compressed, in
/// sixteenths of a byte: as it is stored in the history, or, in a dry run, as the
/// full file compresses.
fn weights(track: &Track, newest: &Generation, full: u64) -> Vec<u64> {
    let unstored = |symbol| {
        let sixteenths = u128::from(track.table().chunk_len(symbol)) * 16 * u128::from(full);
        u64::try_from(sixteenths / u128::from(newest.open_size.max(1))).unwrap_or(u64::MAX)
    };
    let weight = |symbol: &Symbol| track.stored_sixteenths(*symbol).unwrap_or_else(|| unstored(*symbol));
    newest.sequence.iter().map(weight).collect()
}
