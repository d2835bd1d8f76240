//! Withdrawing every delta from a repository.

use std::path::Path;

use history::History;
use repomd::Repomd;

use crate::generate::{read_ledger, remove_ours};
use crate::ledger::{Ledger, Written};
use crate::options::Signing;
use crate::outcome::{SignatureFate, Stripped};
use crate::repository::Repository;
use crate::{Error, swap};

/// Removes every `<delta-base>`, `<delta>` and `<delta-journal>` from repomd.xml of the repository at
/// `repo`, which gives back the bytes that it had without them, and then the delta files: those
/// that were listed, and, where the history is given, those that it knows to have
/// been written here. The history keeps its generations.
///
/// # Errors
/// See [`Error`]; repomd.xml is then as it was, or stripped.
pub fn strip(repo: &Path, history: Option<&Path>, signing: &Signing) -> Result<Stripped, Error> {
    let repository = Repository::open(repo)?;
    let history = match history {
        Some(history) => Some(History::open(history).map_err(Error::History)?),
        None => None,
    };
    // Another process may have published between the reading and the lock.
    repository.check_unchanged(&repository.bytes)?;
    let new = repomd::strip(&repository.bytes)
        .map_err(|source| Error::Edit { path: repository.repomd_path(), source })?;
    let signed = repository.is_signed()?;
    let mut outcome = Stripped { changed: new != repository.bytes, ..Stripped::default() };
    let mut files = listed(&repository.model);
    outcome.signature = if outcome.changed {
        swap::prepare(&repository, &new, signing)?.publish(&repository, &new)?
    } else if signed {
        SignatureFate::Kept
    } else {
        SignatureFate::None
    };
    repository.check_unchanged(&new)?;
    if let Some(history) = &history {
        repository.dir.remove_leftovers().map_err(Error::File)?;
        let mut on_disk = read_ledger(history, &mut outcome.warnings)?;
        files.extend(
            on_disk
                .states
                .iter()
                .chain(&on_disk.intent)
                .flat_map(|s| &s.files)
                .chain(&on_disk.loose)
                .cloned(),
        );
        files.sort();
        files.dedup();
        outcome.removed = remove_ours(&repository.dir, files)?;
        Ledger::default().write(history.dir(), &mut on_disk)?;
    } else {
        outcome.removed = remove_ours(&repository.dir, files)?;
    }
    Ok(outcome)
}

/// The delta files and journals that repomd.xml lists.
fn listed(model: &Repomd) -> Vec<Written> {
    let deltas = model.records.iter().flat_map(repomd::Record::usable_deltas);
    let journals = model.records.iter().filter_map(repomd::Record::journal);
    let journals = journals.filter_map(|journal| {
        let name = journal.location.in_repodata()?.to_owned();
        Some(Written { name, sha256: journal.checksum.hex().to_owned(), size: journal.size })
    });
    deltas
        .filter(|d| d.checksum.kind() == "sha256")
        .filter_map(|d| {
            let name = d.location.in_repodata()?.to_owned();
            Some(Written { name, sha256: d.checksum.hex().to_owned(), size: d.size })
        })
        .chain(journals)
        .collect()
}
