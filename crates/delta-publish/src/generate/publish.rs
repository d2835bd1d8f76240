//! The last step of a run: the new files, the swap of repomd.xml, the ledger, and the
//! deletion of files that no state names any more. In a dry run nothing of it reaches
//! the repository.

use codec::Algorithm;
use durable::Dir;
use history::Hex;

use super::tracks::Work;
use super::{deltas, journal};
use crate::ledger::{Ledger, Place, State, Written};
use crate::options::{Options, Signing};
use crate::report::{Generated, Reduction, ReductionKind, SignatureFate};
use crate::repository::Repository;
use crate::{Error, ours, swap};

/// What was made of every type, in the same order; and what was found.
pub(super) struct NewState<'w> {
    /// Files of ours in repodata/ that the ledger does not know.
    pub(super) found: Vec<Written>,
    /// For which repository the history is used.
    pub(super) place: Option<Place>,
    pub(super) types: &'w [Work],
    pub(super) deltas: Vec<Vec<deltas::PreparedDelta>>,
    pub(super) journal: Option<journal::PreparedJournal>,
}

impl NewState<'_> {
    /// The files that have to be written, and their bytes.
    fn to_write(&self) -> Vec<(&Written, &[u8])> {
        let deltas = self.deltas.iter().flatten().filter_map(deltas::PreparedDelta::to_write);
        deltas.chain(self.journal.iter().filter_map(journal::PreparedJournal::to_write)).collect()
    }

    /// The files that repomd.xml names, those in place included.
    fn files(&self) -> Vec<Written> {
        let deltas = self.deltas.iter().flatten().filter_map(|prepared| prepared.entry.file.clone());
        deltas.chain(self.journal.iter().filter_map(|prepared| prepared.entry.file.clone())).collect()
    }
}

/// The ledger that is worked on, and that on disk.
pub(super) struct Ledgers<'l> {
    pub(super) next: &'l mut Ledger,
    pub(super) on_disk: &'l mut Option<Ledger>,
    pub(super) dir: &'l Dir,
}

impl Ledgers<'_> {
    fn write(&mut self) -> Result<(), Error> {
        self.next.write(self.dir, self.on_disk)
    }
}

/// Publishes `new` as repomd.xml, with what it names.
///
/// # Errors
/// As [`generate`](super::generate()) says. Once repomd.xml is the new one, a history
/// that cannot be written is told in the outcome.
pub(super) fn publish(
    repository: &Repository,
    options: &Options,
    new: &[u8],
    new_state: &NewState<'_>,
    mut ledgers: Ledgers<'_>,
    outcome: &mut Generated,
) -> Result<(), Error> {
    outcome.changed = new != repository.bytes;
    let repomd = Algorithm::Sha256.digest(new).to_hex();
    let mut newest = State::new(repomd, new_state.files(), &repository.model);
    newest.signed = was_signed(ledgers.next, new);
    outcome.signature = write(repository, options, new, &new_state.to_write(), &newest, &mut ledgers)?;
    newest.signed |= outcome.signature == SignatureFate::Signed;
    outcome.signature = ledgers.next.remember_signature(outcome.signature);
    // Only now: should the run have failed before, the next one finds them as this one did.
    adopt(ledgers.next, &new_state.found);
    if outcome.changed {
        keep_replaced(ledgers.next, repository);
    }
    remember(ledgers.next, new_state);
    if !newest.files.is_empty() || newest.signed || !ledgers.next.states.is_empty() {
        ledgers.next.publish(newest, options.keep_states);
    }
    if let Err(error) = collect(repository, options, new, &mut ledgers, outcome) {
        let rest = "repomd.xml is published, and the history does not know of it yet";
        outcome.reduced.push(error.as_reduction(rest).unwrap_or_else(|| {
            Reduction::new(ReductionKind::HistoryNotWritable, format!("{error}; {rest}"))
        }));
    }
    Ok(())
}

/// Writes into the repository. The new repomd.xml is made ready and signed first,
/// because that is what may fail. Then the deltas, on record, so that they can be
/// collected should the process die before they are listed.
fn write(
    repository: &Repository,
    options: &Options,
    new: &[u8],
    to_write: &[(&Written, &[u8])],
    newest: &State,
    ledgers: &mut Ledgers<'_>,
) -> Result<SignatureFate, Error> {
    let changed = new != repository.bytes;
    // Of a repomd.xml that stays: not if a run before signed it.
    let is_to_sign =
        || Ok::<_, Error>(!(repository.signature_as_it_is()? == SignatureFate::Kept && newest.signed));
    if options.dry_run {
        let fate = if changed { Some(swap::foresee(repository, &options.signing)?) } else { None };
        repository.check_unchanged(&repository.bytes)?;
        return match (fate, &options.signing) {
            (Some(fate), _) => Ok(fate),
            (None, Signing::Command(_)) if is_to_sign()? => Ok(SignatureFate::Signed),
            _ => repository.signature_as_it_is(),
        };
    }
    let swap = if changed { Some(swap::prepare(repository, new, &options.signing)?) } else { None };
    if changed || !to_write.is_empty() {
        repository.check_unchanged(&repository.bytes)?;
        let new_files = to_write.iter().map(|(file, _)| (*file).clone());
        ledgers.next.intending(newest, new_files).write(ledgers.dir, ledgers.on_disk)?;
    }
    for (file, bytes) in to_write {
        repository.write(&file.name, bytes)?;
    }
    match (swap, &options.signing) {
        (Some(swap), _) => swap.publish(repository, new),
        (None, Signing::Command(command)) if is_to_sign()? => swap::sign_in_place(repository, command),
        _ => repository.signature_as_it_is(),
    }
}

fn was_signed(ledger: &Ledger, repomd: &[u8]) -> bool {
    let sha256 = Algorithm::Sha256.digest(repomd).to_hex();
    ledger.states.first().is_some_and(|s| s.signed && s.repomd == sha256)
}

/// Takes files over that the ledger does not know. Where it knows no state they are
/// those of the states before, which mirrors that lag may still name: they stay as long
/// as those of a state do. Otherwise no state names them any more.
fn adopt(ledger: &mut Ledger, found: &[Written]) {
    if ledger.states.is_empty() && !found.is_empty() {
        ledger.states.push(State {
            repomd: String::new(),
            signed: false,
            files: found.to_vec(),
            revision: None,
            timestamp: None,
        });
    } else {
        ledger.loose.extend(found.iter().cloned());
    }
}

/// Makes the repomd.xml that was replaced the newest state, where that is another: one of another history, or an
/// older one that was restored. Its clients and mirrors may be at work.
fn keep_replaced(ledger: &mut Ledger, repository: &Repository) {
    let repomd = repository.sha256();
    let known = ledger.state_of(&repomd);
    let state = match known {
        Some(at) => ledger.states.remove(at),
        None => State::new(repomd, ours::listed(&repository.model), &repository.model),
    };
    let is_named = |file: &Written| {
        ledger.states.first().is_some_and(|newest| newest.files.iter().any(|named| named.name == file.name))
    };
    if known.is_some() || !state.files.iter().all(is_named) {
        ledger.states.insert(0, state);
    }
}

/// Puts what was made into the ledger.
fn remember(ledger: &mut Ledger, new_state: &NewState<'_>) {
    ledger.forgotten.clear();
    if let Some(place) = &new_state.place {
        ledger.used_at(place.clone());
    }
    ledger.contents.clear();
    for (work, deltas) in new_state.types.iter().zip(&new_state.deltas) {
        for member in &work.members {
            let content = Hex(&work.publication.open_sha256).to_string();
            ledger.contents.insert(member.data_type.clone(), content);
            ledger.types.insert(member.data_type.clone(), deltas.iter().map(|d| d.entry.clone()).collect());
            match new_state.journal.as_ref().and_then(|journal| journal.recipes.get(&member.data_type)) {
                Some(recipe) => ledger.recipes.insert(member.data_type.clone(), recipe.clone()),
                None => ledger.recipes.remove(&member.data_type),
            };
        }
    }
    ledger.journal = new_state.journal.as_ref().map(|journal| journal.entry.clone());
    ledger.publishes.number_newest(ledger.journal.as_ref().is_some_and(|journal| journal.file.is_some()));
    let is_made = |data_type: &String| {
        new_state.types.iter().flat_map(|work| &work.members).any(|member| member.data_type == *data_type)
    };
    ledger.types.retain(|data_type, _| is_made(data_type));
    ledger.recipes.retain(|data_type, _| is_made(data_type));
}

/// Records what is published now, and then deletes the files that no published
/// state of late names: only such as this tool wrote, with the bytes that it
/// wrote. A file that cannot be deleted is a warning, and tried again by the next run.
fn collect(
    repository: &Repository,
    options: &Options,
    published: &[u8],
    ledgers: &mut Ledgers<'_>,
    outcome: &mut Generated,
) -> Result<(), Error> {
    ledgers.write()?;
    if !options.dry_run && repository.check_unchanged(published).is_err() {
        // Somebody is at work; they are collected next time.
        return Ok(());
    }
    let loose = std::mem::take(&mut ledgers.next.loose);
    let removable = ours::removable(repository, loose, &mut outcome.warnings);
    if options.dry_run {
        outcome.collected = removable.into_iter().map(|file| file.name).collect();
        return Ok(());
    }
    let left = &mut ledgers.next.loose;
    outcome.collected = ours::remove(repository, published, removable, left, &mut outcome.warnings);
    ledgers.write()
}
