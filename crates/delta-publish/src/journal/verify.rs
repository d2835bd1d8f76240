//! Proving a published journal against the history: every step between two
//! remembered generations is played, and must give the chunks of the younger one.

use std::collections::BTreeSet;

use delta_core::Rule;
use delta_core::journal::{GenerationId, Head, prove_step, read_steps};
use history::{Hex, Track};

/// What was proven.
#[derive(Default)]
pub(crate) struct Proven {
    /// Generations from which every step to the current one was played.
    pub(crate) served: usize,
    /// What is wrong with the journal.
    pub(crate) problems: Vec<String>,
    /// What of the history could not be read, so that steps were not proven.
    pub(crate) damage: Vec<String>,
}

/// Plays the steps of `journal`, which lead to the generation `current` of
/// `track`. Steps of generations that are not remembered are only read.
pub(crate) fn verify(
    data_type: &str,
    rule: Rule,
    track: &Track,
    current: usize,
    head: &Head,
    journal: &[u8],
) -> Proven {
    let generations = track.generations();
    let find =
        |id: GenerationId| generations.iter().position(|g| GenerationId::from_sha256(&g.open_sha256) == id);
    let mut proven = Proven::default();
    let mut good: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut served = BTreeSet::new();
    // Per run, from the step to the current generation on: where the step before
    // led from, nothing once a generation is not remembered or a step is wrong.
    let mut run = (u64::MAX, None);
    for (id, way) in head.all() {
        if run.0 != way.range().start {
            run = (way.range().start, Some(current));
        }
        let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = journal.get(at(way.range().start)..at(way.range().end)).unwrap_or_default();
        let payloads = match read_steps(head, &way, bytes, journal.len() as u64) {
            Ok(payloads) => payloads,
            Err(error) => {
                proven.problems.push(error.to_string());
                run.1 = None;
                continue;
            }
        };
        let (Some(to), Some(from), Some(payload)) = (run.1, find(id), payloads.last()) else {
            run.1 = None;
            continue;
        };
        if !good.contains(&(from, to)) {
            if let Err(failure) = play(rule, track, (from, to), payload) {
                match failure {
                    Failure::Damage(what) => proven.damage.push(what),
                    Failure::Wrong(what) => proven.problems.push(format!(
                        "the step from {} does not give {} of `{data_type}`: {what}",
                        Hex(&generations[from].open_sha256),
                        Hex(&generations[to].open_sha256)
                    )),
                }
                run.1 = None;
                continue;
            }
            good.insert((from, to));
        }
        served.insert(from);
        run.1 = Some(from);
    }
    proven.served = served.len();
    proven
}

/// Why a step was not proven.
enum Failure {
    /// The history could not be read.
    Damage(String),
    Wrong(String),
}

/// Plays a step from one generation to another.
fn play(rule: Rule, track: &Track, (from, to): (usize, usize), payload: &[u8]) -> Result<(), Failure> {
    let mut chunks = track.reader();
    let mut damage = None;
    let chunk = |symbol, out: &mut Vec<u8>| match chunks.chunk(symbol) {
        Ok(chunk) => {
            out.extend_from_slice(chunk);
            Ok(())
        }
        Err(error) => {
            damage = Some(error.to_string());
            Err(std::io::Error::other("the history is damaged"))
        }
    };
    let [old, new] = [from, to].map(|at| &track.generations()[at].sequence);
    let played = prove_step(rule, track.table(), old, new, payload, chunk);
    played.map_err(|error| damage.map_or_else(|| Failure::Wrong(error.to_string()), Failure::Damage))
}
