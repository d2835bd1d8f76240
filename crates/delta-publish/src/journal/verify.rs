//! Proving a published journal against the history: every part between two remembered generations is
//! played, and must give the chunks of the younger one.

use std::collections::{BTreeMap, BTreeSet};

use delta_core::journal::{Chain, Fetched, GenerationId, Head, Part, prove_part};
use history::{Hex, Track};

use super::job::JournalType;
use super::step_cache::reading;

/// What was proven.
#[derive(Default)]
pub(crate) struct Proven {
    /// By type, the generations from which every part to the current one was played.
    pub(crate) served: BTreeMap<String, BTreeSet<usize>>,
    /// What is wrong with the journal.
    pub(crate) problems: Vec<String>,
    /// What of the history could not be read, so that parts were not proven.
    pub(crate) damage: Vec<String>,
}

/// Plays what leads to the current generations of the types in `tracks`, each with its index. Parts of
/// generations that are not remembered are only read.
pub(crate) fn verify(head: &Head, journal: &Fetched<'_>, tracks: &[(JournalType<'_>, usize)]) -> Proven {
    let mut proven = Proven::default();
    let mut good = BTreeSet::new();
    for chain in head.chains() {
        let name = &head.types()[chain.data_type];
        let parts = match chain.reading.parts(journal) {
            Ok(parts) => parts.into_iter().next().unwrap_or_default(),
            Err(error) => {
                proven.problems.push(format!("type `{name}`: {error}"));
                continue;
            }
        };
        if let Some((data_type, current)) = tracks.iter().find(|(data_type, _)| data_type.name == name) {
            verify_chain(data_type, *current, &chain, &parts, &mut good, &mut proven);
        }
    }
    proven
}

/// Plays the parts of a chain between generations that are remembered, until one is wrong. Behind one that is
/// not remembered nothing is known to be served.
fn verify_chain(
    data_type: &JournalType<'_>,
    current: usize,
    chain: &Chain,
    parts: &[Part<'_>],
    good: &mut BTreeSet<(usize, usize, usize)>,
    proven: &mut Proven,
) {
    let generations = data_type.track.generations();
    let find = |id: GenerationId| (0..generations.len()).find(|generation| data_type.id(*generation) == id);
    let (mut to, mut is_proven) = (Some(current), true);
    for (id, part) in chain.from.iter().zip(parts) {
        let from = find(*id);
        let (Some(from), Some(to)) = (from, std::mem::replace(&mut to, from)) else {
            is_proven = false;
            continue;
        };
        if !good.contains(&(chain.data_type, from, to)) {
            match prove(data_type.track, data_type.rule, from, to, part) {
                Err(damage) => {
                    proven.damage.push(damage.to_string());
                    return;
                }
                Ok(Err(error)) => {
                    proven.problems.push(format!(
                        "the step from {} does not give {} of `{}`: {error}",
                        Hex(&generations[from].open_sha256),
                        Hex(&generations[to].open_sha256),
                        data_type.name
                    ));
                    return;
                }
                Ok(Ok(())) => {}
            }
            good.insert((chain.data_type, from, to));
        }
        if is_proven {
            proven.served.entry(data_type.name.to_owned()).or_default().insert(from);
        }
    }
}

fn prove(
    track: &Track,
    rule: delta_core::Rule,
    from: usize,
    to: usize,
    part: &Part<'_>,
) -> Result<Result<(), delta_core::journal::JournalError>, history::Error> {
    let generations = track.generations();
    let (old, new) = (&generations[from].sequence, &generations[to].sequence);
    reading(track, |chunk| prove_part(rule, track.table(), old, new, part, chunk))
}
