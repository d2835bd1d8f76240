//! Whether repomd.xml lists what the history published last: other programs write repomd.xml, too, and drop what they
//! do not know. Only names are compared here. A state that was restored lists what it listed, and one that was
//! stripped nothing: neither lost anything.

use std::collections::BTreeSet;

use crate::ledger::{Ledger, State};
use crate::report::{Reduction, ReductionKind};
use crate::repository::Repository;
use crate::{Error, ours};

/// What is lost of what was listed, if anything is.
///
/// # Errors
/// When repodata/ cannot be read.
pub(super) fn lost(repository: &Repository, ledger: &Ledger) -> Result<Option<Reduction>, Error> {
    let Some(published) = ledger.states.first() else { return Ok(None) };
    let listed: BTreeSet<&str> = ours::entries(&repository.model).map(|(name, ..)| name).collect();
    if ledger.state_of(&repository.sha256()).is_some()
        || listed.is_empty() && is_stripped(repository, published)?
    {
        return Ok(None);
    }
    Ok(lost_of(published, &listed, repository, ledger))
}

/// Whether this is the state without what was listed, and the files are gone, too: only `strip` deletes them, other
/// programs leave files that they do not know where they are.
fn is_stripped(repository: &Repository, published: &State) -> Result<bool, Error> {
    let model = &repository.model;
    if (&model.revision, model.greatest_timestamp()) != (&published.revision, published.timestamp) {
        return Ok(false);
    }
    let entries = repository.dir.entries().map_err(Error::File)?;
    Ok(!published.files.iter().any(|file| entries.iter().any(|entry| entry.name == file.name)))
}

fn lost_of(
    published: &State,
    listed: &BTreeSet<&str>,
    repository: &Repository,
    ledger: &Ledger,
) -> Option<Reduction> {
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
