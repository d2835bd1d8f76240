//! The metadata types of one run: which are taken in, side by side, and what is
//! told of them.

use std::thread;

use delta_core::Rule;
use history::{History, Publication, Retention, Track};
use repomd::Record;

use crate::Error;
use crate::estimate;
use crate::intake::{self, Keep, Taken};
use crate::naming::Naming;
use crate::options::Options;
use crate::outcome::{DeltaGenerated, Generated, JournalGenerated, TypeGenerated};
use crate::repository::Repository;

/// One metadata type at work.
pub(super) struct Work {
    pub(super) data_type: String,
    pub(super) track: Track,
    pub(super) record: Record,
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

/// A record that deltas are wanted for.
struct Wanted<'r> {
    record: &'r Record,
    name: &'r str,
    rule: Rule,
}

/// The records of the types asked for, and why others of them are left alone.
fn wanted<'r>(
    repository: &'r Repository,
    options: &Options,
    outcome: &mut Generated,
) -> Result<Vec<Wanted<'r>>, Error> {
    let mut all = Vec::new();
    for (nth, data_type) in options.types.iter().enumerate() {
        if options.types[..nth].contains(data_type) {
            continue;
        }
        let rule = intake::rule_of(data_type)?;
        let mut skip = |why: String| {
            let skipped = TypeGenerated {
                data_type: data_type.clone(),
                skipped: Some(why),
                ..TypeGenerated::default()
            };
            outcome.types.push(skipped);
        };
        match repository.model.record(data_type) {
            None => skip("the repository has no such record".into()),
            Some(record) => match Repository::file_of(record) {
                Ok(name) if repository.is_symlink(name)? => {
                    skip(format!("its file `{name}` is a symbolic link, which is not followed"));
                }
                Ok(name) => all.push(Wanted { record, name, rule }),
                Err(why) => skip(why),
            },
        }
    }
    Ok(all)
}

/// Takes the wanted types in, each on a thread of its own. It lasts only once
/// [`commit`] was called.
pub(super) fn take_in(
    repository: &Repository,
    history: &History,
    options: &Options,
    verify: bool,
    outcome: &mut Generated,
) -> Result<Vec<Work>, Error> {
    let wanted = wanted(repository, options, outcome)?;
    let results: Vec<Result<Work, Error>> = thread::scope(|scope| {
        let running: Vec<_> = wanted
            .iter()
            .map(|wanted| scope.spawn(move || take_in_one(repository, history, wanted, verify)))
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let mut types = Vec::new();
    for (result, wanted) in results.into_iter().zip(&wanted) {
        match result {
            Ok(work) => types.push(work),
            Err(error) => leave_out(error, &wanted.record.kind, outcome)?,
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
/// alone, and said; any other error is given back.
fn leave_out(error: Error, data_type: &str, outcome: &mut Generated) -> Result<(), Error> {
    if !matches!(
        error,
        Error::Checksum { .. } | Error::Chunk { .. } | Error::Open(codec::Error::Unsupported { .. })
    ) {
        return Err(error);
    }
    outcome.warnings.push(format!("{error}; type `{data_type}` gets no deltas"));
    outcome.types.push(TypeGenerated {
        data_type: data_type.to_owned(),
        skipped: Some(error.to_string()),
        ..TypeGenerated::default()
    });
    Ok(())
}

fn take_in_one(
    repository: &Repository,
    history: &History,
    wanted: &Wanted<'_>,
    verify: bool,
) -> Result<Work, Error> {
    let Wanted { record, name, rule } = wanted;
    let mut track = history.track(&record.kind).map_err(Error::History)?;
    if verify {
        track.verify_frames().map_err(Error::History)?;
    }
    let Taken { publication, recorded } =
        intake::take_in(repository, record, name, *rule, &mut track, Keep::Chunks)?;
    let (data_type, naming) = (record.kind.clone(), Naming::of(name));
    Ok(Work { data_type, record: (*record).clone(), track, rule: *rule, naming, publication, recorded })
}

/// Like [`take_in`], without leaving a trace; tells estimates.
pub(super) fn rehearse(
    repository: &Repository,
    history: Option<&History>,
    options: &Options,
    outcome: &mut Generated,
) -> Result<(), Error> {
    let wanted = wanted(repository, options, outcome)?;
    for Wanted { record, name, rule } in wanted {
        let track = match history.map(|history| history.track(&record.kind)) {
            None | Some(Err(history::Error::Missing { .. })) => None,
            Some(track) => Some(track.map_err(Error::History)?),
        };
        let Some(mut track) = track else {
            let expect = repository.expect(record);
            let opened = expect.and_then(|expect| repository.open_file(record, name, expect));
            let summary = match opened.and_then(|file| file.finish().map_err(Error::Open)) {
                Ok(summary) => summary,
                Err(error) => {
                    leave_out(error, &record.kind, outcome)?;
                    continue;
                }
            };
            outcome.types.push(TypeGenerated {
                data_type: record.kind.clone(),
                recorded: true,
                generations: 1,
                full_size: summary.size,
                open_size: summary.open_size,
                ..TypeGenerated::default()
            });
            continue;
        };
        outcome.warnings.extend(track.damage().iter().map(ToString::to_string));
        let taken = intake::take_in(repository, record, name, rule, &mut track, Keep::Numbers);
        let Taken { publication, recorded } = match taken {
            Ok(taken) => taken,
            Err(error) => {
                leave_out(error, &record.kind, outcome)?;
                continue;
            }
        };
        prune(&mut track, &options.retention);
        let planned = if options.deltas {
            estimate::plan(&track, &Naming::of(name), publication.timestamp, publication.size, options)
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
        outcome.types.push(TypeGenerated {
            data_type: record.kind.clone(),
            skipped: None,
            recorded,
            generations: track.generations().len(),
            full_size: publication.size,
            open_size: publication.open_size,
            deltas: deltas.collect(),
            journal,
        });
    }
    Ok(())
}

fn prune(track: &mut Track, retention: &Retention) {
    let _ = track.prune(retention);
}

/// Puts the types of the outcome into the order in which they were asked for.
pub(super) fn sort(outcome: &mut Generated, options: &Options) {
    let place = |t: &TypeGenerated| options.types.iter().position(|o| *o == t.data_type);
    outcome.types.sort_by_key(place);
}
