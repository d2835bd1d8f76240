//! Filling a history from old repodata directories. It publishes nothing.

use std::path::{Path, PathBuf};

use delta_core::Rule;
use history::{History, Retention};

use crate::Error;
use crate::intake::{self, Keep};
use crate::outcome::{DirectoryImported, Imported};
use crate::repository::Repository;

/// Takes the metadata `types` of old copies of a repository into the history in
/// the directory `history`. Each of `directories` holds `repodata/`, or is such
/// a directory. Afterwards the generations are in the order of their timestamps.
///
/// A record that cannot be used (a file that is missing, or is not what its
/// repomd.xml says) is left out, and said.
///
/// # Errors
/// When a directory has no readable repomd.xml; nothing is taken in then. When
/// the history cannot be written; the directories before are in it then.
pub fn import(
    history: &Path,
    directories: &[PathBuf],
    types: &[String],
    retention: &Retention,
) -> Result<Imported, Error> {
    let mut rules = Vec::new();
    for data_type in types {
        rules.push((data_type, intake::rule_of(data_type)?));
    }
    // All of them before the history is made or changed: a mistyped name costs nothing.
    for directory in directories {
        open(directory)?;
    }
    let history = History::open(history).map_err(Error::History)?;
    let mut imported = Imported::default();
    for directory in directories {
        let repository = open(directory)?;
        let mut one =
            DirectoryImported { directory: directory.display().to_string(), ..DirectoryImported::default() };
        for (data_type, rule) in &rules {
            match import_one(&history, &repository, data_type, *rule, retention) {
                Ok(damage) => {
                    one.types.push((*data_type).clone());
                    one.warnings.extend(damage);
                }
                Err(Left::Out(why)) => one.skipped.push(format!("{data_type}: {why}")),
                Err(Left::Failed(error)) => return Err(error),
            }
        }
        imported.directories.push(one);
    }
    Ok(imported)
}

fn open(directory: &Path) -> Result<Repository, Error> {
    let inner = directory.join("repodata");
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
    data_type: &str,
    rule: Rule,
    retention: &Retention,
) -> Result<Vec<String>, Left> {
    let record = repository.model.record(data_type);
    let record = record.ok_or_else(|| Left::Out("the repository has no such record".into()))?;
    let name = Repository::file_of(record).map_err(Left::Out)?;
    if repository.is_symlink(name).map_err(Left::Failed)? {
        return Err(Left::Out(format!("its file `{name}` is a symbolic link, which is not followed")));
    }
    let failed = |e| Left::Failed(Error::History(e));
    let mut track = history.track(data_type).map_err(failed)?;
    match intake::take_in(repository, record, name, rule, &mut track, Keep::Chunks) {
        Ok(_) => {}
        Err(e @ (Error::Open(_) | Error::NoFile { .. } | Error::Checksum { .. } | Error::Chunk { .. })) => {
            return Err(Left::Out(e.to_string()));
        }
        Err(other) => return Err(Left::Failed(other)),
    }
    track.sort_by_timestamp();
    track.commit(retention).map_err(failed)?;
    Ok(track.damage().iter().map(ToString::to_string).collect())
}
