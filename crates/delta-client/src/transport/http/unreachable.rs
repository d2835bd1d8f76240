//! Hosts that could not be reached, so that a run does not wait for each of them
//! again and again.
//!
//! Only connecting counts: a server that answers badly was reached.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::transport::TransportErrorKind;

/// The hosts, and proxies, that are given up for as long as this lives. Clones
/// are one and the same; the default knows of none.
#[derive(Clone, Default)]
pub struct Unreachable(Arc<Mutex<BTreeMap<String, Failures>>>);

/// What came of connecting to one host and port.
#[derive(Default)]
struct Failures {
    /// One after the other.
    count: u32,
    /// The last of them, once the host is given up.
    last: Option<(TransportErrorKind, String)>,
}

impl Unreachable {
    /// Why this host was given up, if it was.
    pub(super) fn why(&self, host: &str) -> Option<(TransportErrorKind, String)> {
        self.with(|hosts| hosts.get(host)?.last.clone())
    }

    /// A connection came about.
    pub(super) fn reached(&self, host: &str) {
        self.with(|hosts| hosts.remove(host));
    }

    /// No connection came about. After more than `retries` times in a row the host
    /// is given up, and the error says that another attempt is not worth it; one
    /// that kept its caller waiting counts twice.
    pub(super) fn failed(
        &self,
        host: &str,
        (kind, why): (TransportErrorKind, &str),
        waited: bool,
        retries: u32,
    ) -> bool {
        self.with(|hosts| {
            let failures = hosts.entry(host.to_owned()).or_default();
            failures.count = failures.count.saturating_add(if waited { 2 } else { 1 });
            let is_given_up = failures.count > retries;
            if is_given_up {
                failures.last = Some((kind, why.to_owned()));
            }
            is_given_up
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<String, Failures>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given_up = self.with(|hosts| {
            let given_up = hosts.iter().filter(|(_, failures)| failures.last.is_some());
            given_up.map(|(host, _)| host.clone()).collect::<Vec<_>>()
        });
        f.debug_tuple("Unreachable").field(&given_up).finish()
    }
}
