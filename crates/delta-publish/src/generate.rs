//! The main job, from beginning to end: take in, plan, make, prove, write, swap,
//! collect. Each step is in a module of its own; here is their order, which is
//! what keeps the repository complete at every instant.

mod deltas;
mod journals;
mod recipes;
mod tracks;

use std::collections::BTreeMap;
use std::path::Path;

use codec::Algorithm;
use durable::Dir;
use history::History;
use repomd::Additions;

use crate::ledger::{Ledger, State, Written};
use crate::meter::{Bzip2, Meter};
use crate::options::{Options, Signing};
use crate::outcome::{Generated, SignatureFate};
use crate::repository::Repository;
use crate::{Error, naming, signing, swap};

/// Publishes deltas for the repository at `repo` (the directory that holds
/// `repodata/`), with the history in the directory `history`, which is made
/// where there is none.
///
/// Journal and deltas come first in their `<data>`, the deltas newest first, as
/// `docs/format-1.md` describes in sections 7 and 8; every one of them was proven against every
/// generation that it serves. When nothing changed since the last run, nothing
/// is written at all.
///
/// # Errors
/// See [`Error`]. The repository is then as it was, but for delta files that no
/// repomd.xml names and that the next run collects; or, where the disk failed at
/// the very end, its repomd.xml is the new one, complete, but its signature is
/// missing, or the history does not know of it yet. [`Error::is_temporary`] says
/// whether to try again.
pub fn generate(repo: &Path, history: &Path, options: &Options) -> Result<Generated, Error> {
    match attempt(repo, history, options, false) {
        // Something that deltas are made of does not check out: find out what
        // else does not, and do without.
        Err(error @ (Error::History(history::Error::Damaged { .. }) | Error::Unproven { .. }))
            if !options.dry_run =>
        {
            let mut outcome = attempt(repo, history, options, true)?;
            outcome
                .warnings
                .insert(0, format!("{error}; the history was checked, and what is damaged dropped"));
            Ok(outcome)
        }
        other => other,
    }
}

fn attempt(repo: &Path, history: &Path, options: &Options, verify: bool) -> Result<Generated, Error> {
    let mut repository = Repository::open(repo)?;
    repository.jobs = options.jobs.clone();
    if options.dry_run {
        return dry_run(&repository, history, options);
    }
    let history = History::open(history).map_err(Error::History)?;
    // Another process may have published between the reading and the lock.
    repository.check_unchanged(&repository.bytes)?;
    repository.dir.remove_leftovers().map_err(Error::File)?;
    let mut outcome = Generated::default();
    let mut ledger = read_ledger(&history, &mut outcome.warnings)?;
    let mut on_disk = ledger.clone();
    ledger.settle(&Algorithm::Sha256.digest(&repository.bytes).to_hex());

    let mut meter = Meter::new();
    let mut types = tracks::take_in(&repository, &history, options, verify, &mut outcome)?;
    meter.end("intake", Bzip2::default());
    tracks::commit(&mut types, options, &mut outcome)?;
    meter.end("commit", Bzip2::default());
    let journals = journals::make(&repository, &types, options, &ledger)?;
    meter.end("journals", Bzip2::default());
    let planned = deltas::plan(&types, options);
    meter.end("windows", Bzip2::default());
    let (made, bzip2) = deltas::make(&repository, &types, planned, options, &ledger)?;
    meter.end("deltas", bzip2);

    let mut listed = BTreeMap::new();
    for ((work, deltas), journal) in types.iter().zip(&made).zip(&journals) {
        for member in &work.members {
            let deltas = deltas::listed(work, member, deltas)?;
            let journal = journal.as_ref().and_then(|journal| journal.listed(member)).transpose()?;
            listed.insert(member.data_type.clone(), Additions { journal, deltas });
        }
    }
    let new = repomd::with_deltas(&repository.bytes, &listed)
        .map_err(|source| Error::Edit { path: repository.repomd_path(), source })?;
    outcome.changed = new != repository.bytes;

    // From here on the repository is written to. The new repomd.xml is made ready
    // and signed first, because that is what may fail. Then the deltas, on record,
    // so that they can be collected should the process die before they are listed.
    let ready =
        if outcome.changed { Some(swap::prepare(&repository, &new, &options.signing)?) } else { None };
    let to_write: Vec<_> = made
        .iter()
        .flatten()
        .filter_map(deltas::Ready::to_write)
        .chain(journals.iter().flatten().filter_map(journals::Ready::to_write))
        .collect();
    let journal_files = journals.iter().flatten().filter_map(|j| j.made.file.clone());
    let mut newest = State {
        repomd: Algorithm::Sha256.digest(&new).to_hex(),
        signed: was_signed(&ledger, &new),
        files: made.iter().flatten().filter_map(|d| d.made.file.clone()).chain(journal_files).collect(),
    };
    if outcome.changed || !to_write.is_empty() {
        repository.check_unchanged(&repository.bytes)?;
        let new_files = to_write.iter().map(|(file, _)| (*file).clone());
        ledger.intending(&newest, new_files).write(history.dir(), &mut on_disk)?;
    }
    for (file, bytes) in &to_write {
        repository.write(&file.name, bytes)?;
    }
    outcome.signature = match ready {
        Some(ready) => ready.publish(&repository, &new)?,
        None => sign_again(&repository, options, &ledger)?,
    };

    newest.signed |= outcome.signature == SignatureFate::Signed;
    for (work, deltas) in types.iter().zip(&made) {
        for member in &work.members {
            ledger.types.insert(member.data_type.clone(), deltas.iter().map(|d| d.made.clone()).collect());
        }
    }
    for (work, journal) in types.iter().zip(&journals) {
        match journal {
            Some(journal) => ledger.journals.insert(work.data_type.clone(), journal.made.clone()),
            None => ledger.journals.remove(&work.data_type),
        };
        for member in &work.members {
            match journal.as_ref().and_then(|journal| journal.recipes.get(&member.data_type)) {
                Some(recipe) => ledger.recipes.insert(member.data_type.clone(), recipe.clone()),
                None => ledger.recipes.remove(&member.data_type),
            };
        }
    }
    if !newest.files.is_empty() || newest.signed || !ledger.states.is_empty() {
        ledger.publish(newest, options.keep_states);
    }
    outcome.collected = collect(&repository, &new, &history, &mut ledger, &mut on_disk)?;
    for ((work, deltas), journal) in types.iter().zip(&made).zip(&journals) {
        outcome.types.extend(deltas::outcome(work, deltas, journal.as_ref()));
    }
    tracks::sort(&mut outcome, &repository, options);
    meter.end("publish", Bzip2::default());
    outcome.phases = meter.phases();
    Ok(outcome)
}

pub(crate) fn read_ledger(history: &History, warnings: &mut Vec<String>) -> Result<Ledger, Error> {
    Ok(Ledger::read(history.dir())?.unwrap_or_else(|damage| {
        warnings.push(format!("{damage}; delta files that it names will not be collected"));
        Ledger::default()
    }))
}

fn was_signed(ledger: &Ledger, repomd: &[u8]) -> bool {
    let sha256 = Algorithm::Sha256.digest(repomd).to_hex();
    ledger.states.first().is_some_and(|s| s.signed && s.repomd == sha256)
}

/// Sees to the signature of a repomd.xml that does not change.
fn sign_again(repository: &Repository, options: &Options, ledger: &Ledger) -> Result<SignatureFate, Error> {
    let signed = repository.is_signed()?;
    match &options.signing {
        Signing::Command(command) if !(signed && was_signed(ledger, &repository.bytes)) => {
            swap::sign_in_place(repository, command)
        }
        _ if signed => Ok(SignatureFate::Kept),
        _ => Ok(SignatureFate::None),
    }
}

/// Records what is published now, and then deletes the files that no published
/// state of late names: only such as this tool wrote, with the bytes that it
/// wrote.
fn collect(
    repository: &Repository,
    published: &[u8],
    history: &History,
    ledger: &mut Ledger,
    on_disk: &mut Ledger,
) -> Result<Vec<String>, Error> {
    ledger.write(history.dir(), on_disk)?;
    if repository.check_unchanged(published).is_err() {
        // Somebody is at work; they are collected next time.
        return Ok(Vec::new());
    }
    let loose = std::mem::take(&mut ledger.loose);
    let collected = remove_ours(&repository.dir, loose)?;
    ledger.write(history.dir(), on_disk)?;
    Ok(collected)
}

/// Deletes delta files that are as they were written; returns their names.
pub(crate) fn remove_ours(dir: &Dir, files: Vec<Written>) -> Result<Vec<String>, Error> {
    let mut removed = Vec::new();
    for file in files {
        if naming::is_ours(&file.name) && deltas::is_in_place(dir, &file)? {
            dir.remove(&file.name).map_err(Error::File)?;
            removed.push(file.name);
        }
    }
    if !removed.is_empty() {
        dir.sync().map_err(Error::File)?;
    }
    Ok(removed)
}

/// What would be done: the files are read and verified, sizes are estimates, and
/// nothing is written anywhere.
fn dry_run(repository: &Repository, history: &Path, options: &Options) -> Result<Generated, Error> {
    let mut outcome = Generated::default();
    let history = match History::read(history) {
        Ok(history) => Some(history),
        Err(history::Error::Missing { .. }) => None,
        Err(error) => return Err(Error::History(error)),
    };
    tracks::rehearse(repository, history.as_ref(), options, &mut outcome)?;
    outcome.changed = match &history {
        None => false,
        Some(history) => {
            let ledger = read_ledger(history, &mut outcome.warnings)?;
            let sha256 = Algorithm::Sha256.digest(&repository.bytes).to_hex();
            ledger.states.first().map_or("", |s| &s.repomd) != sha256
                && outcome.types.iter().any(|t| !t.deltas.is_empty() || t.journal.is_some())
        }
    };
    let signed = repository.is_signed()?;
    if outcome.changed {
        signing::refuse(&options.signing, &repository.dir, signed)?;
    }
    outcome.signature = match (&options.signing, signed, outcome.changed) {
        (Signing::Command(_), _, true) => SignatureFate::Signed,
        (_, true, true) => SignatureFate::Removed,
        (_, true, false) => SignatureFate::Kept,
        (_, false, _) => SignatureFate::None,
    };
    tracks::sort(&mut outcome, repository, options);
    Ok(outcome)
}
