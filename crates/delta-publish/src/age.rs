//! Whether metadata is older than what was published before: clients that have the newer state stay with it. Nothing
//! is changed here.

use crate::ledger::{Ledger, State};
use crate::repository::Repository;

/// Tells if the metadata is older than the state that was published last.
pub(crate) fn than_last(repository: &Repository, ledger: &Ledger) -> Option<String> {
    older(repository, ledger.states.first()?, "the state that was published last")
}

/// Tells if the metadata is older than a state that was published before it. A tree that waits for its turn is no
/// such state: what was published after it does not count.
pub(crate) fn than_before(repository: &Repository, ledger: &Ledger) -> Option<String> {
    let known = ledger.state_of(&repository.sha256());
    let mut before = ledger.states.iter().skip(known.map_or(0, |at| at + 1));
    before.find_map(|state| older(repository, state, "a state that was published before"))
}

fn older(repository: &Repository, state: &State, named: &str) -> Option<String> {
    let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<u64>().ok());
    let (was, is) = (number(&state.revision), number(&repository.model.revision));
    let (what, was, is) = match (was, is) {
        (Some(was), Some(is)) if was != is => ("revision", was, is),
        _ => ("greatest timestamp", state.timestamp?, repository.model.greatest_timestamp()?),
    };
    (is < was).then(|| {
        format!(
            "`{}` is older than {named}: its {what} is {is}, that one's was {was}; clients that refuse to go back, \
             such as `createrepo-delta update`, stay with the newer one",
            repository.repomd_path().display()
        )
    })
}
