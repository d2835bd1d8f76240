//! The deltas of one run: those that are in place already, and those that have
//! to be made, several at a time.

use std::collections::BTreeSet;

use codec::Algorithm;
use history::{Hex, Publication, windows};
use repomd::files::REPODATA;
use repomd::{Checksum, Delta, Location, Timestamp};

use super::journal::PreparedJournal;
use super::tracks::{Member, Work};
use super::unserved;
use crate::Error;
use crate::encode::{self, Encoded};
use crate::estimate::{self, Planned};
use crate::jobs::Jobs;
use crate::ledger::{Ledger, WindowEntry, Written};
use crate::meter::Bzip2;
use crate::options::{Options, Windows};
use crate::ours::is_in_place;
use crate::parallel::parallel_map;
use crate::progress::Step;
use crate::report::{DeltaGenerated, TypeGenerated};
use crate::repository::Repository;

/// The delta of one window, proven; or the knowledge that it is too large.
pub(super) struct PreparedDelta {
    planned: Planned,
    pub(super) entry: WindowEntry,
    /// Whether the oldest timestamps of the window go unserved.
    shortened: bool,
    /// The file's bytes, where it is not in place yet.
    bytes: Option<Vec<u8>>,
}

impl PreparedDelta {
    /// Whether timestamps of the window go unserved, in spite of the estimate.
    fn is_hole(&self) -> bool {
        self.shortened || self.entry.file.is_none()
    }

    /// The file that has to be written, and its bytes.
    pub(super) fn to_write(&self) -> Option<(&Written, &[u8])> {
        Some((self.entry.file.as_ref()?, self.bytes.as_deref()?))
    }

    /// The element for repomd.xml, where there is a file.
    fn listed(&self, data_type: &str) -> Option<Result<Delta, Error>> {
        let file = self.entry.file.as_ref()?;
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
            size: self.entry.file.as_ref().map_or(self.planned.estimate, |f| f.size),
            file: self.entry.file.as_ref().map(|f| f.name.clone()),
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
    let older = |delta: &&PreparedDelta| member.timestamp.is_some_and(|t| delta.planned.window.timestamp < t);
    deltas.iter().filter(older).filter_map(|delta| delta.listed(&member.data_type)).collect()
}

/// What is told of the records that share the deltas. Why nothing is served, and how large a delta would be, is
/// told where that is so.
pub(super) fn outcome(
    work: &Work,
    options: &Options,
    deltas: &[PreparedDelta],
    journal: Option<&PreparedJournal>,
    ledger: &Ledger,
) -> Vec<TypeGenerated> {
    let of_journal = |member: &Member| journal.and_then(|journal| journal.of_member(work, member));
    let now = ledger.served(&work.data_type);
    let past = work.track.generations().iter().skip(1);
    let served = past.filter(|generation| now.contains(&Hex(&generation.open_sha256).to_string())).count();
    let current = Hex(&work.publication.open_sha256).to_string();
    let mut before = ledger.publishes.newest_first.iter().skip(1);
    let is_other = before.any(|publish| publish.contents.get(&work.track_name) != Some(&current));
    let is_unserved = served == 0 && deltas.is_empty();
    let (unserved, smallest_delta) =
        if is_unserved { unserved::why(work, options, journal) } else { (None, None) };
    let report = |(nth, member): (usize, &Member)| TypeGenerated {
        data_type: member.data_type.clone(),
        skipped: None,
        shared_with: (nth > 0).then(|| work.data_type.clone()),
        recorded: work.recorded,
        generations: work.track.generations().len(),
        is_other,
        served,
        unserved,
        full_size: member.size,
        open_size: work.publication.open_size,
        deltas: deltas.iter().map(PreparedDelta::outcome).collect(),
        smallest_delta,
        journal: of_journal(member),
    };
    work.members.iter().enumerate().map(report).collect()
}

/// How many of these generations a delta for them alone could serve.
pub(super) fn servable(work: &Work, generations: &BTreeSet<usize>, options: &Options) -> usize {
    let Some(timestamp) = work.publication.timestamp.filter(|_| !generations.is_empty()) else { return 0 };
    let (points, full) = (work.track.points(timestamp), work.publication.size);
    let max = options.max_size.bytes(full);
    let alone = estimate::alone(&work.track, &points, full, &[]);
    let within = points.iter().zip(alone).filter(|(_, bytes)| *bytes <= max);
    let servable: BTreeSet<usize> = within.flat_map(|(point, _)| point.generations.iter().copied()).collect();
    servable.intersection(generations).count()
}

/// One window of one type that has no delta yet.
struct EncodeJob<'w> {
    /// Which of all windows it is.
    at: usize,
    work: &'w Work,
    nth: usize,
    planned: Planned,
    /// What is to be made: without a file so far.
    entry: WindowEntry,
}

/// The windows of every type, in the order of `types`, newest first.
pub(super) fn plan(
    types: &[Work],
    journal: Option<&PreparedJournal>,
    options: &Options,
) -> Vec<Vec<Planned>> {
    if !options.deltas {
        return types.iter().map(|_| Vec::new()).collect();
    }
    let budget = options.budget_of_windows();
    let is_bounded = |work: &Work| {
        options.windows == Windows::Chosen
            && journal.is_some_and(|journal| journal.entry.has(&work.data_type))
    };
    let newest = parallel_map(types, &options.jobs, |work| {
        let Publication { size, timestamp, .. } = work.publication;
        let max = options.max_size.bytes(size);
        is_bounded(work).then(|| estimate::newest(&work.track, timestamp, size, max, budget))
    });
    let points = windows::in_turns(newest.iter().map(|grown| grown.as_deref().unwrap_or_default()), budget);
    let work: Vec<_> = types.iter().zip(&newest).zip(points).collect();
    parallel_map(&work, &options.jobs, |((work, newest), points)| {
        let Publication { size, timestamp, .. } = work.publication;
        let (track, naming) = (&work.track, &work.naming);
        match newest {
            Some(newest) => {
                let window = estimate::window_of_newest(track, naming, timestamp, size, &newest[..*points]);
                window.into_iter().collect()
            }
            None => estimate::plan(track, naming, timestamp, size, options),
        }
    })
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
    let (mut found, mut jobs, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for (work, planned) in types.iter().zip(planned) {
        let max = options.max_size.bytes(work.publication.size);
        let before = found.len();
        for (nth, planned) in planned.into_iter().enumerate() {
            let entry = request(work, &planned, max);
            let in_place = in_place(repository, work, nth, &planned, &entry, ledger)?;
            let is_hole = in_place.as_ref().is_some_and(PreparedDelta::is_hole);
            if in_place.is_none() {
                jobs.push(EncodeJob { at: found.len(), work, nth, planned, entry });
            }
            found.push(in_place);
            if is_hole {
                break;
            }
        }
        counts.push(found.len() - before);
    }
    let bzip2 = run(repository, jobs, &mut found, &options.jobs)?;
    let mut found = found.into_iter().flatten();
    let per_type = counts.into_iter().map(|count| without_holes(found.by_ref().take(count).collect()));
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

/// What the delta of a window is made from and within.
fn request(work: &Work, planned: &Planned, max: u64) -> WindowEntry {
    let sha256 = |g: usize| Hex(&work.track.generations()[g].open_sha256).to_string();
    let serves = planned.window.generations.iter().map(|g| sha256(*g)).collect();
    WindowEntry { target: sha256(0), planned: serves, served: 0, max, file: None }
}

/// The delta that was made from just this, if its file is as it was written.
fn in_place(
    repository: &Repository,
    work: &Work,
    nth: usize,
    planned: &Planned,
    request: &WindowEntry,
    ledger: &Ledger,
) -> Result<Option<PreparedDelta>, Error> {
    let before = ledger.types.get(&work.data_type).and_then(|entries| entries.get(nth));
    let Some(entry) = before.filter(|entry| entry.is_of(request)) else { return Ok(None) };
    if let Some(file) = &entry.file
        && !(file.name == work.naming.delta(nth, &file.sha256) && is_in_place(&repository.dir, file)?)
    {
        return Ok(None);
    }
    let shortened = entry.served < planned.window.generations.len();
    let shorter = if shortened { planned.shortened(&work.track, entry.served) } else { None };
    let planned = shorter.unwrap_or_else(|| planned.clone());
    Ok(Some(PreparedDelta { planned, entry: entry.clone(), shortened, bytes: None }))
}

/// Makes what is to be made, the largest first, as many at a time as there are
/// threads; puts it where it belongs among all, and gives the processor time of bzip2.
fn run(
    repository: &Repository,
    mut jobs: Vec<EncodeJob<'_>>,
    all: &mut [Option<PreparedDelta>],
    threads: &Jobs,
) -> Result<Bzip2, Error> {
    jobs.sort_by_key(|job| std::cmp::Reverse(job.planned.literal_bytes));
    let encoding = (!jobs.is_empty()).then(|| threads.begin("deltas", Step::Encode, Some(jobs.len() as u64)));
    let encoded = parallel_map(&jobs, threads, |job| {
        let encoded = encode_fitting(job);
        if let Some(encoding) = &encoding {
            encoding.advance(1);
        }
        encoded
    });
    drop(encoding);
    let mut encoded: Vec<_> = jobs.into_iter().zip(encoded).collect();
    encoded.sort_by_key(|(job, _)| job.at);
    let mut bzip2 = Bzip2::default();
    for (job, encoded) in encoded {
        let (planned, Encoded { bytes, spent }) = encoded?;
        bzip2 += spent;
        let at = job.at;
        all[at] = Some(finish(repository, job, planned, bytes)?);
    }
    Ok(bzip2)
}

/// Makes the delta of a window. Where it comes out too large, in spite of the
/// estimate, the oldest quarter of the window goes unserved, until it fits. Gives the
/// window as far as it is served, and its delta.
fn encode_fitting(job: &EncodeJob<'_>) -> Result<(Planned, Encoded), Error> {
    let work = job.work;
    let mut planned = job.planned.clone();
    let mut total = Bzip2::default();
    loop {
        let encoded = encode::encode(&work.data_type, &work.track, &planned, job.entry.max)?;
        total += encoded.spent;
        let generations = planned.window.generations.len();
        let shorter = match encoded.bytes {
            Some(_) => None,
            None => planned.shortened(&work.track, generations - generations.div_ceil(4)),
        };
        let Some(shorter) = shorter else {
            return Ok((planned, Encoded { spent: total, ..encoded }));
        };
        planned = shorter;
    }
}

fn finish(
    repository: &Repository,
    job: EncodeJob<'_>,
    planned: Planned,
    bytes: Option<Vec<u8>>,
) -> Result<PreparedDelta, Error> {
    let file = bytes.as_ref().map(|bytes| {
        let sha256 = Algorithm::Sha256.digest(bytes).to_hex();
        Written { name: job.work.naming.delta(job.nth, &sha256), sha256, size: bytes.len() as u64 }
    });
    let served = if file.is_some() { planned.window.generations.len() } else { 0 };
    let shortened = served < job.planned.window.generations.len();
    // Other terms may make the same delta: mirrors would fetch it again.
    let is_there = match &file {
        Some(file) => is_in_place(&repository.dir, file)?,
        None => false,
    };
    let bytes = bytes.filter(|_| !is_there);
    Ok(PreparedDelta { planned, entry: WindowEntry { served, file, ..job.entry }, shortened, bytes })
}
