//! The metadata types of one run: which are taken in, side by side, and what is
//! told of them.

use delta_core::Rule;
use history::{History, Publication, Retention, Track};

use repomd::Record;

use crate::Error;
use crate::crew;
use crate::estimate;
use crate::intake::{self, Keep};
use crate::naming::Naming;
use crate::options::Options;
use crate::outcome::{DeltaGenerated, Generated, JournalGenerated, TypeGenerated};
use crate::records::{self, Group, Wanted};
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
    pub(super) track: Track,
    pub(super) rule: Rule,
    pub(super) naming: Naming,
    pub(super) publication: Publication,
    pub(super) recorded: bool,
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

    /// Whether there is a timestamp that a client may hold and be behind.
    fn has_past(&self) -> bool {
        let current = self.publication.timestamp.unwrap_or(0);
        self.track.generations().iter().any(|g| g.timestamps.first().is_some_and(|t| *t < current))
    }
}

/// The records of the types asked for, twins together; why others are left alone
/// goes into the outcome.
fn wanted<'r>(
    repository: &'r Repository,
    options: &Options,
    outcome: &mut Generated,
) -> Result<Vec<Group<'r>>, Error> {
    let skip = |data_type: &str, why: String| {
        let data_type = data_type.to_owned();
        outcome.types.push(TypeGenerated { data_type, skipped: Some(why), ..TypeGenerated::default() });
    };
    let wanted = records::wanted(repository, options.types.as_deref(), skip)?;
    Ok(records::groups(repository, &wanted))
}

/// Takes the wanted types in, as many at a time as there are threads. It lasts only once
/// [`commit`] was called.
pub(super) fn take_in(
    repository: &Repository,
    history: &History,
    options: &Options,
    verify: bool,
    outcome: &mut Generated,
) -> Result<Vec<Work>, Error> {
    let wanted = wanted(repository, options, outcome)?;
    let results =
        crew::each(&wanted, &options.jobs, |wanted| take_in_one(repository, history, wanted, verify));
    let mut types = Vec::new();
    for (result, wanted) in results.into_iter().zip(&wanted) {
        match result {
            Ok(work) => types.push(work),
            Err(error) => leave_out(error, wanted, outcome)?,
        }
    }
    Ok(types)
}

/// Makes what was taken in last, once all types could be read.
pub(super) fn commit(types: &mut [Work], options: &Options, outcome: &mut Generated) -> Result<(), Error> {
    for work in types {
        work.commit(&options.retention)?;
        outcome.warnings.extend(work.track.damage().iter().map(ToString::to_string));
        if work.publication.timestamp.is_none() {
            outcome.warnings.push(format!(
                "`{}` has no timestamp, by which clients select a delta: it is remembered, but gets none",
                work.data_type
            ));
        } else if work.track.generations().len() > 1 && !work.has_past() {
            outcome.warnings.push(format!(
                "no remembered generation of `{}` has an older timestamp, by which clients select a delta: it gets none",
                work.data_type
            ));
        }
    }
    Ok(())
}

/// What cannot have deltas, though nothing is wrong with the repository, is left
/// alone, and said; so is what cannot be read, where it was not asked for by name
/// and is no core type. Any other error is given back.
fn leave_out(error: Error, group: &Group<'_>, outcome: &mut Generated) -> Result<(), Error> {
    let harmless = matches!(
        error,
        Error::Checksum { .. }
            | Error::Chunk { .. }
            | Error::NotText { .. }
            | Error::Open(codec::Error::Unsupported { .. })
            | Error::History(history::Error::TypeName { .. })
    );
    let unreadable = match &error {
        Error::Open(error) => !matches!(error, codec::Error::Read { .. } | codec::Error::Thread { .. }),
        Error::NoFile { .. } => true,
        _ => false,
    };
    if !harmless && (!unreadable || group.members().any(|member| member.strict)) {
        return Err(error);
    }
    let of_open_content = matches!(&error, Error::Open(error) if error.is_of_open_content());
    for Wanted { record, .. } in group.members() {
        // createrepo_c 0.17 writes for some zchunk files what belongs to the gzip file:
        // nobody can help that.
        if !(of_open_content && record.kind.ends_with("_zck")) {
            outcome.warnings.push(format!("{error}; type `{}` gets no deltas", record.kind));
        }
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
    let (publication, recorded) = intake::take_in_group(repository, group, &mut track, Keep::Chunks)?;
    let of = |wanted: Wanted<'_>| {
        let Wanted { record, name, .. } = wanted;
        Ok(Member {
            data_type: record.kind.clone(),
            timestamp: record.timestamp.as_ref().map(repomd::Timestamp::seconds),
            size: repository.file_len(record, name)?,
            record: record.clone(),
        })
    };
    Ok(Work {
        members: group.members().map(of).collect::<Result<_, Error>>()?,
        data_type: group.lead.record.kind.clone(),
        track,
        rule: group.lead.rule,
        naming: group.naming.clone(),
        publication,
        recorded,
    })
}

/// Like [`take_in`], without leaving a trace; tells estimates.
pub(super) fn rehearse(
    repository: &Repository,
    history: Option<&History>,
    options: &Options,
    outcome: &mut Generated,
) -> Result<(), Error> {
    for group in wanted(repository, options, outcome)? {
        let track = match history.map(|history| history.track(&group.track)) {
            None | Some(Err(history::Error::Missing { .. })) => None,
            Some(Err(error @ history::Error::TypeName { .. })) => {
                leave_out(Error::History(error), &group, outcome)?;
                continue;
            }
            Some(track) => Some(track.map_err(Error::History)?),
        };
        let Some(mut track) = track else {
            match read_once(repository, &group.lead) {
                Ok(summary) => {
                    let first = TypeGenerated {
                        recorded: true,
                        generations: 1,
                        open_size: summary.open_size,
                        ..TypeGenerated::default()
                    };
                    tell(&group, repository, &first, outcome)?;
                }
                Err(error) => leave_out(error, &group, outcome)?,
            }
            continue;
        };
        outcome.warnings.extend(track.damage().iter().map(ToString::to_string));
        let (publication, recorded) =
            match intake::take_in_group(repository, &group, &mut track, Keep::Numbers) {
                Ok(taken) => taken,
                Err(error) => {
                    leave_out(error, &group, outcome)?;
                    continue;
                }
            };
        prune(&mut track, &options.retention);
        let planned = if options.deltas {
            estimate::plan(&track, &group.naming, publication.timestamp, publication.size, options)
        } else {
            Vec::new()
        };
        let journal = options.journal.as_ref().and_then(|options| {
            let generations = (track.generations().len() - 1).min(options.generations);
            (generations > 0 && publication.size >= options.min_full)
                .then(|| JournalGenerated { generations, ..JournalGenerated::default() })
        });
        let deltas = planned.iter().map(|planned| DeltaGenerated {
            timestamp: planned.window.timestamp,
            generations: planned.window.generations.len(),
            literal_bytes: planned.literal_bytes,
            size: planned.estimate,
            file: None,
            written: false,
        });
        let one = TypeGenerated {
            recorded,
            generations: track.generations().len(),
            open_size: publication.open_size,
            deltas: deltas.collect(),
            journal,
            ..TypeGenerated::default()
        };
        tell(&group, repository, &one, outcome)?;
    }
    Ok(())
}

/// Verifies a file that is read for the first time.
fn read_once(repository: &Repository, wanted: &Wanted<'_>) -> Result<codec::Summary, Error> {
    let Wanted { record, name, .. } = wanted;
    repository.open_file(record, name, repository.expect(record)?)?.finish().map_err(Error::Open)
}

/// Tells `one` of each record of a group.
fn tell(
    group: &Group<'_>,
    repository: &Repository,
    one: &TypeGenerated,
    outcome: &mut Generated,
) -> Result<(), Error> {
    for (nth, Wanted { record, name, .. }) in group.members().enumerate() {
        outcome.types.push(TypeGenerated {
            data_type: record.kind.clone(),
            shared_with: (nth > 0).then(|| group.lead.record.kind.clone()),
            full_size: repository.file_len(record, name)?,
            ..one.clone()
        });
    }
    Ok(())
}

fn prune(track: &mut Track, retention: &Retention) {
    let _ = track.prune(retention);
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
