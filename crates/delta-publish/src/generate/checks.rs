//! What the operator is told of a run: whose history it is, and what is withdrawn. Nothing is changed here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use history::{Hex, History};

use super::deltas;
use super::tracks::Work;
use crate::ledger::{Ledger, Place};
use crate::options::{Options, Windows};
use crate::report::{Generated, Reduction, ReductionKind, Withdrawn};
use crate::repository::Repository;
use crate::served::{Before, Now};
use crate::{Error, affinity};

/// Finds out whether the history is this repository's, by what was taken in; gives
/// what the ledger is to remember of that.
///
/// # Errors
/// [`Error::ForeignHistory`].
pub(super) fn place(
    repository: &Repository,
    history: &History,
    types: &[Work],
    ledger: &Ledger,
    outcome: &mut Generated,
) -> Result<Option<Place>, Error> {
    let names: Vec<&str> = types.iter().map(|work| &*work.data_type).collect();
    let Some(at) = affinity::telling(&names) else { return Ok(None) };
    let work = &types[at];
    if affinity::is_foreign(&work.track, &work.packages)? {
        return Err(Error::ForeignHistory {
            path: history.dir().path().to_owned(),
            repository: repository.root().to_owned(),
        });
    }
    let path = repository.real_path();
    let returned = affinity::returns_to_its_own(&work.track, ledger, &path);
    // One return is a rollback; two in turn are two repositories.
    if let Some(other) = ledger.places.first().filter(|last| returned && last.returned).map(|last| &last.path)
    {
        let message = format!(
            "the history `{}` belongs to another repository, too: `{other}` takes turns with `{path}` in it, \
             and clients of both pay for it",
            history.dir().path().display()
        );
        outcome.reduced.push(Reduction::new(ReductionKind::HistoryShared, message));
    }
    Ok(Some(Place { path, content: Hex(&work.publication.open_sha256).to_string(), returned }))
}

/// Refuses to begin a history for a repository that cannot be written. The first run writes into
/// the history only, so that the next one would be the first to fail.
pub(super) fn first_run(repository: &Repository, types: &[Work]) -> Result<(), Error> {
    if !types.is_empty() && types.iter().all(|work| work.is_first) {
        repository.dir.check_changeable().map_err(Error::File)?;
    }
    Ok(())
}

/// Tells the types that were published with this history and that it has nothing of.
pub(super) fn lost_types(types: &[Work], ledger: &Ledger, outcome: &mut Generated) {
    for work in types {
        let had = ledger.contents.get(&work.data_type);
        // A twin that parts has its own track from now on; the other one has its past.
        let is_elsewhere = |content: &str| {
            let has = |work: &Work| {
                work.track.generations().iter().any(|g| Hex(&g.open_sha256).to_string() == content)
            };
            types.iter().any(|other| !std::ptr::eq(other, work) && has(other))
        };
        let had = had.is_some_and(|content| !ledger.forgotten.contains(content) && !is_elsewhere(content));
        if had && work.track.generations().len() == 1 && work.track.damage().is_empty() && work.is_first {
            let message = format!(
                "`{}`: expected what was published before, found nothing: every generation of it is lost",
                work.track.path().display()
            );
            outcome.reduced.push(Reduction::new(ReductionKind::HistoryDamaged, message));
        }
    }
}

/// Tells what is withdrawn without having been asked for.
pub(super) fn withdrawn(
    repository: &Repository,
    before: &Before,
    types: &[Work],
    ledger: &Ledger,
    outcome: &mut Generated,
) {
    for work in types {
        let retired = work.retired().chain(ledger.forgotten.iter().cloned()).collect();
        let remembered = work.track.generations().iter().map(|g| Hex(&g.open_sha256).to_string()).collect();
        let now = Now { remembered, retired, is_new: work.recorded };
        let of_member = |member: &super::tracks::Member| before.withdrawn(&member.data_type, &now);
        outcome.withdrawn.extend(work.members.iter().filter_map(of_member));
    }
    let left_alone: BTreeMap<&str, &str> =
        outcome.types.iter().filter_map(|t| Some((&*t.data_type, t.skipped.as_deref()?))).collect();
    for (data_type, why) in left_alone {
        if repository.model.record(data_type).is_some() {
            let Some(withdrawn) = before.all(data_type) else { continue };
            let message = format!("`{data_type}` gets no deltas any more, because it is left alone: {why}");
            outcome.reduced.push(Reduction::new(ReductionKind::TypeLeftAlone, message));
            outcome.withdrawn.push(withdrawn);
        } else if before.has(data_type) {
            let message = format!("the repository has no metadata of type `{data_type}` any more");
            outcome.reduced.push(Reduction::new(ReductionKind::TypeMissing, message));
        }
    }
    tell_withdrawn(outcome);
}

/// Tells what was served and is served by nothing now because of the budget: the journal does not reach so far,
/// and the windows beside it neither. It is told once, because from then on it was not served before.
pub(super) fn beyond_budget(
    before: &Before,
    types: &[Work],
    ledger: &Ledger,
    options: &Options,
    outcome: &mut Generated,
) {
    let chosen = options.deltas && options.windows == Windows::Chosen;
    let is_bounded = |work: &&Work| ledger.journal.as_ref().is_some_and(|made| made.has(&work.data_type));
    let mut beyond = Vec::new();
    for work in types.iter().filter(|_| chosen).filter(is_bounded) {
        let now = ledger.served(&work.data_type);
        let generations = work.track.generations().iter().enumerate().skip(1);
        let lost: BTreeSet<usize> = generations
            .map(|(at, generation)| (at, Hex(&generation.open_sha256).to_string()))
            .filter(|(_, sha256)| !now.contains(sha256) && before.known(&work.data_type).any(|s| s == sha256))
            .map(|(at, _)| at)
            .collect();
        let number = deltas::servable(work, &lost, options);
        if number > 0 {
            beyond.push(format!("{} of `{}`", generations_of(number), work.data_type));
        }
    }
    if !beyond.is_empty() {
        outcome.warnings.push(format!(
            "beyond the budget: {} that were served before are not any more; clients that hold such metadata \
             download full files, until the journal of a later publish serves it",
            beyond.join(", ")
        ));
    }
}

/// `1 generation`, `2 generations`.
fn generations_of(number: usize) -> String {
    if number == 1 { "1 generation".to_owned() } else { format!("{number} generations") }
}

/// Adds one message for all that is withdrawn.
pub(super) fn tell_withdrawn(outcome: &mut Generated) {
    if outcome.withdrawn.is_empty() {
        return;
    }
    let mut message = "withdrawn: ".to_owned();
    for (nth, Withdrawn { data_type, generations }) in outcome.withdrawn.iter().enumerate() {
        let gap = if nth > 0 { ", " } else { "" };
        let _ = match generations {
            Some(number) => write!(message, "{gap}{} of `{data_type}`", generations_of(*number)),
            None => write!(message, "{gap}all deltas of `{data_type}`"),
        };
    }
    message.push_str("; clients that hold such metadata download full files");
    if outcome.history_created {
        message.push_str(", because the history was made by this run and remembers nothing");
    }
    outcome.reduced.push(Reduction::new(ReductionKind::Withdrawn, message));
}
