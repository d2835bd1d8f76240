//! From an error to an exit status, here alone: the libraries class their errors, and
//! each class is a status. Texts are the libraries' business, hints are `hints`'s.

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
        return Some(of_publishing(error.class()));
    }
    if let Some(error) = cause.downcast_ref::<delta_client::patch::Error>() {
        return Some(broken_if(error.is_of_the_files()));
    }
    if let Some(error) = cause.downcast_ref::<delta_client::error::UpdateError>() {
        return Some(of_updating(error));
    }
    if cause.is::<delta_client::transport::TransportError>() || cause.is::<managers::mirrors::MetalinkError>()
    {
        return Some(Status::Broken);
    }
    if let Some(error) = cause.downcast_ref::<managers::locks::LockError>() {
        return Some(if error.is_temporary() { Status::Temporary } else { Status::Failed });
    }
    if let Some(error) = cause.downcast_ref::<managers::cache::CacheError>() {
        return Some(of_cache(error));
    }
    if let Some(error) = cause.downcast_ref::<history::Error>() {
        return Some(of_history(error.class()));
    }
    cause.downcast_ref::<codec::Error>().map(|error| broken_if(error.is_of_the_file()))
}

fn of_publishing(class: delta_publish::error::ErrorClass) -> Status {
    use delta_publish::error::ErrorClass;
    match class {
        ErrorClass::Broken => Status::Broken,
        ErrorClass::Failed => Status::Failed,
        ErrorClass::Reduced => Status::Reduced,
        ErrorClass::Temporary => Status::Temporary,
    }
}

fn of_history(class: history::ErrorClass) -> Status {
    use history::ErrorClass;
    match class {
        ErrorClass::Temporary => Status::Temporary,
        ErrorClass::Newer => Status::Reduced,
        ErrorClass::Damaged => Status::Broken,
        ErrorClass::Failed => Status::Failed,
    }
}

/// A file that is not what it should be, or a system that failed.
fn broken_if(is_of_the_files: bool) -> Status {
    if is_of_the_files { Status::Broken } else { Status::Failed }
}

fn of_updating(error: &delta_client::error::UpdateError) -> Status {
    use delta_client::error::{CacheError, SignatureError, UpdateError};
    match error {
        error if error.is_temporary() => Status::Temporary,
        // What was asked for is not there: of types that nobody named, the repository has none.
        UpdateError::NothingWanted { wanted, .. } if !wanted.is_empty() => Status::Failed,
        UpdateError::NoSource
        | UpdateError::Cache(
            CacheError::File(_)
            | CacheError::NotOurs { .. }
            | CacheError::Repodata { .. }
            | CacheError::OtherVersion { .. }
            | CacheError::State { .. },
        )
        | UpdateError::Signature(
            SignatureError::Keyring { .. } | SignatureError::Program { .. } | SignatureError::File(_),
        ) => Status::Failed,
        _ => Status::Broken,
    }
}

fn of_cache(error: &managers::cache::CacheError) -> Status {
    match error {
        error if error.is_temporary() => Status::Temporary,
        managers::cache::CacheError::File(_) => Status::Failed,
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
