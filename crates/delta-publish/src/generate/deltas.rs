//! The deltas of one run: those that are in place already, and those that have
//! to be made, several at a time.

use codec::Algorithm;
use history::{Hex, Publication};
use repomd::files::REPODATA;
use repomd::{Checksum, Delta, Location, Timestamp};

use super::tracks::{Member, Work};
use crate::Error;
use crate::encode::{self, Encoded};
use crate::estimate::{self, Planned};
use crate::jobs::Jobs;
use crate::ledger::{Ledger, WindowEntry, Written};
use crate::meter::Bzip2;
use crate::options::Options;
use crate::ours::is_in_place;
use crate::parallel::parallel_map;
use crate::report::{DeltaGenerated, TypeGenerated};
use crate::repository::Repository;

/// The delta of one window, proven; or the knowledge that it is too large.
pub(super) struct PreparedDelta {
    planned: Planned,
    pub(super) made: WindowEntry,
    /// Whether the oldest timestamps of the window go unserved.
    shortened: bool,
    /// The file's bytes, where it is not in place yet.
    bytes: Option<Vec<u8>>,
}

impl PreparedDelta {
    /// Whether timestamps of the window go unserved, in spite of the estimate.
    fn is_hole(&self) -> bool {
        self.shortened || self.made.file.is_none()
    }

    /// The file that has to be written, and its bytes.
    pub(super) fn to_write(&self) -> Option<(&Written, &[u8])> {
        Some((self.made.file.as_ref()?, self.bytes.as_deref()?))
    }

    /// The element for repomd.xml, where there is a file.
    fn listed(&self, data_type: &str) -> Option<Result<Delta, Error>> {
        let file = self.made.file.as_ref()?;
        let what = |what: String| Error::Encode { data_type: data_type.to_owned(), what };
        let delta = || {
            Ok(Delta {
                checksum: Checksum::new("sha256", &file.sha256).map_err(|e| what(e.to_string()))?,
                location: Location::new(&format!("{REPODATA}/{}", file.name))
                    .map_err(|e| what(e.to_string()))?,
                timestamp: Timestamp::from_seconds(self.planned.window.timestamp)
                    .map_err(|e| what(e.to_string()))?,
                size: file.size,
            })
        };
        Some(delta())
    }

    fn outcome(&self) -> DeltaGenerated {
        DeltaGenerated {
            timestamp: self.planned.window.timestamp,
            generations: self.planned.window.generations.len(),
            literal_bytes: self.planned.literal_bytes,
            size: self.made.file.as_ref().map_or(self.planned.estimate, |f| f.size),
            file: self.made.file.as_ref().map(|f| f.name.clone()),
            written: self.bytes.is_some(),
        }
    }
}

/// The elements for the record of a member: deltas that are older than it. None
/// where its timestamps are those of another clock than its twins', as with
/// `createrepo_c --zck --set-timestamp-to-revision`: clients would select wrongly.
pub(super) fn listed(work: &Work, member: &Member, deltas: &[PreparedDelta]) -> Result<Vec<Delta>, Error> {
    let past = work.track.generations().iter().skip(1).flat_map(|g| &g.timestamps);
    let not_on_axis = |t: &u64| Some(*t) >= work.publication.timestamp && Some(*t) < member.timestamp;
    if past.copied().any(|t| not_on_axis(&t)) {
        return Ok(Vec::new());
    }
    let older = |ready: &&PreparedDelta| member.timestamp.is_some_and(|t| ready.planned.window.timestamp < t);
    deltas.iter().filter(older).filter_map(|ready| ready.listed(&member.data_type)).collect()
}

/// What is told of the records that share the deltas; `wanted` says whether there are
/// to be some.
pub(super) fn outcome(
    work: &Work,
    wanted: bool,
    deltas: &[PreparedDelta],
    journal: Option<&super::journals::PreparedJournal>,
) -> Vec<TypeGenerated> {
    let smallest_delta = if wanted && deltas.is_empty() { smallest(work) } else { None };
    let of = |(nth, member): (usize, &Member)| TypeGenerated {
        data_type: member.data_type.clone(),
        skipped: None,
        shared_with: (nth > 0).then(|| work.data_type.clone()),
        recorded: work.recorded,
        generations: work.track.generations().len(),
        full_size: member.size,
        open_size: work.publication.open_size,
        deltas: deltas.iter().map(PreparedDelta::outcome).collect(),
        smallest_delta,
        journal: journal.filter(|journal| journal.is_for(member)).map(|journal| journal.outcome(member)),
    };
    work.members.iter().enumerate().map(of).collect()
}

/// Estimated bytes of the smallest delta from a generation that clients could select.
fn smallest(work: &Work) -> Option<u64> {
    let points = work.track.points(work.publication.timestamp?);
    estimate::alone(&work.track, &points, work.publication.size, &[]).into_iter().min()
}

/// One window of one type that has no delta yet.
struct EncodeJob<'w> {
    work: &'w Work,
    nth: usize,
    planned: Planned,
    target: String,
    /// Open SHA-256 of what is to be served.
    serves: Vec<String>,
    max: u64,
}

/// What became of a job: the window as far as it is served, and its delta.
struct Outcome {
    planned: Planned,
    encoded: Encoded,
}

enum Slot<'w> {
    Ready(PreparedDelta),
    Open(EncodeJob<'w>),
}

/// The windows of every type, in the order of `types`, newest first.
pub(super) fn plan(types: &[Work], options: &Options) -> Vec<Vec<Planned>> {
    if !options.deltas {
        return types.iter().map(|_| Vec::new()).collect();
    }
    let plan = |work: &Work| {
        let Publication { size, timestamp, .. } = work.publication;
        estimate::plan(&work.track, &work.naming, timestamp, size, options)
    };
    parallel_map(types, &options.jobs, plan)
}

/// The deltas of the windows `planned` for every type, in the same order, and
/// the processor time that bzip2 took.
pub(super) fn make(
    repository: &Repository,
    types: &[Work],
    planned: Vec<Vec<Planned>>,
    options: &Options,
    ledger: &Ledger,
) -> Result<(Vec<Vec<PreparedDelta>>, Bzip2), Error> {
    let mut slots = Vec::new();
    let mut counts = Vec::new();
    for (work, planned) in types.iter().zip(planned) {
        let full = work.publication.size;
        let before = slots.len();
        for (nth, planned) in planned.into_iter().enumerate() {
            let slot = slot(repository, work, nth, planned, options.max_size.bytes(full), ledger)?;
            let hole = matches!(&slot, Slot::Ready(ready) if ready.is_hole());
            slots.push(slot);
            if hole {
                break;
            }
        }
        counts.push(slots.len() - before);
    }
    let (ready, bzip2) = run(slots, &options.jobs)?;
    let mut ready = ready.into_iter();
    let per_type = counts.into_iter().map(|count| without_holes(ready.by_ref().take(count).collect()));
    Ok((per_type.collect(), bzip2))
}

/// Ends the list where a delta came out larger than estimated and timestamps go
/// unserved for it: the clients that hold them would take the next older delta,
/// which is not for them and larger still.
fn without_holes(mut deltas: Vec<PreparedDelta>) -> Vec<PreparedDelta> {
    if let Some(hole) = deltas.iter().position(PreparedDelta::is_hole) {
        deltas.truncate(hole + 1);
    }
    deltas
}

/// Finds the delta of a window in place, or says what is to be made.
fn slot<'w>(
    repository: &Repository,
    work: &'w Work,
    nth: usize,
    planned: Planned,
    max: u64,
    ledger: &Ledger,
) -> Result<Slot<'w>, Error> {
    let generations = work.track.generations();
    let sha256 = |g: usize| Hex(&generations[g].open_sha256).to_string();
    let target = sha256(0);
    let serves: Vec<String> = planned.window.generations.iter().map(|g| sha256(*g)).collect();
    let before = ledger.types.get(&work.data_type).and_then(|made| made.get(nth));
    if let Some(made) = before
        && made.target == target
        && made.planned == serves
        && made.max == max
    {
        let usable = match &made.file {
            None => true,
            Some(file) => {
                file.name == work.naming.delta(nth, &file.sha256) && is_in_place(&repository.dir, file)?
            }
        };
        if usable {
            let shortened = made.served < planned.window.generations.len();
            let shorter = if shortened { planned.shortened(&work.track, made.served) } else { None };
            let planned = shorter.unwrap_or(planned);
            return Ok(Slot::Ready(PreparedDelta { planned, made: made.clone(), shortened, bytes: None }));
        }
    }
    Ok(Slot::Open(EncodeJob { work, nth, planned, target, serves, max }))
}

/// Makes what is to be made, the largest first, as many at a time as there are
/// threads.
fn run(slots: Vec<Slot<'_>>, threads: &Jobs) -> Result<(Vec<PreparedDelta>, Bzip2), Error> {
    let (mut ready, mut jobs) = (Vec::with_capacity(slots.len()), Vec::new());
    for (at, slot) in slots.into_iter().enumerate() {
        match slot {
            Slot::Ready(found) => ready.push((at, found)),
            Slot::Open(job) => jobs.push((at, job)),
        }
    }
    jobs.sort_by_key(|(_, job)| std::cmp::Reverse(job.planned.literal_bytes));
    let outcomes = parallel_map(&jobs, threads, |(_, job)| encode_fitting(job));
    let mut made: Vec<_> = jobs.into_iter().zip(outcomes).collect();
    made.sort_by_key(|((at, _), _)| *at);
    let mut bzip2 = Bzip2::default();
    for ((at, job), outcome) in made {
        let Outcome { planned, encoded } = outcome?;
        bzip2 += encoded.spent;
        ready.push((at, finish(job, planned, encoded.bytes)));
    }
    ready.sort_by_key(|(at, _)| *at);
    Ok((ready.into_iter().map(|(_, ready)| ready).collect(), bzip2))
}

/// Makes the delta of a window. Where it comes out too large, in spite of the
/// estimate, the oldest quarter of the window goes unserved, until it fits.
fn encode_fitting(job: &EncodeJob<'_>) -> Result<Outcome, Error> {
    let EncodeJob { work, max, .. } = job;
    let mut planned = job.planned.clone();
    let mut total = Bzip2::default();
    loop {
        let Encoded { bytes, spent } = encode::encode(&work.data_type, &work.track, &planned, *max)?;
        total += spent;
        let generations = planned.window.generations.len();
        let shorter = match bytes {
            Some(_) => None,
            None => planned.shortened(&work.track, generations - generations.div_ceil(4)),
        };
        let Some(shorter) = shorter else {
            return Ok(Outcome { planned, encoded: Encoded { bytes, spent: total } });
        };
        planned = shorter;
    }
}

fn finish(job: EncodeJob<'_>, planned: Planned, bytes: Option<Vec<u8>>) -> PreparedDelta {
    let file = bytes.as_ref().map(|bytes| {
        let sha256 = Algorithm::Sha256.digest(bytes).to_hex();
        Written { name: job.work.naming.delta(job.nth, &sha256), sha256, size: bytes.len() as u64 }
    });
    let served = if file.is_some() { planned.window.generations.len() } else { 0 };
    let made = WindowEntry { target: job.target, planned: job.serves, served, max: job.max, file };
    let shortened = served < job.planned.window.generations.len();
    PreparedDelta { planned, made, shortened, bytes }
}
