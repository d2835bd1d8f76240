//! From an error to an exit status. What it means is decided here alone, by
//! its kind; its text is the libraries' business, hints are `hints`'s.

use std::error::Error as StdError;

use crate::exit::Status;

/// Something that this program refuses by itself.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Refusal {
    message: String,
    pub(crate) status: Status,
    pub(crate) hint: Option<String>,
}

impl Refusal {
    /// The arguments make no sense, together or for what is there.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), status: Status::Failed, hint: None }
    }

    /// Another process is at work.
    pub(crate) fn busy(message: impl Into<String>) -> Self {
        Self { message: message.into(), status: Status::Temporary, hint: None }
    }

    /// Adds what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The exit status for an error: that of the first cause that has one.
pub(crate) fn status(error: &anyhow::Error) -> Status {
    error.chain().find_map(of_cause).unwrap_or(Status::Failed)
}

fn of_cause(cause: &(dyn StdError + 'static)) -> Option<Status> {
    if let Some(refusal) = cause.downcast_ref::<Refusal>() {
        return Some(refusal.status);
    }
    if let Some(error) = cause.downcast_ref::<delta_publish::Error>() {
        return Some(of_publishing(error));
    }
    if let Some(error) = cause.downcast_ref::<delta_client::Error>() {
        return Some(of_client(error));
    }
    if let Some(error) = cause.downcast_ref::<delta_client::UpdateError>() {
        return Some(of_updating(error));
    }
    if cause.is::<delta_client::TransportError>() || cause.is::<managers::MetalinkError>() {
        return Some(Status::Broken);
    }
    if let Some(error) = cause.downcast_ref::<managers::LockError>() {
        return Some(if error.is_temporary() { Status::Temporary } else { Status::Failed });
    }
    if let Some(error) = cause.downcast_ref::<managers::CacheError>() {
        return Some(of_cache(error));
    }
    if let Some(error) = cause.downcast_ref::<history::Error>() {
        return Some(of_history(error));
    }
    cause.downcast_ref::<codec::Error>().map(of_opening)
}

fn of_publishing(error: &delta_publish::Error) -> Status {
    use delta_publish::Error;
    match error {
        error if error.is_temporary() => Status::Temporary,
        error if error.is_unsupported_repomd() => Status::Reduced,
        Error::History(error) => of_history(error),
        Error::Open(error) => of_opening(error),
        Error::NoRepomd { .. }
        | Error::Repomd { .. }
        | Error::NoFile { .. }
        | Error::Checksum { .. }
        | Error::Chunk { .. }
        | Error::Delta { .. }
        | Error::Diff(_) => Status::Broken,
        Error::Edit { .. }
        | Error::Signed { .. }
        | Error::Ledger { .. }
        | Error::NewerLedger { .. }
        | Error::ForeignHistory { .. } => Status::Reduced,
        _ => Status::Failed,
    }
}

fn of_client(error: &delta_client::Error) -> Status {
    use delta_client::Error;
    match error {
        Error::Open(error) => of_opening(error),
        Error::File(_) | Error::OpenFile { .. } | Error::Database { .. } => Status::Failed,
        // Where the files could be read, one of them is not what it should be.
        _ => Status::Broken,
    }
}

fn of_updating(error: &delta_client::UpdateError) -> Status {
    use delta_client::{CacheError, SignatureError, UpdateError};
    match error {
        error if error.is_temporary() => Status::Temporary,
        UpdateError::NoSource
        | UpdateError::Cache(CacheError::File(_))
        | UpdateError::Signature(SignatureError::Program { .. } | SignatureError::File(_)) => Status::Failed,
        _ => Status::Broken,
    }
}

fn of_cache(error: &managers::CacheError) -> Status {
    match error {
        error if error.is_temporary() => Status::Temporary,
        managers::CacheError::File(_) => Status::Failed,
        _ => Status::Broken,
    }
}

fn of_history(error: &history::Error) -> Status {
    use history::Error;
    match error {
        error if error.is_locked() => Status::Temporary,
        Error::Newer { .. } => Status::Reduced,
        Error::Damaged { .. } => Status::Broken,
        _ => Status::Failed,
    }
}

fn of_opening(error: &codec::Error) -> Status {
    match error {
        codec::Error::Read { .. } | codec::Error::Thread { .. } => Status::Failed,
        _ => Status::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn context_does_not_change_the_status() {
        let locked = history::Error::Locked { path: "lock".into(), holder: None };
        let error = anyhow::Error::new(delta_publish::Error::History(locked)).context("while testing");
        assert_eq!(status(&error), Status::Temporary);
    }

    #[test]
    fn what_is_not_known_is_unexpected() {
        assert_eq!(status(&anyhow::anyhow!("no idea")), Status::Failed);
    }

    #[test]
    fn bad_input_is_no_system_failure() {
        let error = delta_publish::Error::NoRepomd { path: "repo".into() };
        assert_eq!(status(&error.into()), Status::Broken);
        let error = codec::Error::from_io(std::io::Error::other("gone"), "primary.xml".as_ref());
        assert_eq!(status(&error.into()), Status::Failed);
    }
}
