//! Why a file could not be fetched: a kind for programs, a sentence for people.
//!
//! Which failures are worth another attempt is said here; whether there is one
//! is decided by the caller.

use std::fmt;
use std::io;
use std::time::Duration;

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// There is no such file (404, 410, or no directory entry).
    NotFound,
    /// The file is there for others (401, 403, or no permission).
    Denied,
    /// Any other status that is no success.
    Status(u16),
    /// Nothing came for too long, or too little.
    Timeout,
    /// The time that the caller gave is over; see
    /// [`Request::deadline`](super::Request::deadline).
    OutOfTime,
    /// No connection to the server came about: name resolution or TCP.
    Connect,
    /// No connection to the proxy came about, or none through it; the server is
    /// not to blame.
    Proxy,
    /// The proxy refuses: it wants another user name and password (407), or
    /// allows no connection to that server.
    ProxyDenied,
    /// The server does not prove who it is, or speaks no TLS that is safe.
    Tls,
    /// The server wants a client certificate, or another one.
    ClientCertificate,
    /// The connection ended before the file did.
    Interrupted,
    /// A redirect that is not followed, or too many of them.
    Redirect,
    /// The file has more bytes than the caller takes.
    TooLarge,
    /// The file ends before the part that was asked for (416).
    OutOfRange,
    /// Anything else; the message says what.
    Other,
}

/// Why a file could not be fetched.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    kind: TransportErrorKind,
    message: String,
    again: Again,
}

/// Whether another attempt is worth it, beyond what the kind says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    /// As the kind says.
    ByKind,
    /// Not before that time has passed.
    After(Duration),
    /// No: the host was given up.
    Never,
}

impl TransportError {
    /// An error with a message that names the file or URL, without credentials,
    /// and what was expected and found.
    #[must_use]
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), again: Again::ByKind }
    }

    /// The source asks not to be asked again before that time has passed
    /// (`Retry-After`).
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.again = Again::After(wait);
        self
    }

    /// Another attempt is not worth it, whatever the kind: the host was given up.
    #[must_use]
    pub fn with_giving_up(mut self) -> Self {
        self.again = Again::Never;
        self
    }

    /// An error about one file: ``cannot fetch `WHAT`: WHY``.
    pub(crate) fn about(kind: TransportErrorKind, what: &str, why: impl fmt::Display) -> Self {
        Self::new(kind, format!("cannot fetch `{what}`: {why}"))
    }

    /// What kind of failure it was.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether the same request may well succeed a little later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        use TransportErrorKind::{Connect, Interrupted, Proxy, Status, Timeout};
        let by_kind = matches!(
            self.kind,
            Timeout | Connect | Proxy | Interrupted | Status(429 | 500 | 502 | 503 | 504)
        );
        by_kind && self.again != Again::Never
    }

    /// How long the source asks to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.again {
            Again::After(wait) => Some(wait),
            Again::ByKind | Again::Never => None,
        }
    }

    /// The precise error behind one that a [`Body`](super::Body) returned; any
    /// other error is sorted by its [`io::ErrorKind`].
    #[must_use]
    pub fn from_io(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(inner) => inner,
            Err(other) => Self::new(kind_of(&other), other.to_string()),
        }
    }
}

impl From<TransportError> for io::Error {
    /// Wraps the error for [`io::Read`], keeping what its kind says.
    fn from(error: TransportError) -> Self {
        let kind = match error.kind {
            TransportErrorKind::NotFound => io::ErrorKind::NotFound,
            TransportErrorKind::Denied => io::ErrorKind::PermissionDenied,
            TransportErrorKind::Timeout | TransportErrorKind::OutOfTime => io::ErrorKind::TimedOut,
            // Not `Interrupted`, which readers take as an invitation to go on.
            TransportErrorKind::Interrupted => io::ErrorKind::UnexpectedEof,
            TransportErrorKind::TooLarge => io::ErrorKind::FileTooLarge,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

/// The kind of a failure that the system reported.
pub(super) fn kind_of(error: &io::Error) -> TransportErrorKind {
    match error.kind() {
        io::ErrorKind::NotFound => TransportErrorKind::NotFound,
        io::ErrorKind::PermissionDenied => TransportErrorKind::Denied,
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => TransportErrorKind::Timeout,
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable => TransportErrorKind::Connect,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::NotConnected
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => TransportErrorKind::Interrupted,
        io::ErrorKind::FileTooLarge => TransportErrorKind::TooLarge,
        _ => TransportErrorKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::{TransportError, TransportErrorKind};
    use std::io;

    #[test]
    fn an_error_survives_the_way_through_a_reader() {
        let sent = TransportError::about(TransportErrorKind::Status(503), "http://x/y", "busy");
        let got = TransportError::from_io(io::Error::from(sent));
        assert_eq!(got.kind(), TransportErrorKind::Status(503));
        assert_eq!(got.to_string(), "cannot fetch `http://x/y`: busy");
    }

    #[test]
    fn what_may_succeed_later_is_transient() {
        use TransportErrorKind::*;
        for (kind, transient) in [
            (Timeout, true),
            (Connect, true),
            (Interrupted, true),
            (Status(429), true),
            (Status(503), true),
            (Status(501), false),
            (NotFound, false),
            (Denied, false),
            (Tls, false),
            (Redirect, false),
            (TooLarge, false),
            (OutOfRange, false),
            (Other, false),
        ] {
            assert_eq!(TransportError::new(kind, "x").is_transient(), transient, "{kind:?}");
        }
    }

    #[test]
    fn foreign_errors_are_sorted_by_their_kind() {
        let kind = |kind: io::ErrorKind| TransportError::from_io(io::Error::from(kind)).kind();
        assert_eq!(kind(io::ErrorKind::ConnectionReset), TransportErrorKind::Interrupted);
        assert_eq!(kind(io::ErrorKind::TimedOut), TransportErrorKind::Timeout);
        assert_eq!(kind(io::ErrorKind::InvalidData), TransportErrorKind::Other);
    }
}
