//! Forgetting generations by request. The ledger learns of it, so that the next
//! publish knows that nobody lost them.

use std::path::Path;

use history::{Hex, History, Retention, Track};

use crate::Error;
use crate::ledger::{Ledger, Reading};
use crate::report::{Forgotten, ForgottenOfType};
use crate::scratch::WorkingHistory;

/// Keeps everything: for commits that are not to forget more than was asked.
const KEEP_ALL: Retention = Retention { generations: usize::MAX, max_age: None };

/// Which generations are to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Forget {
    /// Those of one type with these SHA-256s of their open content.
    Generations {
        /// The metadata type.
        data_type: String,
        /// The SHA-256s.
        open_sha256: Vec<[u8; 32]>,
    },
    /// The newest one of every type, unless it was also published under an earlier
    /// timestamp: the compose that is discarded did not make it then.
    Newest,
    /// Those that this retention does not keep, of every type.
    Beyond(Retention),
}

/// Forgets generations of the history in the directory `history`, as though they had
/// never been. With `dry_run` nothing is written.
///
/// # Errors
/// When there is no history, or it cannot be read or changed.
pub fn forget(history: &Path, what: &Forget, dry_run: bool) -> Result<Forgotten, Error> {
    Ledger::refuse_newer(history)?;
    // Only looked at first: a history that is not there is not to be made.
    History::read(history).map_err(Error::History)?;
    let history = WorkingHistory::open(history, dry_run)?;
    let types: Vec<String> = match what {
        Forget::Generations { data_type, .. } => vec![data_type.clone()],
        Forget::Newest | Forget::Beyond(_) => history.types().map_err(Error::History)?,
    };
    let mut outcome = Forgotten::default();
    let mut tracks = Vec::new();
    for data_type in types {
        let mut track = history.track(&data_type).map_err(Error::History)?;
        let dropped = drop_from(&mut track, &data_type, what, &mut outcome.notes);
        outcome.warnings.extend(track.damage().iter().map(ToString::to_string));
        let generations = track.generations().len();
        let dropped: Vec<String> = dropped.iter().map(|sha256| Hex(sha256).to_string()).collect();
        outcome.types.push(ForgottenOfType { data_type, dropped, generations });
        tracks.push(track);
    }
    let dropped = outcome.types.iter().flat_map(|of_type| of_type.dropped.iter().cloned());
    remember(&history, dropped)?;
    for mut track in tracks {
        track.commit(&KEEP_ALL).map_err(Error::History)?;
    }
    Ok(outcome)
}

/// Drops generations from a track in memory, and gives their SHA-256s in the order
/// that they had.
fn drop_from(track: &mut Track, data_type: &str, what: &Forget, notes: &mut Vec<String>) -> Vec<[u8; 32]> {
    let before: Vec<[u8; 32]> = track.generations().iter().map(|g| g.open_sha256).collect();
    match what {
        Forget::Generations { open_sha256, .. } => {
            for sha256 in open_sha256 {
                if let Some(index) = track.find(sha256) {
                    track.drop_generation(index);
                }
            }
        }
        Forget::Newest => match track.generations().first() {
            Some(newest) if newest.timestamps.len() > 1 => notes.push(format!(
                "the newest generation of `{data_type}` was published before, too, and is kept"
            )),
            Some(_) => {
                track.drop_generation(0);
            }
            None => {}
        },
        Forget::Beyond(retention) => {
            track.prune(retention);
        }
    }
    before.into_iter().filter(|sha256| track.find(sha256).is_none()).collect()
}

/// Lets the ledger know which generations are forgotten by request, by their open
/// SHA-256, before they are gone. One that cannot be read stays.
pub(crate) fn remember(history: &History, dropped: impl Iterator<Item = String>) -> Result<(), Error> {
    change_ledger(history, |ledger| {
        ledger.forgotten.extend(dropped);
        ledger.forgotten.sort();
        ledger.forgotten.dedup();
    })
}

/// Changes the ledger of a history, which is written where there is none. One that is damaged stays as it is.
pub(crate) fn change_ledger(history: &History, change: impl FnOnce(&mut Ledger)) -> Result<(), Error> {
    let (mut next, mut on_disk) = match Ledger::read(history.dir())? {
        Reading::Whole(ledger) => ((*ledger).clone(), Some(*ledger)),
        Reading::Missing => (Ledger::default(), None),
        Reading::Damaged(_) => return Ok(()),
    };
    change(&mut next);
    next.write(history.dir(), &mut on_disk)
}
