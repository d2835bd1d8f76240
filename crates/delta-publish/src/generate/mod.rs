//! The main job, from beginning to end: take in, plan, make, prove, write, swap,
//! collect. Each step is in a module of its own; here is their order, which is
//! what keeps the repository complete at every instant.
//!
//! A dry run is the same run on a private copy of the history; only the last step,
//! `publish`, leaves the repository alone.

mod checks;
mod deltas;
mod journal;
mod primary;
mod publish;
mod recipes;
mod slow_recipes;
mod tracks;
mod unserved;
mod unusable;

use std::collections::BTreeMap;
use std::path::Path;

use history::History;
use repomd::edit::Additions;

use crate::ledger::{Ledger, Reading};
use crate::meter::{Bzip2, Meter};
use crate::options::Options;
use crate::report::{Generated, Reduction, ReductionKind, SignatureFate};
use crate::repository::Repository;
use crate::scratch::WorkingHistory;
use crate::served::Before;
use crate::{Error, age, ours, types};

/// Publishes deltas for the repository at `repo` (the directory that holds
/// `repodata/`), with the history in the directory `history`, which is made
/// where there is none.
///
/// Journal and deltas come first in their `<data>`, the deltas newest first, as
/// sections 7 and 8 of format 1 say; every one of them was proven against every
/// generation that it serves. When nothing changed since the last run, nothing
/// is written at all.
///
/// A history that cannot be used (foreign, unreadable, not writable, of a newer
/// version) is no error: the repository stays as it is, and
/// [`Generated::reduced`] says why it serves fewer deltas than asked for. The same
/// holds for what is lost of a history that can be used.
///
/// # Errors
/// See [`Error`]. The repository is then as it was, but for delta files that no
/// repomd.xml names and that the next run collects; or, where the disk failed at
/// the very end, its repomd.xml is the new one, complete, but its signature is
/// missing. [`Error::is_temporary`] says whether to try again: it holds whenever the
/// repository was replaced meanwhile, whatever was missing for it.
pub fn generate(repo: &Path, history: &Path, options: &Options) -> Result<Generated, Error> {
    let mut repository = match Repository::open(repo) {
        Err(error) => return left_alone(error),
        Ok(repository) => repository,
    };
    repository.jobs = options.jobs.clone();
    let result = match with_history(&repository, history, options) {
        Err(error) => unusable::go_on(&repository, history, options, error),
        done => done,
    };
    repository.unless_replaced(result).or_else(left_alone)
}

/// The outcome where package managers read a repository that is not to be changed, or
/// cannot be; any other error is given back.
fn left_alone(error: Error) -> Result<Generated, Error> {
    let Some(reduction) = error.left_alone() else { return Err(error) };
    let signature = match reduction.reason_code {
        ReductionKind::Signed => SignatureFate::Kept,
        _ => SignatureFate::None,
    };
    let mut reduced = vec![reduction];
    reduced.extend(error.into_besides());
    Ok(Generated { signature, reduced, ..Generated::default() })
}

fn with_history(repository: &Repository, path: &Path, options: &Options) -> Result<Generated, Error> {
    if let Some(error) = types::refused_of(repository, path, options).into_iter().next() {
        return Err(error);
    }
    Ledger::refuse_newer(path)?;
    let history = WorkingHistory::open(path, options.dry_run)?;
    let mut outcome = Generated::default();
    let done = match attempt(repository, &history, options, false, &mut outcome) {
        // Something that deltas are made of does not check out: find out what
        // else does not, and do without.
        Err(error @ (Error::History(history::Error::Damaged { .. }) | Error::Unproven { .. })) => {
            let message = format!("{error}; the history was checked, and what is damaged dropped");
            let mut reduced = vec![Reduction::new(ReductionKind::HistoryDamaged, message)];
            reduced.append(&mut outcome.reduced);
            outcome = Generated { reduced, ..Generated::default() };
            attempt(repository, &history, options, true, &mut outcome)
        }
        other => other,
    };
    match done {
        Ok(()) => Ok(outcome),
        // What was found and set aside is not found again by the next run.
        Err(error) => Err(history.explain(error).besides(outcome.reduced)),
    }
}

fn attempt(
    repository: &Repository,
    history: &History,
    options: &Options,
    verify: bool,
    outcome: &mut Generated,
) -> Result<(), Error> {
    // Another process may have published between the reading and the lock.
    repository.check_unchanged(&repository.bytes)?;
    if !options.dry_run {
        repository.dir.remove_leftovers().map_err(Error::File)?;
    }
    outcome.history_created = history.is_new();
    let (mut ledger, mut on_disk) = read_ledger(history, &mut outcome.reduced)?;
    ledger.resolve_intent(&repository.sha256());
    let found = ours::unknown(repository, &ledger.known(), &mut outcome.warnings)?;
    let before = Before::read(repository, &ledger, &found);

    let mut meter = Meter::new();
    let mut types = tracks::take_in(repository, history, options, verify, outcome)?;
    meter.end("intake", Bzip2::default());
    if !options.dry_run {
        checks::first_run(repository, &types)?;
    }
    let place = checks::place(repository, history, &types, &ledger, outcome)?;
    checks::lost_types(&types, &ledger, outcome);
    // On record before they are gone: should the run fail, the next one knows why.
    ledger.forgotten.extend(tracks::prune(&mut types, options));
    ledger.write(history.dir(), &mut on_disk)?;
    tracks::commit(&mut types, options, outcome)?;
    meter.end("commit", Bzip2::default());
    journal::record_publish(repository, &types, &found, &mut ledger);
    let journal = journal::make(repository, history, &types, options, &ledger)?;
    meter.end("journal", Bzip2::default());
    let planned = deltas::plan(&types, journal.as_ref(), options);
    meter.end("windows", Bzip2::default());
    let (deltas, bzip2) = deltas::make(repository, &types, planned, options, &ledger)?;
    meter.end("deltas", bzip2);

    checks::withdrawn(repository, &before, &types, &ledger, outcome);
    outcome.older = age::than_last(repository, &ledger);
    outcome.notes.extend(slow_recipes::notes(&types, journal.as_ref(), &ledger));
    let found = found.into_iter().map(|file| file.file).collect();
    let new_state = publish::NewState { found, place, types: &types, deltas, journal };
    let new = edited(repository, &new_state, &ledger)?;
    let ledgers = publish::Ledgers { next: &mut ledger, on_disk: &mut on_disk, dir: history.dir() };
    publish::publish(repository, options, &new, &new_state, ledgers, outcome)?;
    checks::beyond_budget(&before, &types, &ledger, options, outcome);
    for (work, deltas) in types.iter().zip(&new_state.deltas) {
        outcome.types.extend(deltas::outcome(work, options, deltas, new_state.journal.as_ref(), &ledger));
    }
    outcome.journal = new_state.journal.as_ref().map(journal::PreparedJournal::outcome);
    tracks::sort(outcome, repository, options);
    meter.end("publish", Bzip2::default());
    outcome.phases = meter.phases();
    Ok(())
}

/// repomd.xml with what was made.
fn edited(
    repository: &Repository,
    new_state: &publish::NewState<'_>,
    ledger: &Ledger,
) -> Result<Vec<u8>, Error> {
    let mut deltas = BTreeMap::new();
    for (work, prepared) in new_state.types.iter().zip(&new_state.deltas) {
        for member in &work.members {
            deltas.insert(member.data_type.clone(), deltas::listed(work, member, prepared)?);
        }
    }
    let journal = new_state.journal.as_ref().map(|journal| journal.listed(ledger)).transpose()?.flatten();
    repomd::with_deltas(&repository.bytes, &Additions { journal, deltas })
        .map_err(|source| Error::Edit { path: repository.repomd_path(), source })
}

/// The ledger of a history, to work on, and as it is on disk: nothing where there is
/// something else. One that is damaged is told.
fn read_ledger(history: &History, reduced: &mut Vec<Reduction>) -> Result<(Ledger, Option<Ledger>), Error> {
    match Ledger::read(history.dir())? {
        Reading::Whole(ledger) => Ok(((*ledger).clone(), Some(*ledger))),
        Reading::Missing => {
            // Before there is any track, so that one which is missing later is missed.
            let mut on_disk = None;
            Ledger::default().write(history.dir(), &mut on_disk)?;
            Ok((Ledger::default(), on_disk))
        }
        Reading::Damaged(damage) => {
            let kept = Ledger::set_aside(history.dir())?;
            let kept = kept.map(|name| format!(" (kept as `{name}`)")).unwrap_or_default();
            let message = format!("{damage}{kept}; what was published before is not known any more");
            reduced.push(Reduction::new(ReductionKind::HistoryDamaged, message));
            Ok((Ledger::default(), None))
        }
    }
}
