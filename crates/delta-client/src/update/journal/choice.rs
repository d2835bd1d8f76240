//! Which bytes of the journal are read, and for which types: by what repomd.xml tells of the newest steps
//! where that is enough, else by the head. Nothing is fetched here.

use std::collections::{BTreeMap, BTreeSet};

use codec::Digest;
use delta_core::journal::{GAP, GenerationId, Head, Newest, Reading};

use super::{ByType, rivals};
use crate::cache::LocalCopy;
use crate::digest::{digest_or_none, may_be_named};
use crate::update::attempt::AttemptError;
use crate::update::context::Context;

/// Most bytes that are read: they are in memory while they are verified and applied.
pub(super) const MAX_READ: u64 = 256 << 20;

/// What is read for several types.
pub(super) struct Choice {
    /// For each type why another way is better; nothing where it is led on.
    pub(super) refused: Vec<Option<AttemptError>>,
    /// What is read, and for which types, by their places among those asked for.
    pub(super) readings: Vec<(Vec<usize>, Reading)>,
    /// About what of it each type costs.
    pub(super) weights: Vec<u64>,
}

impl Choice {
    /// Bytes that are read.
    pub(super) fn bytes(&self) -> u64 {
        self.readings.iter().map(|(_, reading)| reading.bytes(GAP)).sum()
    }
}

/// So many bytes in parts that are to one another as `weights`.
pub(super) fn shares(bytes: u64, weights: &[u64]) -> Vec<u64> {
    let sum_of = |weights: &[u64]| weights.iter().copied().fold(0, u64::saturating_add);
    let total = sum_of(weights);
    let up_to = |nth: usize| {
        let sum = sum_of(weights.get(..nth).unwrap_or(weights));
        u64::try_from(u128::from(bytes) * u128::from(sum) / u128::from(total.max(1))).unwrap_or(u64::MAX)
    };
    (0..weights.len()).map(|nth| up_to(nth + 1) - up_to(nth)).collect()
}

/// What repomd.xml tells of the newest steps, as delta-core reads it.
fn newest(journal: &repomd::journal::Journal) -> Option<Newest> {
    let listed = journal.newest.as_ref()?;
    let newest = Newest::new(journal.head_size, listed.digest, listed.table, listed.parts.clone());
    Some(newest.with_further(listed.further.clone()))
}

/// How many publishes ago the copy was made, by the numbers of both repomd.xml; nothing where they do not
/// tell, or the copy has files of another publish than its own repomd.xml tells of.
fn age(local: &LocalCopy, types: &[ByType<'_, '_>]) -> Option<usize> {
    let journal = types.first()?.by.journal;
    let model = local.upstream.as_ref().map_or(&local.described, |upstream| &upstream.model);
    let old = model.journal.as_ref().filter(|old| old.id == journal.id)?;
    let is_of_then = |of_type: &ByType<'_, '_>| {
        let name = journal.types.get(of_type.by.data_type).map(|of| &of.name);
        let then = old.types.iter().find(|of| Some(&of.name) == name);
        let record = model.record(&of_type.plan.record.kind);
        let listed = record.and_then(|record| digest_or_none(record.open_checksum.as_ref()));
        let base = digest_or_none(of_type.by.base.record.open_checksum.as_ref());
        // A type that had no past then was not named.
        let is_then = |base: Digest| then.is_none_or(|then| may_be_named(&base, then.id));
        listed == base && base.is_some_and(is_then)
    };
    let age = usize::try_from(journal.sequence.checked_sub(old.sequence)?).ok()?;
    (age > 0 && types.iter().all(is_of_then)).then_some(age)
}

/// About how many of the bytes of several steps are of types that are not asked for, if all steps are like the
/// newest.
fn of_others(newest: &Newest, numbers: &[usize], bytes: u64) -> u64 {
    let part = |nth: usize| newest.parts.get(nth).copied().filter(|number| *number > 1).unwrap_or(0);
    let all = (0..newest.parts.len()).map(part).fold(0, u64::saturating_add);
    // Twins have one part.
    let own: BTreeSet<usize> = numbers.iter().copied().collect();
    let own = own.into_iter().map(part).fold(0, u64::saturating_add);
    shares(bytes, &[newest.table.saturating_add(own), all.saturating_sub(own)]).pop().unwrap_or(0)
}

/// The choice without the head; nothing where what repomd.xml tells is not enough.
pub(super) fn by_newest(context: &Context<'_>, types: &[ByType<'_, '_>]) -> Option<Choice> {
    let newest = newest(types.first()?.by.journal)?;
    let age = age(context.local?, types)?;
    let own = |of_type: &ByType<'_, '_>| newest.parts.get(of_type.by.data_type).copied().unwrap_or(0);
    let refuse = |of_type: &ByType<'_, '_>| dearer(own(of_type), of_type.rival()).filter(|_| age == 1);
    let refused: Vec<Option<AttemptError>> = types.iter().map(refuse).collect();
    let led_on: Vec<usize> = (0..types.len()).filter(|nth| refused[*nth].is_none()).collect();
    let weights = types.iter().zip(&refused).map(|(of_type, why)| match why {
        None => own(of_type).max(1),
        Some(_) => 0,
    });
    let weights = weights.collect();
    if led_on.is_empty() {
        return Some(Choice { refused, readings: Vec::new(), weights });
    }
    let numbers: Vec<usize> = led_on.iter().map(|nth| types[*nth].by.data_type).collect();
    let reading = newest.reading(&numbers, age)?;
    // By the head only the parts of these types are read, for one more request.
    let by_head = types.first()?.by.journal.head_size.saturating_add(GAP);
    if age > 1 && of_others(&newest, &numbers, reading.bytes(GAP)) > by_head {
        return None;
    }
    let rivals = rivals(led_on.iter().map(|nth| &types[*nth]));
    let is_best = cost(&reading) < rivals && reading.bytes(GAP) <= MAX_READ;
    is_best.then(|| Choice { refused, readings: vec![(led_on, reading)], weights })
}

/// About what a request more than the first costs, in bytes.
const REQUEST: u64 = 600;
/// Most types that are looked at in one head.
const MOST_TYPES: usize = 64;
/// Most requests that are made for one choice.
const MOST_RANGES: usize = 64;

/// The choice by the head, for types of these generations.
pub(super) fn by_head(head: &Head, types: &[ByType<'_, '_>], from: &[Option<GenerationId>]) -> Choice {
    let base = |nth: usize| Some((types[nth].by.data_type, from[nth]?));
    let not_cheapest = |why: &str| AttemptError::NotCheapest(why.to_owned());
    let mut weights = vec![0; types.len()];
    let mut known: BTreeMap<(usize, GenerationId), Option<u64>> = BTreeMap::new();
    let mut refuse = |nth: usize| {
        let unserved = not_cheapest("the journal does not serve the generation of the copy");
        let Some(base) = base(nth).filter(|base| known.contains_key(base) || known.len() < MOST_TYPES) else {
            return Some(unserved);
        };
        // Twins read the same.
        let alone = || head.reading(&[base], GAP).map(|reading| reading.part_bytes());
        let Some(bytes) = *known.entry(base).or_insert_with(alone) else { return Some(unserved) };
        weights[nth] = bytes.max(1);
        dearer(bytes, types[nth].rival())
    };
    let mut refused: Vec<Option<AttemptError>> = (0..types.len()).map(&mut refuse).collect();
    let led_on: Vec<usize> = (0..types.len()).filter(|nth| refused[*nth].is_none()).collect();
    let readings = readings(head, &led_on, |nth| base(*nth));
    let cost = readings.iter().map(|(_, reading)| cost(reading)).fold(0, u64::saturating_add);
    let rivals = rivals(led_on.iter().map(|nth| &types[*nth]));
    let ranges: usize = readings.iter().map(|(_, reading)| reading.ranges(GAP).len()).sum();
    // What types share counts, too.
    let too_dear = dearer(cost, rivals).filter(|_| !led_on.is_empty()).map(|why| why.to_string());
    let too_many = (ranges > MOST_RANGES)
        .then(|| format!("the journal would take {ranges} requests, more than the limit of {MOST_RANGES}"));
    let Some(why) = too_dear.or(too_many) else { return Choice { refused, readings, weights } };
    for nth in led_on {
        refused[nth] = Some(not_cheapest(&why));
    }
    Choice { refused, readings: Vec::new(), weights: vec![0; types.len()] }
}

/// What a reading costs: its bytes, and about what each request after the first does.
fn cost(reading: &Reading) -> u64 {
    let further = reading.ranges(GAP).len().saturating_sub(1) as u64;
    reading.bytes(GAP).saturating_add(further.saturating_mul(REQUEST))
}

/// What is read for these types: together, or each by a run of its own where no run serves all.
fn readings(
    head: &Head,
    led_on: &[usize],
    base: impl Fn(&usize) -> Option<(usize, GenerationId)>,
) -> Vec<(Vec<usize>, Reading)> {
    let bases: Vec<(usize, GenerationId)> = led_on.iter().filter_map(&base).collect();
    let alone = |nth: &usize| Some((vec![*nth], head.reading(&[base(nth)?], GAP)?));
    match head.reading(&bases, GAP) {
        _ if led_on.is_empty() => Vec::new(),
        Some(reading) => vec![(led_on.to_vec(), reading)],
        None => led_on.iter().filter_map(alone).collect(),
    }
}

/// Why so many bytes are too many, where they are.
fn dearer(bytes: u64, rival: u64) -> Option<AttemptError> {
    let why = if bytes > MAX_READ {
        format!("the journal would take {bytes} bytes, more than the limit of {MAX_READ}")
    } else if bytes >= rival {
        format!("the journal would take {bytes} bytes more, another way {rival} in all")
    } else {
        return None;
    };
    Some(AttemptError::NotCheapest(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_all_of_it_and_as_their_weights() {
        assert_eq!(shares(10, &[1, 0, 1, 3]), [2, 0, 2, 6]);
        assert_eq!(shares(10, &[1, 1, 1]).iter().sum::<u64>(), 10);
        assert_eq!((shares(10, &[]), shares(10, &[0])), (vec![], vec![0]));
    }

    #[test]
    fn of_several_steps_most_may_be_of_others() {
        let newest = Newest::new(0, [0; 16], 100, vec![400, 1, 1500, 0]).with_further(vec![6000]);
        assert_eq!(of_others(&newest, &[0], 8000), 6000);
        assert_eq!(of_others(&newest, &[2], 8000), 1600);
        assert_eq!(of_others(&newest, &[0, 2, 3], 8000), 0);
    }
}
