//! From what ureq reports to what went wrong with which file.
//!
//! URLs in messages have no credentials and no queries; nothing is retried.

use std::io;
use std::time::Duration;

use ureq::Timeout;

use super::HttpOptions;
use super::url::Url;
use crate::transport::{TransportError, TransportErrorKind};

/// Makes the errors about one file.
#[derive(Clone, Debug)]
pub(super) struct Failing {
    what: String,
    redirected: Option<String>,
    connect: Duration,
    answer: Duration,
    stall: Duration,
}

impl Failing {
    pub(super) fn new(url: &Url, options: &HttpOptions) -> Self {
        let HttpOptions { connect, answer, stall, .. } = *options;
        Self { what: url.to_string(), redirected: None, connect, answer, stall }
    }

    #[cfg(test)]
    pub(super) fn for_tests(what: &str) -> Self {
        let second = Duration::from_secs(1);
        let what = what.to_owned();
        Self { what, redirected: None, connect: second, answer: second, stall: second }
    }

    /// From now on it is about the file there.
    pub(super) fn redirected_to(&mut self, url: &Url) {
        self.redirected = Some(url.to_string());
    }

    /// What messages call the file.
    pub(super) fn what(&self) -> &str {
        &self.what
    }

    pub(super) fn error(&self, kind: TransportErrorKind, why: impl Into<String>) -> TransportError {
        let why = why.into();
        match &self.redirected {
            None => TransportError::about(kind, &self.what, why),
            Some(to) => TransportError::about(kind, &self.what, format!("redirected to `{to}`: {why}")),
        }
    }

    /// An error before the head of the answer was there.
    pub(super) fn request(&self, error: ureq::Error) -> TransportError {
        use TransportErrorKind::{Connect, Interrupted, Other, Timeout};

        match error {
            ureq::Error::Timeout(which) => self.error(Timeout, self.timeout(which)),
            ureq::Error::HostNotFound => self.error(Connect, "the host is not known"),
            ureq::Error::ConnectionFailed => self.error(Connect, "no connection"),
            ureq::Error::ConnectProxyFailed(why) => self.error(Connect, format!("the proxy refuses: {why}")),
            ureq::Error::Protocol(why) => {
                self.error(Other, format!("expected an answer by HTTP/1.1, found something else: {why}"))
            }
            ureq::Error::Io(reason) if is_tls(&reason) => self.tls(&reason),
            ureq::Error::Io(reason) => match reason.kind() {
                io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe => {
                    self.error(Interrupted, "the server closed the connection without an answer")
                }
                io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
                    self.error(Timeout, self.timeout(ureq::Timeout::Connect))
                }
                _ => self.error(Connect, format!("no connection: {reason}")),
            },
            other if is_tls(&other) => self.tls(&other),
            other => self.error(Other, other.to_string()),
        }
    }

    /// An error while the body was read.
    pub(super) fn body(&self, error: io::Error) -> TransportError {
        use TransportErrorKind::{Interrupted, Other, Timeout};

        let kind = error.kind();
        match ureq::Error::from(error) {
            ureq::Error::Timeout(which) => self.error(Timeout, self.timeout(which)),
            ureq::Error::Protocol(why) => {
                self.error(Other, format!("expected a body by HTTP/1.1, found something else: {why}"))
            }
            ureq::Error::Io(_) if matches!(kind, io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) => {
                self.error(Timeout, self.timeout(ureq::Timeout::PerRead))
            }
            ureq::Error::Io(reason) if is_tls(&reason) => self.tls(&reason),
            ureq::Error::Io(_) => self.error(Interrupted, "the connection ended before the file did"),
            other => self.error(Other, other.to_string()),
        }
    }

    fn tls(&self, error: &dyn std::error::Error) -> TransportError {
        self.error(TransportErrorKind::Tls, format!("the server is not trusted: {error}"))
    }

    fn timeout(&self, which: Timeout) -> String {
        match which {
            Timeout::Resolve | Timeout::Connect => {
                format!("expected a connection within {}", seconds(self.connect))
            }
            Timeout::RecvResponse | Timeout::SendRequest => {
                format!("expected an answer within {}", seconds(self.answer))
            }
            Timeout::PerRead | Timeout::PerWrite => {
                format!("expected something within {}, found silence", seconds(self.stall))
            }
            _ => "it took too long".to_owned(),
        }
    }
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

/// Whether it is TLS that failed, here or further down.
fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    if error.is::<rustls::Error>() {
        return true;
    }
    match error.downcast_ref::<ureq::Error>() {
        Some(ureq::Error::Rustls(_) | ureq::Error::Tls(_) | ureq::Error::Pem(_)) => return true,
        Some(ureq::Error::Io(inner)) => return is_tls(inner),
        _ => {}
    }
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => is_tls(inner),
        None => error.source().is_some_and(is_tls),
    }
}
