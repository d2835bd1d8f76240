//! What clients download: for each age the delta that the client's rule selects,
//! and the average over all ages. Sizes are those of the files
//! listed; nothing is played here, see [`verify`](crate::verify).

use std::collections::BTreeMap;

use delta_core::journal::GenerationId;
use history::windows::Point;
use history::{Hex, Track};
use repomd::Delta;

use crate::estimate;
use crate::ledger::Ledger;
use crate::naming::Naming;
use crate::report::{AgeExpected, Expected};

/// How one record is published.
pub(crate) struct Published<'a> {
    pub(crate) data_type: &'a str,
    pub(crate) naming: Naming,
    /// `<timestamp>` in seconds.
    pub(crate) timestamp: u64,
    /// Bytes of the full file.
    pub(crate) full: u64,
    /// In document order.
    pub(crate) deltas: Vec<&'a Delta>,
    /// The share of the type in what the journal's readers read; nothing without one.
    pub(crate) journal: Option<BTreeMap<GenerationId, u64>>,
    pub(crate) ledger: &'a Ledger,
}

/// What clients that hold a generation of `track` download to get to its newest,
/// which is the one published.
pub(crate) fn expected(track: &Track, published: &Published<'_>) -> Expected {
    let points = track.points(published.timestamp);
    let average = |bytes: &dyn Fn(&AgeExpected) -> u64, ages: &[AgeExpected]| {
        ages.iter().map(bytes).sum::<u64>().div_ceil(ages.len().max(1) as u64)
    };
    let mut ages: Vec<AgeExpected> = points.iter().map(|point| age(track, published, point)).collect();
    let served = served(&ages, &published.deltas);
    let alone = estimate::alone(track, &points, published.full, &served);
    for (age, alone) in ages.iter_mut().zip(alone) {
        age.alone_bytes = alone.min(published.full);
    }
    let base = if published.deltas.is_empty() { 0 } else { published.naming.base_bytes() };
    let listing = base + published.naming.listed_bytes() * published.deltas.len() as u64;
    Expected {
        bytes: average(&|age| age.bytes, &ages) + listing,
        listing_bytes: listing,
        alone_bytes: average(&|age| age.alone_bytes, &ages),
        journal_bytes: published
            .journal
            .as_ref()
            .map(|_| average(&|age| age.journal.map_or(age.bytes, |bytes| bytes.min(age.bytes)), &ages)),
        ages,
    }
}

/// The first and last age that each delta is selected for, and its bytes.
fn served(ages: &[AgeExpected], deltas: &[&Delta]) -> Vec<(usize, usize, u64)> {
    let range = |at: usize| {
        let first = ages.iter().position(|age| age.delta == Some(at))?;
        let last = ages.iter().rposition(|age| age.delta == Some(at))?;
        Some((first, last, deltas[at].size))
    };
    (0..deltas.len()).filter_map(range).collect()
}

/// What the clients of one point download.
fn age(track: &Track, published: &Published<'_>, point: &Point) -> AgeExpected {
    let selected = published.deltas.iter().position(|d| d.timestamp.seconds() <= point.timestamp);
    let delta = selected.map(|at| published.deltas[at]);
    let serves = |delta: &Delta| {
        point.generations.iter().all(|generation| {
            let sha256 = Hex(&track.generations()[*generation].open_sha256).to_string();
            published.ledger.serves(published.data_type, delta.location.file_name(), &sha256)
        })
    };
    let full = published.full;
    let bytes = match delta {
        Some(delta) if delta.size < full => delta.size + if serves(delta) { 0 } else { full },
        _ => full,
    };
    let reads = |generation: &usize| {
        let id = GenerationId::from_sha256(&track.generations()[*generation].open_sha256);
        published.journal.as_ref()?.get(&id).copied()
    };
    let journal = point.generations.iter().map(reads).collect::<Option<Vec<u64>>>();
    let journal = journal.and_then(|reads| reads.into_iter().max());
    AgeExpected { timestamp: point.timestamp, delta: selected, bytes, journal, alone_bytes: 0 }
}
