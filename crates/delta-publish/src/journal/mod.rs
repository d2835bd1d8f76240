//! Making the journal of one metadata type from its track (`docs/format-2.md`):
//! neighbour steps, anchors where they are worth it, and the file. Steps that
//! were encoded before are copied. In memory; nothing is written but the steps
//! that the history keeps.

mod job;
mod missing;
mod step_cache;
mod verify;

use delta_core::journal::{Extent, GenerationId, Head, Journal, StepPayload, read_steps, write_journal};
use history::anchors::{self, AnchorTerms, Bounds, Edge, Past, Via};

use crate::Error;
pub(crate) use job::JournalJob;
use missing::MissingBytes;
use step_cache::StepCache;
pub(crate) use verify::verify;

/// Most runs: as many as a head may tell.
const MAX_RUNS: usize = 64;
/// A generation is served where its steps cost at most so much of a step of its
/// own, in thousandths, and so many bytes more: with the head, what
/// `docs/format-2.md` promises.
const SERVED: (u64, u64) = (1_180, 512);

/// What was made.
#[derive(Default)]
pub(crate) struct BuiltJournal {
    /// The journal; nothing where it would serve nobody.
    pub(crate) journal: Option<Journal>,
    /// The generations that are served, as indices into those of the track, the
    /// youngest first.
    pub(crate) served: Vec<usize>,
    /// Bytes that a client reads, head included, by generation served.
    pub(crate) reads: Vec<u64>,
    pub(crate) runs: usize,
    /// Distinct steps in the file.
    pub(crate) steps: usize,
    /// Steps encoded in this run, those among them that are anchors, and the
    /// text that they insert in bytes.
    pub(crate) encoded: usize,
    pub(crate) anchors: usize,
    pub(crate) text_bytes: u64,
}

/// Makes the journal.
///
/// # Errors
/// When the history is damaged or cannot be written, or a step cannot be encoded.
pub(crate) fn make(job: &JournalJob<'_>) -> Result<BuiltJournal, Error> {
    let older = job.track.generations().len().saturating_sub(1);
    let mut cache = StepCache::open(job)?;
    let mut missing = MissingBytes::new(job.track);
    let mut neighbours = Vec::new();
    while neighbours.len() < older {
        let (from, to) = (neighbours.len() + 1, neighbours.len());
        let Some(edge) = cache.step(from, to, || missing.bytes(from, to))? else { break };
        neighbours.push(edge);
    }
    let mut straight: Vec<u64> = (0..=neighbours.len()).map(|age| missing.bytes(age, 0)).collect();
    let terms = AnchorTerms::default();
    let mut anchors = cache.kept_anchors(neighbours.len())?;
    loop {
        let past = Past { neighbours: &neighbours, anchors: &anchors, lacking: &straight };
        let Some(from) = anchors::next_anchor(&past, &terms, job.max, cache.text_left()) else { break };
        match cache.step(from, 0, || straight[from])? {
            Some(anchor) => anchors.push(anchor),
            // It cannot be a step, so that nobody shall ask for it again.
            None => straight[from] = u64::MAX,
        }
    }
    let past = Past { neighbours: &neighbours, anchors: &anchors, lacking: &straight };
    assemble(job, cache, &past, &terms)
}

/// Puts the steps into a file, and lets the history keep those that may be needed.
fn assemble(
    job: &JournalJob<'_>,
    mut cache: StepCache<'_>,
    past: &Past<'_>,
    terms: &AnchorTerms,
) -> Result<BuiltJournal, Error> {
    let failed = |what: String| Error::Encode { data_type: job.data_type.to_owned(), what };
    let routes = anchors::routes(past, terms);
    let (share, slack) = SERVED;
    let mut bounds = Bounds { max: job.max, share, slack, file: job.file, runs: MAX_RUNS };
    let mut journal = None;
    // The head counts too, and how long it is only the runs tell.
    for _ in 0..2 {
        let runs = anchors::runs(past, &routes, terms, &bounds);
        let runs = anchors::shortened(runs, |run| playable(job, &cache, past, run));
        if runs.is_empty() {
            journal = None;
            break;
        }
        let payloads = runs
            .iter()
            .map(|run| run.iter().map(|step| payload(job, &cache, past, *step)).collect())
            .collect::<Result<Vec<Vec<StepPayload<'_>>>, Error>>()?;
        let written = write_journal(&payloads).map_err(|error| failed(error.to_string()))?;
        bounds.max = job.max.saturating_sub(written.head_len as u64);
        journal = Some((runs, written));
    }
    let mut made = BuiltJournal {
        encoded: cache.encoded,
        anchors: cache.anchors,
        text_bytes: cache.text_bytes,
        ..BuiltJournal::default()
    };
    if let Some((runs, written)) = journal {
        let head = Head::read(&written.bytes[..written.head_len]).map_err(|e| failed(e.to_string()))?;
        check(&head, &written).map_err(failed)?;
        let mut served: Vec<usize> = runs.iter().flatten().map(|(age, _)| *age).collect();
        served.sort_unstable();
        served.dedup();
        made.steps = served.len();
        (made.served, made.reads) =
            served.into_iter().filter_map(|age| Some((age, reads(job, &head, age)?))).unzip();
        made.runs = runs.len();
        made.journal = Some(written);
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

/// How many steps of a run, from its beginning, a client applies: together they must
/// be within the limits of the format.
fn playable(job: &JournalJob<'_>, cache: &StepCache<'_>, past: &Past<'_>, run: &[(usize, Via)]) -> usize {
    let mut extent = Extent::default();
    // A step that is missing is told of when it is put into the file.
    let fits = |step: &&(usize, Via)| match payload(job, cache, past, **step) {
        Ok(step) => extent.add(step.payload).is_ok(),
        Err(_) => true,
    };
    run.iter().take_while(fits).count()
}

/// The step of a run.
fn payload<'s>(
    job: &JournalJob<'_>,
    cache: &'s StepCache<'_>,
    past: &Past<'_>,
    (from, via): (usize, Via),
) -> Result<StepPayload<'s>, Error> {
    let to = match via {
        Via::Neighbour => from - 1,
        Via::Anchor(number) => past.anchors[number].to,
    };
    let missing =
        || Error::Encode { data_type: job.data_type.to_owned(), what: "a step went missing".to_owned() };
    let payload = cache.payload(from, to).ok_or_else(missing)?;
    Ok(StepPayload { from: GenerationId::from_sha256(&job.track.generations()[from].open_sha256), payload })
}

/// Bytes that the client of a generation reads.
fn reads(job: &JournalJob<'_>, head: &Head, age: usize) -> Option<u64> {
    let id = GenerationId::from_sha256(&job.track.generations()[age].open_sha256);
    head.ways(id).first().map(|way| head.reads(way))
}

/// Reads every run as a client would, which verifies its digests.
fn check(head: &Head, journal: &Journal) -> Result<(), String> {
    let mut longest = std::collections::BTreeMap::new();
    for (_, way) in head.all() {
        longest.insert(way.range().start, way);
    }
    for way in longest.into_values() {
        let range = way.range();
        let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = journal.bytes.get(at(range.start)..at(range.end)).ok_or("a run ends too early")?;
        read_steps(head, &way, bytes, u64::MAX).map_err(|error| error.to_string())?;
    }
    Ok(())
}
