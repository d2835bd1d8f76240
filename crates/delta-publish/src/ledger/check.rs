//! What the record of published states says of a history: whether it is whole, and whether
//! all that was published is still remembered.

use std::path::Path;

use super::History;
use delta_core::Rule;

use super::{Ledger, Reading};
use crate::Error;

/// What is wrong with the ledger of the history at `path`, one sentence each: it is damaged or
/// missing, or tells of a type that the history has nothing of. Nothing is changed.
///
/// # Errors
/// When the history cannot be read, or a newer version wrote its ledger.
pub fn check(path: &Path) -> Result<Vec<String>, Error> {
    let history = History::read(path).map_err(Error::History)?;
    let ledger = match Ledger::read(history.dir())? {
        Reading::Whole(ledger) => ledger,
        Reading::Missing => return Ok(Vec::new()),
        Reading::Damaged(damage) => return Ok(vec![damage.to_string()]),
    };
    let told = lost_types(&history, &ledger)?.into_iter().map(|data_type| {
        format!("`{}`: expected what was published of `{data_type}`, found nothing", path.display())
    });
    Ok(told.collect())
}

/// Makes the ledger of a history tell of nothing that is lost: one that cannot be read is set
/// aside and begun anew. Gives the name under which it is kept, if there was something to keep.
///
/// # Errors
/// As [`check`], or when the history cannot be changed.
pub fn repair(history: &History) -> Result<Option<String>, Error> {
    match Ledger::read(history.dir())? {
        Reading::Missing => Ok(None),
        Reading::Damaged(_) => {
            let kept = Ledger::set_aside(history.dir())?;
            Ledger::default().write(history.dir(), &mut None)?;
            Ok(kept)
        }
        Reading::Whole(ledger) => {
            let mut next = (*ledger).clone();
            for data_type in lost_types(history, &ledger)? {
                next.contents.remove(&data_type);
            }
            next.write(history.dir(), &mut Some(*ledger))?;
            Ok(None)
        }
    }
}

/// The types that were published, and that the history has nothing of, though nobody asked
/// for that.
fn lost_types(history: &History, ledger: &Ledger) -> Result<Vec<String>, Error> {
    let types = history.types().map_err(Error::History)?;
    let is_there = |data_type: &str| {
        types.iter().any(|other| other == data_type || Rule::family(other) == Rule::family(data_type))
    };
    let contents = ledger.contents.iter();
    let lost = contents.filter(|(kind, content)| !is_there(kind) && !ledger.forgotten.contains(content));
    Ok(lost.map(|(data_type, _)| data_type.clone()).collect())
}
