//! Making the journal of a repository from its tracks (format 2): steps between neighbour
//! publishes, anchors where they are worth it, and the file. Steps that were encoded before are copied. In
//! memory; nothing is written but the steps that the history keeps.

mod job;
mod missing;
mod reads;
mod step_cache;
mod verify;

use delta_core::journal::{Extent, Fetched, Head, Journal, JournalPart, JournalStep, write_journal};
use history::anchors::{self, AnchorTerms, Bounds, Edge, Past, Via};

use crate::Error;
pub(crate) use job::{JournalJob, JournalType, PublishAt};
use missing::MissingBytes;
pub(crate) use reads::reads;
use step_cache::StepCache;
pub(crate) use verify::verify;

/// Most runs: as many as a head may tell.
const MAX_RUNS: usize = 64;
/// A publish is served where its steps cost at most so much of a step of its own, in thousandths, and so
/// many bytes more. Anchors keep most below 1.18; until the budget has room for one, a longer chain is still
/// far less than the full files.
const SERVED: (u64, u64) = (2_000, 512);

/// What was made.
#[derive(Default)]
pub(crate) struct BuiltJournal {
    /// The journal; nothing where it would serve nobody.
    pub(crate) journal: Option<Journal>,
    /// What it serves, type by type.
    pub(crate) served: Vec<ServedGenerations>,
    /// Bytes that the holder of each publish reads who wants all types, the youngest first.
    pub(crate) reads: Vec<u64>,
    pub(crate) runs: usize,
    /// Distinct steps in the file.
    pub(crate) steps: usize,
    /// Steps encoded in this run, those among them that are anchors, and the text that they insert in bytes.
    pub(crate) encoded: usize,
    pub(crate) anchors: usize,
    pub(crate) text_bytes: u64,
}

/// What a journal serves of one type.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServedGenerations {
    /// Indices into the generations of the track, the youngest first.
    pub(crate) generations: Vec<usize>,
    /// Its share of what a client of all types reads, in bytes, by generation.
    pub(crate) reads: Vec<u64>,
}

/// Makes the journal.
///
/// # Errors
/// When the history is damaged or cannot be written, or a step cannot be encoded.
pub(crate) fn make(job: &JournalJob<'_>) -> Result<BuiltJournal, Error> {
    let older = job.publishes.len().saturating_sub(1);
    let mut cache = StepCache::open(job)?;
    let mut missing = MissingBytes::new(job);
    let mut neighbours = Vec::new();
    while neighbours.len() < older {
        let (from, to) = (neighbours.len() + 1, neighbours.len());
        let Some(edge) = cache.step(from, to, || missing.bytes(from, to))? else { break };
        neighbours.push(edge);
    }
    let straight: Vec<u64> = (0..=neighbours.len()).map(|age| missing.bytes(age, 0)).collect();
    let terms = AnchorTerms::default();
    let mut anchors = cache.kept_anchors(neighbours.len())?;
    loop {
        let past = Past { neighbours: &neighbours, anchors: &anchors, lacking: &straight };
        let Some(from) = anchors::next_anchor(&past, &terms, job.max, cache.text_left_of_older()) else {
            break;
        };
        // The budget was looked at already.
        let Some(anchor) = cache.step(from, 0, || straight[from])? else { break };
        anchors.push(anchor);
    }
    let past = Past { neighbours: &neighbours, anchors: &anchors, lacking: &straight };
    assemble(job, cache, &past)
}

/// About how many bytes of text the newest publish inserts into the one before it.
pub(crate) fn changed_text(job: &JournalJob<'_>) -> u64 {
    MissingBytes::new(job).bytes(1, 0)
}

/// Puts the steps into a file, and lets the history keep those that may be needed.
fn assemble(job: &JournalJob<'_>, mut cache: StepCache<'_>, past: &Past<'_>) -> Result<BuiltJournal, Error> {
    let failed = |what: String| Error::Encode { data_type: "journal".to_owned(), what };
    let routes = anchors::routes(past);
    let (share, slack) = SERVED;
    let bounds = Bounds { max: job.max, share, slack, file: job.file, runs: MAX_RUNS };
    let runs = anchors::runs(past, &routes, &bounds);
    let runs = anchors::shortened(runs, |run| playable(&cache, past, run));
    let mut made = BuiltJournal {
        encoded: cache.encoded,
        anchors: cache.anchors,
        text_bytes: cache.text_bytes,
        ..BuiltJournal::default()
    };
    if !runs.is_empty() {
        let steps = runs
            .iter()
            .map(|run| run.iter().map(|step| journal_step(&cache, past, *step)).collect())
            .collect::<Option<Vec<Vec<JournalStep<'_>>>>>()
            .ok_or_else(|| failed("a step went missing".to_owned()))?;
        let types: Vec<&str> = job.types.iter().map(|data_type| data_type.name).collect();
        let mut written = write_journal(&types, job.publishes[0].sequence, &steps)
            .map_err(|error| failed(error.to_string()))?;
        written.newest = job.exact(written.newest);
        let mut distinct: Vec<usize> = runs.iter().flatten().map(|(age, _)| *age).collect();
        distinct.sort_unstable();
        distinct.dedup();
        (made.steps, made.runs) = (distinct.len(), runs.len());
        describe(job, written, &mut made).map_err(failed)?;
    }
    let used: Vec<Edge> = past
        .neighbours
        .iter()
        .copied()
        .chain(routes.iter().filter_map(|route| match route.first {
            Some((_, Via::Anchor(number))) => Some(past.anchors[number]),
            _ => None,
        }))
        .collect();
    cache.keep_only(&used)?;
    Ok(made)
}

/// Reads a journal as clients would, which verifies its digests, and tells what they read.
fn describe(job: &JournalJob<'_>, journal: Journal, made: &mut BuiltJournal) -> Result<(), String> {
    let head = Head::read(&journal.bytes[..journal.head_len]).map_err(|error| error.to_string())?;
    let mut whole = Fetched::new();
    whole.add(0, &journal.bytes);
    for chain in head.chains() {
        chain.reading.parts(&whole).map_err(|error| error.to_string())?;
    }
    let current = (0..job.types.len()).filter_map(|nth| Some(job.types[nth].id(job.current(nth)?)));
    let reads = reads(&head, journal.newest.as_ref(), &current.collect::<Vec<_>>());
    made.served = vec![ServedGenerations::default(); job.types.len()];
    for (nth, id, bytes) in reads.iter().flat_map(|publish| &publish.shares) {
        let (data_type, served) = (&job.types[*nth], &mut made.served[*nth]);
        let generations = 0..data_type.track.generations().len();
        let generation = generations.into_iter().find(|generation| data_type.id(*generation) == *id);
        if let Some(generation) = generation.filter(|generation| !served.generations.contains(generation)) {
            served.generations.push(generation);
            served.reads.push(*bytes);
        }
    }
    made.reads = reads.iter().map(|publish| publish.bytes).collect();
    made.journal = Some(journal);
    Ok(())
}

/// How many steps of a run, from its beginning, a client applies: together they must be within the limits of
/// the format.
fn playable(cache: &StepCache<'_>, past: &Past<'_>, run: &[(usize, Via)]) -> usize {
    let mut extents: Vec<Extent> = Vec::new();
    // A step that is missing is told of when it is put into the file.
    let fits = |step: &&(usize, Via)| {
        let Some(step) = journal_step(cache, past, **step) else { return true };
        extents.resize(step.parts.len(), Extent::default());
        step.parts.iter().zip(&mut extents).all(|(part, extent)| match part {
            JournalPart::Part { payload, .. } => extent.add(payload).is_ok(),
            JournalPart::Unchanged | JournalPart::Missing => true,
        })
    };
    run.iter().take_while(fits).count()
}

/// The step of a run.
fn journal_step<'s>(
    cache: &'s StepCache<'_>,
    past: &Past<'_>,
    (from, via): (usize, Via),
) -> Option<JournalStep<'s>> {
    let to = match via {
        Via::Neighbour => from - 1,
        Via::Anchor(number) => past.anchors[number].to,
    };
    cache.journal_step(from, to)
}
