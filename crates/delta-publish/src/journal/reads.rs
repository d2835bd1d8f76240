//! What clients read of a journal: those of all types, by the publish that they hold, as `delta-client` reads it. By
//! what repomd.xml tells of the newest steps where that is enough, else with the head. What types share is divided
//! among them, so that the numbers of the types add up. Other ways than the journal are not looked at.

use delta_core::journal::{GAP, GenerationId, Head, Newest, ServedPublish};

/// What the holders of one publish read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublishReads {
    /// Bytes for all types that changed since.
    pub(crate) bytes: u64,
    /// For each of these types its number in the head, the generation that is held, and its share of the bytes.
    pub(crate) shares: Vec<(usize, GenerationId, u64)>,
}

/// What is read from each publish that is served, the youngest first. `newest` is what repomd.xml tells, and
/// `current` what the types have now.
pub(crate) fn reads(head: &Head, newest: Option<&Newest>, current: &[GenerationId]) -> Vec<PublishReads> {
    let of = |publish: ServedPublish| {
        let mut from = publish.from;
        // Who went back to what is current needs nothing.
        from.retain(|(nth, id)| current.get(*nth) != Some(id));
        let age = usize::try_from(head.sequence().checked_sub(publish.sequence)?).ok()?;
        let exact = newest.and_then(|newest| without_head(newest, &from, age));
        let (bytes, weights) = exact.or_else(|| with_head(head, &from)).filter(|_| !from.is_empty())?;
        let shares = from.iter().zip(shares(bytes, &weights));
        let shares = shares.map(|((nth, id), share)| (*nth, *id, share)).collect();
        Some(PublishReads { bytes, shares })
    };
    head.publishes().into_iter().filter_map(of).collect()
}

/// Bytes, and what they are divided by, where repomd.xml tells enough.
fn without_head(newest: &Newest, from: &[(usize, GenerationId)], age: usize) -> Option<(u64, Vec<u64>)> {
    let numbers: Vec<usize> = from.iter().map(|(nth, _)| *nth).collect();
    let bytes = newest.reading(&numbers, age)?.bytes(GAP);
    let weight = |nth: &usize| newest.parts.get(*nth).copied().unwrap_or(0).max(1);
    Some((bytes, numbers.iter().map(weight).collect()))
}

/// The same with the head: of one run where one serves all, else of a run for each type.
fn with_head(head: &Head, from: &[(usize, GenerationId)]) -> Option<(u64, Vec<u64>)> {
    let alone = from.iter().map(|base| head.reading(&[*base], GAP)).collect::<Option<Vec<_>>>()?;
    let weights = alone.iter().map(|reading| reading.part_bytes().max(1)).collect();
    let bytes = match head.reading(from, GAP) {
        Some(together) => together.bytes(GAP),
        None => alone.iter().map(|reading| reading.bytes(GAP)).sum(),
    };
    Some((head.len() + bytes, weights))
}

/// So many bytes in parts that are to one another as `weights`, and whose sum they are.
fn shares(bytes: u64, weights: &[u64]) -> Vec<u64> {
    let total: u128 = weights.iter().map(|weight| u128::from(*weight)).sum::<u128>().max(1);
    let up_to = |sum: u128| u64::try_from(u128::from(bytes) * sum / total).unwrap_or(u64::MAX);
    let mut sum = 0;
    let share = |weight: &u64| {
        let before = up_to(sum);
        sum += u128::from(*weight);
        up_to(sum) - before
    };
    weights.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up() {
        assert_eq!(shares(10, &[1, 1, 1]), [3, 3, 4]);
        assert_eq!(shares(494, &[107, 51, 52]).iter().sum::<u64>(), 494);
        assert_eq!(shares(7, &[0]), [0]);
    }
}
