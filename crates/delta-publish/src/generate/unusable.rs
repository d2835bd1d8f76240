//! Going on without a history: the repository is looked at as in any run, stays as it
//! is, and the operator is told what it does not serve for that reason.

use std::path::Path;

use delta_core::Rule;
use durable::Dir;

use super::{checks, tracks};
use crate::ledger::{Ledger, Reading};
use crate::options::Options;
use crate::report::{Generated, ReductionKind};
use crate::repository::Repository;
use crate::served::Before;
use crate::{Error, ours};

/// Goes on after an error that is about the history alone; any other is given back.
pub(super) fn go_on(
    repository: &Repository,
    history: &Path,
    options: &Options,
    error: Error,
) -> Result<Generated, Error> {
    let Some(reduction) = error.as_reduction("the repository stays as it is") else { return Err(error) };
    let besides = error.into_besides();
    let reason_code = reduction.reason_code;
    let mut outcome = Generated::default();
    tracks::only_verify(repository, options, &mut outcome)?;
    outcome.reduced.push(reduction);
    outcome.reduced.extend(besides);
    // What another repository's ledger says is not of this one.
    let ledger = match Dir::open(history) {
        Ok(dir) if reason_code != ReductionKind::HistoryForeign => {
            Ledger::read(&dir).map(Reading::or_default).unwrap_or_default()
        }
        _ => Ledger::default(),
    };
    let found = ours::unknown(repository, &ledger.known(), &mut outcome.warnings)?;
    let before = Before::read(repository, &ledger, &found);
    for record in &repository.model.records {
        let in_journal = |journal: &repomd::journal::Journal| {
            journal.types.iter().any(|of| [&*record.kind, Rule::family(&record.kind)].contains(&&*of.name))
        };
        let still = repository.model.journal.as_ref().is_some_and(in_journal)
            || record.usable_deltas().next().is_some();
        outcome.withdrawn.extend(before.all(&record.kind).filter(|_| !still));
    }
    checks::tell_withdrawn(&mut outcome);
    outcome.signature = repository.signature_as_it_is()?;
    tracks::sort(&mut outcome, repository, options);
    Ok(outcome)
}
