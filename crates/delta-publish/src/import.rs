//! Filling a history from old repodata directories. It publishes nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use history::{Hex, History, Retention};
use repomd::files::REPODATA;

use crate::ledger::Ledger;
use crate::options::ImportOptions;
use crate::records::Group;
use crate::report::{DirectoryImported, Imported};
use crate::repository::Repository;
use crate::scratch::WorkingHistory;
use crate::{Error, forget, intake, records, types};

/// Takes the metadata of old copies of a repository into the history in
/// the directory `history`. Each of `directories` holds `repodata/`, or is such
/// a directory. Afterwards the generations are in the order of their timestamps.
///
/// A record that cannot be used (a file that is missing, or is not what its
/// repomd.xml says) is left out, and said.
///
/// # Errors
/// When a directory has no readable repomd.xml, or a type is not known; nothing is
/// taken in then. When the history cannot be written; the directories before are in it
/// then.
pub fn import(history: &Path, directories: &[PathBuf], options: &ImportOptions) -> Result<Imported, Error> {
    // All of them before the history is made or changed: a mistyped name costs nothing.
    let mut unknown = None;
    for directory in directories {
        let repository = open(directory)?;
        let known = types::unknown(&repository, history, options.types.iter().flatten()).into_iter().next();
        unknown = match (unknown, known) {
            (Some(Ok(())), _) | (_, None) => Some(Ok(())),
            (_, Some(error)) => Some(Err(error)),
        };
    }
    unknown.transpose()?;
    Ledger::refuse_newer(history)?;
    let history = WorkingHistory::open(history, options.dry_run)?;
    // A ledger before there is any track, so that one which is missing later is missed.
    forget::remember(&history, std::iter::empty())?;
    let (asked, retention) = (options.types.as_deref(), &options.retention);
    let mut imported = Imported::default();
    for directory in directories {
        let mut repository = open(directory)?;
        repository.jobs = options.jobs.clone();
        let mut one =
            DirectoryImported { directory: directory.display().to_string(), ..DirectoryImported::default() };
        let skip = |data_type: &str, why: String| one.skipped.push(format!("{data_type}: {why}"));
        let candidates = records::candidates(&repository, asked, skip)?;
        let mut taken: Vec<&str> = Vec::new();
        let mut contents = BTreeMap::new();
        for group in records::groups(&repository, &candidates) {
            let members = group.members().map(|member| &*member.record.kind);
            match import_one(&history, &repository, &group, retention) {
                Ok((open_sha256, damage)) => {
                    taken.extend(members);
                    one.warnings.extend(damage);
                    contents.insert(group.track.clone(), Hex(&open_sha256).to_string());
                }
                Err(Left::Out(why)) => one.skipped.extend(members.map(|kind| format!("{kind}: {why}"))),
                Err(Left::Failed(error)) => return Err(error),
            }
        }
        let in_order = candidates.iter().map(|c| &*c.record.kind).filter(|kind| taken.contains(kind));
        one.types = in_order.map(str::to_owned).collect();
        let timestamp = repository.model.greatest_timestamp();
        forget::change_ledger(&history, |ledger| ledger.publishes.import(contents, timestamp))?;
        imported.directories.push(one);
    }
    Ok(imported)
}

fn open(directory: &Path) -> Result<Repository, Error> {
    let inner = directory.join(REPODATA);
    let repodata = if inner.is_dir() { inner } else { directory.to_owned() };
    Repository::open_repodata(directory, &repodata)
}

/// Why a record was not imported.
enum Left {
    Out(String),
    Failed(Error),
}

fn import_one(
    history: &History,
    repository: &Repository,
    group: &Group<'_>,
    retention: &Retention,
) -> Result<([u8; 32], Vec<String>), Left> {
    let failed = |e| Left::Failed(Error::History(e));
    let mut track = match history.track(&group.track) {
        Err(error @ history::Error::TypeName { .. }) => return Err(Left::Out(error.to_string())),
        other => other.map_err(failed)?,
    };
    let taken = match intake::take_in_group(repository, group, &mut track) {
        Ok(taken) => taken,
        Err(
            e @ (Error::Open(_)
            | Error::NoFile { .. }
            | Error::Checksum { .. }
            | Error::Chunk { .. }
            | Error::NotText { .. }),
        ) => {
            return Err(Left::Out(e.to_string()));
        }
        Err(other) => return Err(Left::Failed(other)),
    };
    track.sort_by_timestamp();
    track.prune(retention);
    let dropped = track.pruned().iter().map(|sha256| Hex(sha256).to_string());
    forget::remember(history, dropped).map_err(Left::Failed)?;
    track.commit(retention).map_err(failed)?;
    Ok((taken.publication.open_sha256, track.damage().iter().map(ToString::to_string).collect()))
}
