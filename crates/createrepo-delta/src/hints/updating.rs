//! What to do when a copy cannot be brought up to date, or a delta not applied.

use super::{Caller, GPGV, KEYRING, is_url, locked, not_a_url, of_file};

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
pub(super) fn of_updating(error: &delta_client::error::UpdateError, caller: Caller) -> Option<String> {
    use delta_client::error::{CacheError, SignatureError, UpdateError};
    Some(match error {
        UpdateError::Cache(CacheError::File(error)) => return of_file(error),
        UpdateError::Cache(CacheError::Locked { holder, .. }) => locked(holder.as_ref()),
        UpdateError::Signature(SignatureError::Program { .. }) => GPGV.to_owned(),
        UpdateError::Full { .. } if caller == Caller::Refresh => {
            "the cache is as it was; run this again later".to_owned()
        }
        _ if caller == Caller::Refresh => return None,
        other => return of_update(other),
    })
}

fn of_update(error: &delta_client::error::UpdateError) -> Option<String> {
    use delta_client::error::{CacheError, SignatureError, UpdateError};
    use delta_client::transport::TransportErrorKind;
    Some(match error {
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
        UpdateError::OutOfTime { .. } => {
            "CACHE is as it was; run this again, or give more time with `--max-time`".to_owned()
        }
        UpdateError::Fetch(error) if error.kind() == TransportErrorKind::ClientCertificate => {
            "name a certificate with `--client-cert`, and its key with `--client-key`".to_owned()
        }
        UpdateError::Fetch(error) if error.kind() == TransportErrorKind::Tls => {
            "where servers are certified by an authority of your own, name it with `--cacert`".to_owned()
        }
        UpdateError::Fetch(error)
            if matches!(error.kind(), TransportErrorKind::Proxy | TransportErrorKind::ProxyDenied) =>
        {
            "the proxy is that of `http_proxy`, `https_proxy` or `all_proxy`; `no_proxy` names hosts \
             that are reached without it"
                .to_owned()
        }
        UpdateError::Fetch(error) if error.kind() == TransportErrorKind::Denied => {
            "where a web server wants a user name and a password, name a file with them by `--netrc`"
                .to_owned()
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
