//! What to do about an error. The libraries say what is wrong; only this
//! program knows the commands and options that help.

use std::error::Error as StdError;
use std::path::{Path, PathBuf};

use delta_publish::ReductionKind;

use crate::failure::Refusal;
use crate::nearest::nearest;
use crate::time;

/// Where gpgv is to be had.
const GPGV: &str = "`gpgv` is part of GnuPG; Debian and Fedora have it in packages `gpgv` and `gnupg2`";

/// The hint for an error, where there is one: that of the first cause that has
/// one.
pub(crate) fn of(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(of_cause)
}

/// What to do about a repository that serves fewer deltas than asked for.
pub(crate) fn of_reduction(reason: ReductionKind) -> Option<&'static str> {
    Some(match reason {
        ReductionKind::HistoryDamaged => {
            "`createrepo-delta history verify DIR` tells what is left; the next publishes fill the gap"
        }
        ReductionKind::HistoryForeign | ReductionKind::HistoryShared => {
            "each repository needs a history of its own: name another directory with `--history`"
        }
        ReductionKind::HistoryNewer => {
            "install the version of createrepo-delta that wrote it, or name another directory with `--history`"
        }
        ReductionKind::HistoryNotWritable => {
            "let this user write to the directory and make room on its disk; the next run goes on from there"
        }
        ReductionKind::HistoryUnreadable => {
            "name the history of this repository with `--history`, or an empty directory to begin a new one"
        }
        ReductionKind::TypeMissing => "leave the type out of `--types` if it is gone for good",
        ReductionKind::Withdrawn => {
            "if this was the wrong history, run this again with the right one, which serves them again"
        }
        _ => return None,
    })
}

fn of_cause(cause: &(dyn StdError + 'static)) -> Option<String> {
    if let Some(refusal) = cause.downcast_ref::<Refusal>() {
        return refusal.hint.clone();
    }
    if let Some(error) = cause.downcast_ref::<delta_publish::Error>() {
        return of_publishing(error);
    }
    if let Some(error) = cause.downcast_ref::<delta_client::Error>() {
        return of_client(error);
    }
    if let Some(error) = cause.downcast_ref::<delta_client::UpdateError>() {
        return of_updating(error);
    }
    if let Some(error) = cause.downcast_ref::<history::Error>() {
        return of_history(error);
    }
    if let Some(managers::CacheError::File(error)) = cause.downcast_ref::<managers::CacheError>() {
        return of_file(error);
    }
    if let Some(error) = cause.downcast_ref::<managers::LockError>() {
        return error.is_temporary().then(|| {
            "run this again when it is done, or wait longer for it with `--lock-timeout`".to_owned()
        });
    }
    cause.downcast_ref::<durable::Error>().and_then(of_file)
}

fn of_publishing(error: &delta_publish::Error) -> Option<String> {
    use delta_publish::Error;
    Some(match error {
        Error::File(error) => return of_file(error),
        Error::History(error) => return of_history(error),
        Error::NoRepomd { path } => no_repomd(path),
        Error::Busy { path } => format!(
            "wait for `createrepo_c` to end and run this again; if none is running, remove what an \
             interrupted run left: `rm -r {}`",
            path.display()
        ),
        Error::Swapped { .. } => "run this again when the other process is done".to_owned(),
        Error::Signed { .. } => "leave out `--refuse-signed` and sign afterwards, or sign with \
             `--sign-command`"
            .to_owned(),
        Error::Sign(error) => return of_signing(error),
        Error::UnknownType { data_type, present, .. } => unknown_type(data_type, present),
        Error::Database { .. } => "databases are published without deltas, and downloaded whole".to_owned(),
        Error::Open(error) => return of_record(error),
        Error::NoFile { data_type, .. } => regenerate(Some(data_type)),
        Error::Checksum { data_type, .. } => format!("leave `{data_type}` out with `--types`"),
        // Nothing is wrong with the repository.
        Error::Repomd { source, .. } if source.is_unsupported() => return None,
        Error::Repomd { .. } => "make the metadata again with `createrepo_c`".to_owned(),
        _ => return None,
    })
}

fn of_signing(error: &delta_publish::SignError) -> Option<String> {
    use delta_publish::{SignError, SignFailure};
    let failure = match error {
        SignError::Keyring { .. } => return Some("`gpg --export --armor KEY` writes a keyring".to_owned()),
        SignError::Verifier(_) => return Some(GPGV.to_owned()),
        SignError::Private { .. } => {
            return Some("name a directory that you may write to: `TMPDIR=DIR`".to_owned());
        }
        SignError::Command { failure, .. } => failure,
        _ => return None,
    };
    Some(match failure {
        SignFailure::NotFound => "name a program that is installed, by its path or so that `PATH` finds it; \
             `--sign-command` takes the program and its arguments as one text, without a shell"
            .to_owned(),
        SignFailure::Status { .. } | SignFailure::NotRun { .. } => {
            "run the command by hand on a copy of repomd.xml to see why it fails; nothing was changed"
                .to_owned()
        }
        SignFailure::NoSignature | SignFailure::NotArmored { .. } => "the command gets the path of a copy \
             of repomd.xml as its last argument, and must leave an armored signature beside it, under that \
             name and `.asc`, as `gpg --batch --yes --detach-sign --armor` does"
            .to_owned(),
        SignFailure::Changed => "the command must leave the file as it is: what depends on its content, \
             do before this program runs"
            .to_owned(),
        SignFailure::NotGood { .. } => "sign with a key that is in the keyring, or name a keyring that has \
             the key: `gpg --export --armor KEY` writes one"
            .to_owned(),
        SignFailure::Overdue { .. } => "give it more time with `--sign-timeout`, or see what it waits for: \
             it cannot ask for a passphrase on standard input"
            .to_owned(),
        _ => return None,
    })
}

fn of_client(error: &delta_client::Error) -> Option<String> {
    use delta_client::Error;
    Some(match error {
        Error::File(error) => return of_file(error),
        Error::NotBzip2 { .. } => "the order is OLD DELTA NEW".to_owned(),
        Error::NotServed { .. } => {
            "OLD must be a copy that was published, unchanged; where that is so, download \
             the full file"
                .to_owned()
        }
        Error::ApplyJournal { .. } => {
            "take the journal that repomd.xml names, whole; where that fails, too, \
             download the full file"
                .to_owned()
        }
        Error::Apply { .. } | Error::WrongResult { .. } => {
            "take the first delta in repomd.xml whose timestamp is not newer than that of the old file; \
             where that fails too, download the full file"
                .to_owned()
        }
        _ => return None,
    })
}

fn of_updating(error: &delta_client::UpdateError) -> Option<String> {
    use delta_client::{CacheError, SignatureError, TransportErrorKind, UpdateError};
    Some(match error {
        UpdateError::Cache(CacheError::File(error)) => return of_file(error),
        UpdateError::Cache(CacheError::Locked { holder, .. }) => locked(holder.as_ref()),
        UpdateError::Cache(CacheError::NotOurs { .. }) => {
            "CACHE is a directory of its own: name another one, or move away what is there".to_owned()
        }
        UpdateError::Cache(CacheError::State { .. }) => {
            "use the version of createrepo-delta that wrote it, or remove repodata/ in CACHE and start anew"
                .to_owned()
        }
        UpdateError::Cache(CacheError::Empty { .. }) => {
            "`createrepo-delta update` without `--offline` fills it".to_owned()
        }
        UpdateError::Fetch(error) if error.kind() == TransportErrorKind::NotFound => {
            "SOURCE is the URL or the directory that contains repodata/".to_owned()
        }
        UpdateError::Rollback { .. } => {
            "if the publisher did go back, run this again with `--allow-rollback`".to_owned()
        }
        UpdateError::Signature(SignatureError::Program { .. }) => GPGV.to_owned(),
        UpdateError::Signature(SignatureError::Missing { .. }) => {
            "leave out `--keyring` only where you trust every hop to SOURCE".to_owned()
        }
        UpdateError::Signature(SignatureError::Keyring { .. }) => {
            "`gpg --export --armor KEY` writes a keyring".to_owned()
        }
        UpdateError::Record { data_type, .. } => {
            format!("to hold the others without `{data_type}`, name them with `--types`")
        }
        UpdateError::Full { .. } => {
            "CACHE is as it was; run this again later, or name mirrors with `--mirror`".to_owned()
        }
        _ => return None,
    })
}

fn of_history(error: &history::Error) -> Option<String> {
    use history::Error;
    Some(match error {
        Error::File(error) => return of_file(error),
        Error::Missing { .. } => "`createrepo-delta generate --history DIR REPO` makes a history, and \
             `createrepo-delta history import` fills one from old repodata directories"
            .to_owned(),
        Error::Foreign { .. } | Error::Format { .. } => {
            "name another directory for the history: it has one of its own, one per repository".to_owned()
        }
        Error::Newer { .. } => {
            "nothing in the history was changed; use the newer createrepo-delta, or name another directory"
                .to_owned()
        }
        Error::Locked { holder, .. } => locked(holder.as_ref()),
        Error::Damaged { .. } => {
            "`createrepo-delta history verify --repair DIR` drops what cannot be given back".to_owned()
        }
        _ => return None,
    })
}

fn locked(holder: Option<&durable::Holder>) -> String {
    let number = holder.and_then(|holder| holder.process);
    let look = number.map(|number| format!(" (`ps -fp {number}` shows it)")).unwrap_or_default();
    let since = holder.and_then(|holder| holder.since).map(time::utc);
    let since = since.map(|since| format!(", which has it since {since} UTC")).unwrap_or_default();
    format!(
        "run this again when the other process is done{look}; the lock ends with the process that holds \
         it{since}"
    )
}

fn of_file(error: &durable::Error) -> Option<String> {
    error.is_no_space().then(|| "make room and run this again: nothing was left half done".to_owned())
}

/// The file of a record is not what repomd.xml says.
fn of_record(error: &codec::Error) -> Option<String> {
    use codec::Error;
    match error {
        Error::Read { .. } | Error::Thread { .. } => None,
        Error::Unsupported { .. } => Some("leave the type out with `--types`".to_owned()),
        _ => Some(regenerate(None)),
    }
}

fn regenerate(data_type: Option<&str>) -> String {
    let which = data_type.map_or("the type".to_owned(), |name| format!("`{name}`"));
    format!("make the metadata again with `createrepo_c`, or leave {which} out with `--types`")
}

/// What a type that nobody knows may be meant for.
fn unknown_type(data_type: &str, present: &[String]) -> String {
    let mut known: Vec<&str> = present.iter().map(String::as_str).collect();
    for name in delta_publish::known_types() {
        known.push(name);
    }
    let meant = nearest(data_type, known).map(|name| format!("did you mean `{name}`? "));
    format!("{}It has {}", meant.unwrap_or_default(), present.join(", "))
}

fn no_repomd(path: &Path) -> String {
    if path.join("repomd.xml").is_file() {
        let parent = parent_of(path);
        return format!("give the directory that contains repodata/: `{}`", parent.display());
    }
    if !path.exists() {
        return format!("`{}` does not exist", path.display());
    }
    if path.is_file() {
        return "give the directory that contains repodata/".to_owned();
    }
    format!("make the metadata first: `createrepo_c {}`", path.display())
}

/// The directory above, in the words of whoever gave the path.
fn parent_of(path: &Path) -> PathBuf {
    match (path.file_name(), path.parent()) {
        (Some(_), Some(parent)) if parent.as_os_str().is_empty() => PathBuf::from("."),
        (Some(_), Some(parent)) => parent.to_owned(),
        _ => path.join(".."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_of_paths_as_given() {
        let cases = [
            ("repo/repodata", "repo"),
            ("repodata", "."),
            (".", "./.."),
            ("..", "../.."),
            ("/repodata", "/"),
        ];
        for (path, parent) in cases {
            assert_eq!(parent_of(Path::new(path)), Path::new(parent), "{path}");
        }
    }

    #[test]
    fn hints_are_found_below_context() {
        let error = anyhow::Error::new(history::Error::Missing { path: "x".into() }).context("while testing");
        assert!(of(&error).is_some_and(|hint| hint.contains("history import")));
    }
}
