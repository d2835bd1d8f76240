//! Withdrawing every delta from a repository.

use std::collections::BTreeSet;
use std::path::Path;

use history::History;

use crate::ledger::{Ledger, Reading, Written};
use crate::options::StripOptions;
use crate::report::{Reduction, ReductionKind, SignatureFate, Stripped};
use crate::repository::Repository;
use crate::scratch::WorkingHistory;
use crate::{Error, ours, swap};

/// Removes every element of ours from repomd.xml of the repository at `repo`, which
/// gives back the bytes that it had without them, and then the delta files and
/// journals in repodata/: every file whose name carries the digest of its bytes, as
/// ours do. A history, where it is given, keeps its generations, and forgets what was
/// published.
///
/// A history that cannot be used is no error: the repository is stripped, and
/// [`Stripped::reduced`] says that the history does not know.
///
/// # Errors
/// See [`Error`]; repomd.xml is then as it was, or stripped. [`Error::is_temporary`]
/// says whether to try again.
pub fn strip(repo: &Path, history: Option<&Path>, options: &StripOptions) -> Result<Stripped, Error> {
    let repository = Repository::open(repo)?;
    let result = with(&repository, history, options);
    repository.unless_replaced(result)
}

fn with(repository: &Repository, history: Option<&Path>, options: &StripOptions) -> Result<Stripped, Error> {
    let mut outcome = Stripped::default();
    let history = match history.map(|path| open(path, options.dry_run)) {
        None => None,
        Some(Ok(opened)) => Some(opened),
        Some(Err(error)) if error.is_temporary() || matches!(error, Error::Scratch { .. }) => {
            return Err(error);
        }
        Some(Err(error)) => {
            outcome.reduced.push(not_used(&error));
            None
        }
    };
    // Another process may have published between the reading and the lock.
    repository.check_unchanged(&repository.bytes)?;
    if history.is_some() && !options.dry_run {
        repository.dir.remove_leftovers().map_err(Error::File)?;
    }
    let new = repomd::strip(&repository.bytes)
        .map_err(|source| Error::Edit { path: repository.repomd_path(), source })?;
    outcome.changed = new != repository.bytes;
    outcome.signature = replace(repository, &new, options)?;
    let mut files = ours::listed(&repository.model);
    let found = ours::unknown(repository, &BTreeSet::new(), &mut outcome.warnings)?;
    files.extend(found.into_iter().map(|found| found.file));
    files.sort();
    files.dedup();
    remove(repository, &new, files, options, &mut outcome)?;
    match history.map(|history| forget(&history)) {
        None | Some(Ok(None)) => {}
        Some(Ok(Some(error)) | Err(error)) => outcome.reduced.push(not_used(&error)),
    }
    Ok(outcome)
}

/// Opens a history that is there, or in a dry run a copy of it.
fn open(path: &Path, dry_run: bool) -> Result<WorkingHistory, Error> {
    Ledger::refuse_newer(path)?;
    History::read(path).map_err(Error::History)?;
    WorkingHistory::open(path, dry_run)
}

fn not_used(error: &Error) -> Reduction {
    let rest = "the history does not know that the deltas are withdrawn";
    error
        .as_reduction(rest)
        .unwrap_or_else(|| Reduction::new(ReductionKind::HistoryUnreadable, format!("{error}; {rest}")))
}

/// Replaces repomd.xml by `new`, if that differs, and sees to its signature.
fn replace(repository: &Repository, new: &[u8], options: &StripOptions) -> Result<SignatureFate, Error> {
    if new == repository.bytes {
        return repository.signature_as_it_is();
    }
    if options.dry_run {
        return swap::foresee(repository, &options.signing);
    }
    swap::prepare(repository, new, &options.signing)?.publish(repository, new)
}

/// Deletes those of `files` that have the bytes that were written, once repomd.xml is
/// `new`.
fn remove(
    repository: &Repository,
    new: &[u8],
    files: Vec<Written>,
    options: &StripOptions,
    outcome: &mut Stripped,
) -> Result<(), Error> {
    let removable = ours::removable(repository, files, &mut outcome.warnings);
    if options.dry_run {
        outcome.removed = removable.into_iter().map(|file| file.name).collect();
        return Ok(());
    }
    repository.check_unchanged(new)?;
    let mut left = Vec::new();
    outcome.removed = ours::remove(repository, new, removable, &mut left, &mut outcome.warnings);
    outcome.left = left.into_iter().map(|file| file.name).collect();
    if outcome.left.is_empty() { Ok(()) } else { repository.check_unchanged(new) }
}

/// Lets the history forget what was published; not whose it is. Gives the damage of a
/// ledger that could not be read.
fn forget(history: &History) -> Result<Option<Error>, Error> {
    let (mut on_disk, damage) = match Ledger::read(history.dir())? {
        Reading::Whole(ledger) => (Some(*ledger), None),
        Reading::Missing => (None, None),
        Reading::Damaged(damage) => {
            Ledger::set_aside(history.dir())?;
            (None, Some(damage))
        }
    };
    let places = on_disk.as_ref().map(|ledger| ledger.places.clone()).unwrap_or_default();
    Ledger::begin_again(places).write(history.dir(), &mut on_disk)?;
    Ok(damage)
}
