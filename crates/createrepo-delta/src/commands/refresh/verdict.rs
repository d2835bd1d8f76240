//! Whose fault it is that a cache is not refreshed. What is wrong here fails; a server, a
//! mirror, a key or a network that does not play along leaves the cache to its package
//! manager, which copes.

use std::error::Error as StdError;

use delta_client::error::{SignatureError, UpdateError};
use delta_client::transport::TransportErrorKind;
use managers::mirrors::MetalinkError;

/// Why a repository is left, for programs; nothing where something is wrong here. The codes
/// are listed in `docs/reference-json.md`.
pub(super) fn left(error: &anyhow::Error) -> Option<&'static str> {
    error.chain().find_map(of_cause)
}

/// What a cause says, if it is about others.
fn of_cause(cause: &(dyn StdError + 'static)) -> Option<&'static str> {
    if let Some(error) = cause.downcast_ref::<UpdateError>() {
        return of_updating(error);
    }
    if let Some(error) = cause.downcast_ref::<delta_client::transport::TransportError>() {
        return Some(of_fetching(error.kind()));
    }
    if cause.is::<MetalinkError>() {
        return Some("list_of_mirrors");
    }
    cause.downcast_ref::<Odd>().map(|odd| odd.code)
}

fn of_updating(error: &UpdateError) -> Option<&'static str> {
    if let Some(kind) = error.transport_kind() {
        return Some(of_fetching(kind));
    }
    match error {
        UpdateError::Repomd { .. } => Some("bad_repomd"),
        UpdateError::Signature(SignatureError::Missing { .. }) => Some("not_signed"),
        UpdateError::Signature(SignatureError::Bad { .. }) => Some("bad_signature"),
        UpdateError::Rollback { .. } | UpdateError::Outdated { .. } => Some("older"),
        UpdateError::Digest { .. } => Some("other_repomd"),
        UpdateError::NothingWanted { .. } | UpdateError::Record { .. } | UpdateError::NotExact { .. } => {
            Some("odd_records")
        }
        UpdateError::Full { .. } => Some("no_full_file"),
        _ => None,
    }
}

fn of_fetching(kind: TransportErrorKind) -> &'static str {
    match kind {
        TransportErrorKind::Connect => "unreachable",
        TransportErrorKind::Timeout | TransportErrorKind::Interrupted => "too_slow",
        TransportErrorKind::OutOfTime => "out_of_time",
        TransportErrorKind::NotFound => "not_found",
        TransportErrorKind::Denied => "denied",
        TransportErrorKind::Proxy | TransportErrorKind::ProxyDenied => "proxy",
        TransportErrorKind::Tls => "not_trusted",
        TransportErrorKind::ClientCertificate => "client_certificate",
        _ => "server",
    }
}

/// Whether people should hear of it even if they want to hear nothing that is normal: it is
/// what an attack would look like.
pub(super) fn is_suspicious(code: &str) -> bool {
    matches!(code, "not_signed" | "bad_signature" | "not_trusted")
}

/// Whether nobody answered in time.
pub(super) fn is_unanswered(code: &str) -> bool {
    matches!(code, "unreachable" | "too_slow" | "out_of_time" | "proxy")
}

/// Something of the configuration, or of a list of mirrors, that cannot be followed.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(super) struct Odd {
    code: &'static str,
    text: String,
}

impl Odd {
    pub(super) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;
    use delta_client::transport::TransportError;

    use super::*;

    #[test]
    fn what_others_do_is_left_and_what_is_wrong_here_fails() {
        let fetch = |kind| anyhow::Error::new(UpdateError::Fetch(TransportError::new(kind, "x")));
        assert_eq!(left(&fetch(TransportErrorKind::Denied)), Some("denied"));
        assert_eq!(left(&fetch(TransportErrorKind::Status(502))), Some("server"));
        let document: anyhow::Result<()> = Err(TransportError::new(TransportErrorKind::Proxy, "x").into());
        assert_eq!(left(&document.context("a list").unwrap_err()), Some("proxy"));
        assert_eq!(left(&Odd::new("proxy", "x").into()), Some("proxy"));
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let disk = durable::Error::from_io(full, "file".as_ref());
        assert_eq!(left(&anyhow::Error::new(UpdateError::from(disk))), None);
        assert_eq!(left(&anyhow::anyhow!("no idea")), None);
    }
}
