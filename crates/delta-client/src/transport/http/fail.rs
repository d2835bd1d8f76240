//! From what ureq reports to what went wrong with which file.
//!
//! URLs in messages have no credentials and no queries; nothing is retried.

use std::io;
use std::time::Duration;

use ureq::Timeout;

use super::HttpOptions;
use super::paced::TooSlow;
use super::tls::CertificateRequired;
use super::url::Url;
use crate::transport::{TransportError, TransportErrorKind};

/// Makes the errors about one file.
#[derive(Clone, Debug)]
pub(super) struct Failing {
    what: String,
    redirected: Option<String>,
    /// The proxy on the way, if there is one.
    proxy: Option<String>,
    connect: Duration,
    answer: Duration,
    stall: Duration,
}

impl Failing {
    pub(super) fn new(url: &Url, options: &HttpOptions) -> Self {
        let HttpOptions { connect, answer, stall, .. } = *options;
        Self { what: url.to_string(), redirected: None, proxy: None, connect, answer, stall }
    }

    /// From now on it is about the file there.
    pub(super) fn redirected_to(&mut self, url: &Url) {
        self.redirected = Some(url.to_string());
    }

    /// From now on it is asked for by way of that proxy, if there is one.
    pub(super) fn by_way_of(&mut self, proxy: Option<&str>) {
        self.proxy = proxy.map(str::to_owned);
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

    /// What an error was that came before the head of the answer was there.
    pub(super) fn request(&self, error: ureq::Error) -> Failure {
        use TransportErrorKind::{Connect, Interrupted, Other, Timeout};

        let of = |kind, why: String| Failure { kind, why, while_connecting: false };
        match error {
            ureq::Error::Timeout(which @ (ureq::Timeout::Resolve | ureq::Timeout::Connect)) => {
                self.no_connection(Timeout, self.timeout(which))
            }
            ureq::Error::Timeout(which) => self.timed_out(which),
            ureq::Error::HostNotFound => self.no_connection(Connect, "the host is not known".to_owned()),
            ureq::Error::ConnectionFailed => self.no_connection(Connect, "no connection".to_owned()),
            ureq::Error::ConnectProxyFailed(why) => {
                of(refusal(&why), format!("{} refuses: {why}", self.the_proxy()))
            }
            ureq::Error::Protocol(why) => {
                of(Other, format!("expected an answer by HTTP/1.1, found something else: {why}"))
            }
            ureq::Error::Io(reason) => match by_cause(&reason) {
                Some((kind, why)) => of(kind, why),
                None => match reason.kind() {
                    io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe => {
                        of(Interrupted, "the server closed the connection without an answer".to_owned())
                    }
                    io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
                        self.no_connection(Timeout, self.timeout(ureq::Timeout::Connect))
                    }
                    _ => self.no_connection(Connect, format!("no connection: {reason}")),
                },
            },
            other => match by_cause(&other) {
                Some((kind, why)) => of(kind, why),
                None => of(Other, other.to_string()),
            },
        }
    }

    /// No connection came about, to the server or to the proxy.
    fn no_connection(&self, kind: TransportErrorKind, why: String) -> Failure {
        if self.proxy.is_none() {
            return Failure { kind, why, while_connecting: true };
        }
        let why = format!("{} cannot be reached: {why}", self.the_proxy());
        Failure { kind: TransportErrorKind::Proxy, why, while_connecting: true }
    }

    /// What a proxy says of itself, where one is on the way.
    pub(super) fn of_proxy(&self, found: &str) -> Option<TransportError> {
        self.proxy.as_ref()?;
        let why = format!("{} refuses: {found}", self.the_proxy());
        Some(self.error(TransportErrorKind::ProxyDenied, why))
    }

    fn the_proxy(&self) -> String {
        self.proxy.as_ref().map_or_else(|| "the proxy".to_owned(), |proxy| format!("the proxy `{proxy}`"))
    }

    /// An error while the body was read.
    pub(super) fn body(&self, error: io::Error) -> TransportError {
        use TransportErrorKind::{Interrupted, Other, Timeout};

        let kind = error.kind();
        match ureq::Error::from(error) {
            ureq::Error::Timeout(which) => {
                let Failure { kind, why, .. } = self.timed_out(which);
                self.error(kind, why)
            }
            ureq::Error::Protocol(why) => {
                self.error(Other, format!("expected a body by HTTP/1.1, found something else: {why}"))
            }
            ureq::Error::Io(reason) => match by_cause(&reason) {
                Some((kind, why)) => self.error(kind, why),
                None if matches!(kind, io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) => {
                    self.error(Timeout, self.timeout(ureq::Timeout::PerRead))
                }
                None => self.error(Interrupted, "the connection ended before the file did"),
            },
            other => self.error(Other, other.to_string()),
        }
    }

    fn timed_out(&self, which: Timeout) -> Failure {
        let kind = match which {
            Timeout::Global => TransportErrorKind::OutOfTime,
            _ => TransportErrorKind::Timeout,
        };
        Failure { kind, why: self.timeout(which), while_connecting: false }
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
                format!("expected data within {}, found none", seconds(self.stall))
            }
            Timeout::Global => "no time is left for it".to_owned(),
            _ => "it took too long".to_owned(),
        }
    }
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) kind: TransportErrorKind,
    /// A clause.
    pub(super) why: String,
    /// Whether there was no connection.
    pub(super) while_connecting: bool,
}

/// Whether a proxy denies something, or cannot get to the server: by the status
/// at the end of what ureq says.
fn refusal(why: &str) -> TransportErrorKind {
    match why.rsplit('/').next().and_then(|status| status.parse::<u16>().ok()) {
        Some(502..=504) | None => TransportErrorKind::Proxy,
        Some(_) => TransportErrorKind::ProxyDenied,
    }
}

/// What is known of the cause of an error, here or further down.
fn by_cause(error: &(dyn std::error::Error + 'static)) -> Option<(TransportErrorKind, String)> {
    use TransportErrorKind::{ClientCertificate, Timeout, Tls};

    let untrusted = |why: &dyn std::fmt::Display| (Tls, format!("the server is not trusted: {why}"));
    if let Some(slow) = error.downcast_ref::<TooSlow>() {
        return Some((Timeout, slow.to_string()));
    }
    if let Some(wanted) = error.downcast_ref::<CertificateRequired>() {
        return Some((ClientCertificate, wanted.to_string()));
    }
    if let Some(alert @ rustls::Error::AlertReceived(_)) = error.downcast_ref::<rustls::Error>() {
        return Some((Tls, format!("the server refuses TLS with this program: {alert}")));
    }
    if let Some(rustls::Error::InvalidMessage(_)) = error.downcast_ref::<rustls::Error>() {
        return Some((TransportErrorKind::Other, "expected TLS, found something else".to_owned()));
    }
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(untrusted(tls));
    }
    match error.downcast_ref::<ureq::Error>() {
        Some(tls @ (ureq::Error::Rustls(_) | ureq::Error::Tls(_) | ureq::Error::Pem(_))) => {
            return Some(untrusted(tls));
        }
        Some(ureq::Error::Io(inner)) => return by_cause(inner),
        _ => {}
    }
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => by_cause(inner),
        None => error.source().and_then(by_cause),
    }
}
