//! Whether repomd.xml lists what the history published last: other programs write repomd.xml, too, and drop what they
//! do not know. Only names are compared here.

use std::collections::BTreeSet;

use codec::Algorithm;
use repomd::Record;

use crate::ledger::Ledger;
use crate::report::{Reduction, ReductionKind};
use crate::repository::Repository;

/// What is lost of what was listed, if anything is.
pub(super) fn lost(repository: &Repository, ledger: &Ledger) -> Option<Reduction> {
    let published = ledger.states.first()?;
    if published.repomd == Algorithm::Sha256.digest(&repository.bytes).to_hex() {
        return None;
    }
    let listed = listed(repository);
    let all = published.files.len();
    let lost = published.files.iter().filter(|file| !listed.contains(&*file.name)).count();
    if lost == 0 {
        return None;
    }
    let message = if listed.iter().any(|name| !ledger.knows(name)) {
        "lists other deltas than those that this history published last".to_owned()
    } else if lost == all {
        "lists none of the deltas that this history published last".to_owned()
    } else {
        format!("lacks {lost} of the {all} delta files and journals that this history published last")
    };
    let path = repository.repomd_path();
    Some(Reduction::new(ReductionKind::NotListed, format!("`{}` {message}", path.display())))
}

/// The names of the delta files and the journal that repomd.xml lists.
fn listed(repository: &Repository) -> BTreeSet<&str> {
    let model = &repository.model;
    let deltas = model.records.iter().flat_map(Record::usable_deltas);
    let journal = model.journal.iter().map(|journal| &journal.location);
    deltas.map(|delta| &delta.location).chain(journal).filter_map(|at| at.in_repodata()).collect()
}
