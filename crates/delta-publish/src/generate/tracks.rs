//! The metadata types of one run: which are taken in, side by side, and what is
//! told of them.

use delta_core::Rule;
use history::{Hex, History, Publication, Retention, Track};
use repomd::Record;

use crate::Error;
use crate::affinity::Packages;
use crate::intake::{self, Taken};
use crate::naming::Naming;
use crate::options::Options;
use crate::parallel::parallel_map;
use crate::records::{self, Candidate, Group};
use crate::report::{Generated, Reduction, ReductionKind, TypeGenerated};
use crate::repository::Repository;

/// One record of those that share deltas.
pub(super) struct Member {
    pub(super) data_type: String,
    pub(super) timestamp: Option<u64>,
    /// Bytes of its file.
    pub(super) size: u64,
    pub(super) record: Record,
}

/// One content at work.
pub(super) struct Work {
    /// The records that have it, the one that was read first.
    pub(super) members: Vec<Member>,
    /// The type of the first.
    pub(super) data_type: String,
    /// By which the journal has it, too.
    pub(super) track_name: String,
    pub(super) track: Track,
    pub(super) rule: Rule,
    pub(super) naming: Naming,
    pub(super) publication: Publication,
    pub(super) recorded: bool,
    /// The packages that were taken in.
    pub(super) packages: Packages,
    /// Whether the track had no generation before.
    pub(super) is_first: bool,
}

impl Work {
    /// Makes what was taken in last. Damage that comes to light by that may cost
    /// the very generation that was taken in; without it nothing can be made.
    fn commit(&mut self, retention: &Retention) -> Result<(), Error> {
        self.track.commit(retention).map_err(Error::History)?;
        let newest = self.track.generations().first().map(|g| g.open_sha256);
        if newest == Some(self.publication.open_sha256) {
            return Ok(());
        }
        let what = "the generation that was just recorded was lost to a damaged pack".to_owned();
        let path = self.track.path().to_owned();
        Err(Error::History(history::Error::Damaged { path, offset: 0, what }))
    }

    /// Open SHA-256 of the generations that retention retired in this run.
    pub(super) fn retired(&self) -> impl Iterator<Item = String> {
        self.track.pruned().iter().map(|sha256| Hex(sha256).to_string())
    }

    /// Whether this is other content than that of the publish before, under the same
    /// timestamp.
    fn is_within_the_same_second(&self) -> bool {
        let before = self.track.generations().get(1).and_then(|g| g.timestamps.last().copied());
        self.recorded && before.is_some() && before == self.publication.timestamp
    }

    /// Whether there is a timestamp that a client may hold and be behind.
    fn has_past(&self) -> bool {
        let current = self.publication.timestamp.unwrap_or(0);
        self.track.generations().iter().any(|g| g.timestamps.first().is_some_and(|t| *t < current))
    }
}

/// The records of the types asked for, twins together; why others are left alone
/// goes into the outcome.
fn groups<'r>(
    repository: &'r Repository,
    options: &Options,
    outcome: &mut Generated,
) -> Result<Vec<Group<'r>>, Error> {
    let skip = |data_type: &str, why: String| {
        if repository.model.record(data_type).is_some() {
            outcome.notes.push(format!("type `{data_type}` gets no deltas: {why}"));
        }
        let data_type = data_type.to_owned();
        outcome.types.push(TypeGenerated { data_type, skipped: Some(why), ..TypeGenerated::default() });
    };
    let candidates = records::candidates(repository, options.types.as_deref(), skip)?;
    Ok(records::groups(repository, &candidates))
}

/// Takes the types asked for in, as many at a time as there are threads. It lasts only once
/// [`commit`] was called.
pub(super) fn take_in(
    repository: &Repository,
    history: &History,
    options: &Options,
    verify: bool,
    outcome: &mut Generated,
) -> Result<Vec<Work>, Error> {
    let groups = groups(repository, options, outcome)?;
    let results =
        parallel_map(&groups, &options.jobs, |group| take_in_one(repository, history, group, verify));
    let mut types = Vec::new();
    for (result, group) in results.into_iter().zip(&groups) {
        match result {
            Ok(work) => types.push(work),
            Err(error) => leave_out(error, group, outcome)?,
        }
    }
    Ok(types)
}

/// Retires what retention does not keep, in memory; gives the open SHA-256s.
pub(super) fn prune(types: &mut [Work], options: &Options) -> Vec<String> {
    for work in types.iter_mut() {
        work.track.prune(&options.retention);
    }
    types.iter().flat_map(Work::retired).collect()
}

/// Makes what was taken in last, once all types could be read.
pub(super) fn commit(types: &mut [Work], options: &Options, outcome: &mut Generated) -> Result<(), Error> {
    for work in types.iter_mut() {
        work.commit(&options.retention)?;
        for damage in work.track.damage() {
            outcome.reduced.push(Reduction::new(ReductionKind::HistoryDamaged, damage.to_string()));
        }
    }
    note_timestamps(types, options, outcome);
    Ok(())
}

/// Tells the types from which clients cannot select a delta of format 1, by their
/// timestamps.
fn note_timestamps(types: &[Work], options: &Options, outcome: &mut Generated) {
    if !options.deltas {
        return;
    }
    let names = |which: &dyn Fn(&Work) -> bool| {
        let names = types.iter().filter(|work| which(work)).map(|work| format!("`{}`", work.data_type));
        names.collect::<Vec<_>>().join(", ")
    };
    let without = names(&|work| work.publication.timestamp.is_none());
    if !without.is_empty() {
        outcome.notes.push(format!("{without}: no timestamp, by which clients of format 1 select deltas"));
    }
    let same = names(&Work::is_within_the_same_second);
    if !same.is_empty() {
        outcome.warnings.push(format!(
            "{same}: published within the same second as the publish before: clients of format 1 that hold that one \
             cannot tell them apart, and download full files"
        ));
    }
    let not_newer = names(&|work| {
        let dated = work.publication.timestamp.is_some() && work.track.generations().len() > 1;
        dated && !work.has_past() && !work.is_within_the_same_second()
    });
    if !not_newer.is_empty() {
        outcome.notes.push(format!(
            "{not_newer}: no past generation has an older timestamp, by which clients of format 1 select deltas"
        ));
    }
}

/// What cannot have deltas, though nothing is wrong with the repository, is left
/// alone, and noted. Any other error is given back.
fn leave_out(error: Error, group: &Group<'_>, outcome: &mut Generated) -> Result<(), Error> {
    let is_harmless = match &error {
        Error::Checksum { .. }
        | Error::Chunk { .. }
        | Error::NotText { .. }
        | Error::Open(codec::Error::Unsupported { .. })
        | Error::History(history::Error::TypeName { .. }) => true,
        // Package managers compare the file as it is stored, and it is what its
        // publisher stored: createrepo_c 0.17, for one, writes for some zchunk files
        // what belongs to the gzip file.
        Error::Open(error) => {
            error.is_of_open_content() && group.members().all(|member| member.record.checksum.is_some())
        }
        _ => false,
    };
    if !is_harmless {
        return Err(error);
    }
    for Candidate { record, .. } in group.members() {
        outcome.notes.push(format!("{error}; type `{}` gets no deltas", record.kind));
        outcome.types.push(TypeGenerated {
            data_type: record.kind.clone(),
            skipped: Some(error.to_string()),
            ..TypeGenerated::default()
        });
    }
    Ok(())
}

fn take_in_one(
    repository: &Repository,
    history: &History,
    group: &Group<'_>,
    verify: bool,
) -> Result<Work, Error> {
    let mut track = history.track(&group.track).map_err(Error::History)?;
    if verify {
        track.verify_frames().map_err(Error::History)?;
    }
    let is_first = track.generations().is_empty();
    let Taken { publication, recorded, packages } = intake::take_in_group(repository, group, &mut track)?;
    let member = |Candidate { record, name, .. }: Candidate<'_>| {
        Ok(Member {
            data_type: record.kind.clone(),
            timestamp: records::seconds(record),
            size: repository.file_len(record, name)?,
            record: record.clone(),
        })
    };
    Ok(Work {
        members: group.members().map(member).collect::<Result<_, Error>>()?,
        data_type: group.lead.record.kind.clone(),
        track_name: group.track.clone(),
        track,
        rule: group.lead.rule,
        naming: group.naming.clone(),
        publication,
        recorded,
        packages,
        is_first,
    })
}

/// Looks at the files of the types asked for as [`take_in`] does, without a history.
pub(super) fn only_verify(
    repository: &Repository,
    options: &Options,
    outcome: &mut Generated,
) -> Result<(), Error> {
    for group in groups(repository, options, outcome)? {
        let Candidate { record, name, .. } = group.lead;
        let expect = repository.expect(record);
        let opened = expect.and_then(|expect| repository.open_file(record, name, expect));
        match opened.and_then(|reader| reader.finish().map_err(Error::Open)) {
            Ok(summary) => report(&group, repository, summary.open_size, outcome)?,
            Err(error) => leave_out(error, &group, outcome)?,
        }
    }
    Ok(())
}

/// Reports what is known without a history of each record of a group.
fn report(
    group: &Group<'_>,
    repository: &Repository,
    open_size: u64,
    outcome: &mut Generated,
) -> Result<(), Error> {
    for (nth, Candidate { record, name, .. }) in group.members().enumerate() {
        outcome.types.push(TypeGenerated {
            data_type: record.kind.clone(),
            shared_with: (nth > 0).then(|| group.lead.record.kind.clone()),
            full_size: repository.file_len(record, name)?,
            open_size,
            ..TypeGenerated::default()
        });
    }
    Ok(())
}

/// Puts the types of the outcome into the order in which they were asked for, or
/// that of repomd.xml.
pub(super) fn sort(outcome: &mut Generated, repository: &Repository, options: &Options) {
    let place = |t: &TypeGenerated| match &options.types {
        Some(types) => types.iter().position(|o| *o == t.data_type),
        None => repository.model.records.iter().position(|r| r.kind == t.data_type),
    };
    outcome.types.sort_by_key(place);
}
