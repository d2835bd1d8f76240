//! What to do about a repository that serves fewer deltas than asked for.

use std::io::ErrorKind;
use std::path::Path;

use delta_publish::report::{Reduction, ReductionKind};

use super::{NO_HISTORY, SIGNED, nearest_directory, sandbox, stored, word};

/// The hint for one of the reasons in `all`, about the history at this place.
pub(crate) fn of_reduction(reduction: &Reduction, all: &[Reduction], history: &Path) -> Option<String> {
    let dir = word(history);
    Some(match reduction.reason_code {
        ReductionKind::HistoryDamaged => {
            format!(
                "`createrepo-delta history verify {dir}` tells what is left; the next publishes fill the gap"
            )
        }
        ReductionKind::HistoryForeign | ReductionKind::HistoryShared => {
            "each repository needs a history of its own: name another directory with `--history`".to_owned()
        }
        ReductionKind::HistoryNewer => return stored::newer_history(history),
        ReductionKind::HistoryNotWritable | ReductionKind::HistoryUnreadable => {
            return Some(of_refusal(reduction, history));
        }
        ReductionKind::Signed => SIGNED.to_owned(),
        ReductionKind::TypeMissing => "leave the type out of `--types` if it is gone for good".to_owned(),
        // What is withdrawn for another reason comes back when that is mended.
        ReductionKind::Withdrawn if all.iter().any(|other| other.reason_code != ReductionKind::Withdrawn) => {
            return None;
        }
        ReductionKind::Withdrawn => format!(
            "if `{dir}` is not the history that this repository had, run this again with that one, which \
             serves them again"
        ),
        _ => return None,
    })
}

/// By what the system said when it refused to read or write the history.
fn of_refusal(reduction: &Reduction, history: &Path) -> String {
    let dir = word(history);
    let there = word(nearest_directory(history));
    match reduction.answer {
        Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
            format!("make room, which `df -h {there}` shows; the next run goes on from there")
        }
        Some(ErrorKind::ReadOnlyFilesystem) => {
            format!("{}; the next run goes on from there", sandbox::of_read_only(history))
        }
        Some(ErrorKind::PermissionDenied) if !history.exists() => {
            format!("make it, for the user that runs this: `mkdir -p {dir}`")
        }
        Some(ErrorKind::PermissionDenied) => format!(
            "`ls -ld {dir}` shows whose it is: run this as that user, who may need to run \
             `chmod -R u+rwX {dir}` first"
        ),
        _ if reduction.reason_code == ReductionKind::HistoryNotWritable => {
            format!(
                "`ls -ld {there}` and `df -h {there}` show who may write to it, and whether there is room"
            )
        }
        _ => NO_HISTORY.to_owned(),
    }
}
