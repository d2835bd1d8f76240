//! What a step from each age straight to the newest generation would cost, as
//! far as that can be told without making it.
//!
//! The chain costs what it costs; the step inserts less text, by the share that
//! `lacking` tells. Text that comes and goes within the chain compresses better
//! than text that stays, so only a part of that share is gained. How large the
//! part is differs from type to type and with the distance: it is learnt from the
//! anchors that are there.

use super::Past;

/// The part of the share that is gained, in thousandths, where no anchor of about
/// that length tells. Rather too much: what that costs is an anchor in vain, once.
const GAIN: u64 = 850;
/// Shares of less than so many thousandths tell nothing.
const MIN_SHARE: u64 = 20;

/// Estimates for every age in reach, in bytes; entry 0 is 0.
pub(super) fn direct(past: &Past<'_>) -> Vec<u64> {
    let mut chains = vec![(0, 0)];
    for step in past.neighbours {
        let (bytes, inserted): (u64, u64) = chains.last().copied().unwrap_or_default();
        chains.push((bytes + step.bytes, inserted + step.inserted));
    }
    let gains = gains(past, &chains);
    let estimate = |(age, (bytes, inserted)): (usize, &(u64, u64))| {
        let gain = gain_at(&gains, age);
        let lacking = past.lacking.get(age).copied().unwrap_or(u64::MAX);
        bytes - scaled(*bytes, share_saved(lacking, *inserted) * gain, 1_000_000)
    };
    let mut direct: Vec<u64> = chains.iter().enumerate().map(estimate).collect();
    // Where there is such a step, it tells.
    for step in past.neighbours.iter().take(1).chain(past.anchors).filter(|step| step.to == 0) {
        if let Some(direct) = direct.get_mut(step.from) {
            *direct = step.bytes;
        }
    }
    direct
}

/// By length of an anchor, which part of the share it gained.
fn gains(past: &Past<'_>, chains: &[(u64, u64)]) -> Vec<(usize, u64)> {
    let gain = |anchor: &super::Edge| {
        let (from, to) = (chains.get(anchor.from)?, chains.get(anchor.to)?);
        let (bytes, inserted) = (from.0 - to.0, from.1 - to.1);
        let share = share_saved(anchor.inserted, inserted);
        let saved = share_saved(anchor.bytes, bytes);
        (share >= MIN_SHARE).then(|| (anchor.from - anchor.to, (saved * 1000 / share).min(1000)))
    };
    let mut gains: Vec<_> = past.anchors.iter().filter_map(gain).collect();
    gains.sort_unstable();
    gains
}

/// The gain of the anchor of most nearly this length, where one is within half
/// as much again; the largest of several.
fn gain_at(gains: &[(usize, u64)], age: usize) -> u64 {
    let near = gains.iter().filter(|(length, _)| 2 * (*length).max(age) <= 3 * (*length).min(age));
    let nearest = near.min_by_key(|(length, gain)| (length.abs_diff(age), u64::MAX - gain));
    nearest.map_or(GAIN, |(_, gain)| *gain)
}

/// How much less `part` is than `whole`, in thousandths.
fn share_saved(part: u64, whole: u64) -> u64 {
    scaled(1000, whole.saturating_sub(part), whole.max(1))
}

fn scaled(value: u64, times: u64, by: u64) -> u64 {
    u64::try_from(u128::from(value) * u128::from(times) / u128::from(by)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::Edge;
    use super::*;

    #[test]
    fn estimates_follow_the_anchors_that_are_there() {
        let edge = |from, to, bytes, inserted| Edge { from, to, bytes, inserted };
        let neighbours: Vec<_> = (0..12).map(|age| edge(age + 1, age, 1_000, 100)).collect();
        // At twelve behind, half of what is inserted comes again.
        let lacking: Vec<u64> = (0..13).map(|age| age * 100 - age * age * 50 / 12).collect();
        let mut past = Past { neighbours: &neighbours, anchors: &[], lacking: &lacking };
        assert_eq!(direct(&past)[12], 12_000 - 12_000 * 500 * 85 / 100_000);
        // An anchor of eleven saves 22 % where 45.9 % is not inserted.
        let anchors = [edge(12, 1, 8_580, 596)];
        past.anchors = &anchors;
        assert_eq!(direct(&past)[12], 12_000 - 12_000 * 500 * 480 / 1_000_000);
        // It says nothing of steps that are much shorter.
        assert_eq!(direct(&past)[7], 7_000 - 7_000 * 291 * 850 / 1_000_000);
    }
}
