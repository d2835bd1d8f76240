//! What to do when a copy cannot be brought up to date, or a delta not applied.

use delta_client::report::Updated;

use super::{Caller, GPGV, KEYRING, is_url, locked, not_a_url, of_file, of_type, stored};
use crate::nearest::nearest;

pub(super) fn of_client(error: &delta_client::patch::Error) -> Option<String> {
    use delta_client::patch::Error;
    Some(match error {
        Error::OpenFile { path, .. } if is_url(path) => not_a_url(),
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

/// What to do when a copy or a cache cannot be brought up to date. What `update` calls
/// its arguments and options, `refresh` does not have.
pub(super) fn of_updating(error: &delta_client::error::UpdateError, caller: Caller<'_>) -> Option<String> {
    use delta_client::error::{CacheError, SignatureError, UpdateError};
    Some(match error {
        UpdateError::Cache(CacheError::File(error)) => {
            let Caller::Update(copy) = caller else { return of_file(error) };
            return of_file(error).or_else(|| stored::unusable_in_copy(error, copy));
        }
        UpdateError::Cache(CacheError::Locked { holder, .. }) => locked(holder.as_ref()),
        UpdateError::Signature(SignatureError::Program { .. }) => GPGV.to_owned(),
        UpdateError::Signature(SignatureError::File(_)) => {
            "name a directory that you may write to, and that has room: `TMPDIR=DIR`".to_owned()
        }
        UpdateError::Full { .. } if caller == Caller::Refresh => {
            "the cache is as it was; run this again later".to_owned()
        }
        _ if caller == Caller::Refresh => return None,
        other => return of_update(other),
    })
}

fn of_update(error: &delta_client::error::UpdateError) -> Option<String> {
    use delta_client::error::{CacheError, SignatureError, UpdateError};
    Some(match error {
        UpdateError::Cache(CacheError::NotOurs { .. }) => {
            "CACHE is a directory of its own: name another one, or move away what is there".to_owned()
        }
        UpdateError::Cache(CacheError::Repodata { .. }) => {
            "leave out `/repodata` at the end: CACHE is what contains repodata/".to_owned()
        }
        UpdateError::Cache(CacheError::OtherVersion { path, .. }) => stored::other_copy(path),
        UpdateError::Cache(CacheError::Empty { .. }) => {
            "`createrepo-delta update` without `--offline` fills it".to_owned()
        }
        UpdateError::Fetch(error) => return of_fetching(error.kind()),
        UpdateError::NothingWanted { wanted, present, .. } => return Some(of_type(wanted.first()?, present)),
        UpdateError::OutOfTime { .. } => {
            "CACHE is as it was; run this again, or give more time with `--max-time`".to_owned()
        }
        UpdateError::Rollback { .. } => {
            "if the publisher did go back, run this again with `--allow-rollback`".to_owned()
        }
        UpdateError::Signature(SignatureError::Missing { .. }) => {
            "leave out `--keyring` only where you trust every hop to SOURCE".to_owned()
        }
        UpdateError::Signature(SignatureError::Keyring { .. }) => KEYRING.to_owned(),
        UpdateError::Record { data_type, .. } => {
            format!("to hold the others without `{data_type}`, name them with `--types`")
        }
        UpdateError::Full { .. } => {
            "CACHE is as it was; run this again later, or name mirrors with `--mirror`".to_owned()
        }
        _ => return None,
    })
}

/// By what kept a source of `update` from giving a file.
pub(super) fn of_fetching(kind: delta_client::transport::TransportErrorKind) -> Option<String> {
    use delta_client::transport::TransportErrorKind;
    let text = match kind {
        TransportErrorKind::NotFound => "SOURCE is the URL or the directory that contains repodata/",
        TransportErrorKind::Connect => {
            "see whether the name of the host is right, and the host up; where it is reached by a proxy, \
             `https_proxy` or `http_proxy` names that"
        }
        TransportErrorKind::Timeout => {
            "name another server of the same files with `--mirror`, or wait longer: `--timeout`, `--min-rate`"
        }
        TransportErrorKind::ClientCertificate => {
            "name a certificate with `--client-cert`, and its key with `--client-key`"
        }
        TransportErrorKind::Tls => {
            "where servers are certified by an authority of your own, name it with `--cacert`"
        }
        TransportErrorKind::Proxy | TransportErrorKind::ProxyDenied => {
            "the proxy is that of `http_proxy`, `https_proxy` or `all_proxy`; `no_proxy` names hosts \
             that are reached without it"
        }
        TransportErrorKind::Denied => {
            "where a web server wants a user name and a password, name a file with them by `--netrc`"
        }
        _ => return None,
    };
    Some(text.to_owned())
}

/// What a type may be meant for that was named, and that the repository does not have.
pub(crate) fn of_misspelt(data_type: &str, done: &Updated) -> Option<String> {
    let held = done.types.iter().map(|of_type| of_type.data_type.as_str());
    let meant = nearest(data_type, held.chain(done.absent.iter().map(String::as_str)))?;
    Some(format!("did you mean `{meant}` by `{}`?", data_type.escape_debug()))
}
