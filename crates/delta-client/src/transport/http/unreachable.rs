//! Hosts that could not be reached, or that ask to be left alone, so that a run does
//! not wait for each of them again and again.
//!
//! A server that answers badly in any other way was reached.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::transport::TransportErrorKind;

/// Failures that are less apart are one: several repositories are worked on at a time.
const APART: Duration = Duration::from_millis(150);

/// The hosts, and proxies, that are given up for as long as this lives. Clones
/// are one and the same; the default knows of none.
#[derive(Clone, Default)]
pub struct Unreachable(Arc<Mutex<BTreeMap<String, Failures>>>);

/// What came of asking one host and port.
#[derive(Default)]
struct Failures {
    /// One after the other.
    count: u32,
    /// When the last of them was counted.
    counted: Option<Instant>,
    /// The last of them, once the host is given up.
    last: Option<(TransportErrorKind, String)>,
    /// Until when it asked to be left alone, and how.
    busy: Option<(Instant, TransportErrorKind, String)>,
}

impl Unreachable {
    /// Why this host was given up, if it was.
    pub(super) fn why(&self, host: &str) -> Option<(TransportErrorKind, String)> {
        self.with(|hosts| {
            let host = hosts.get(host)?;
            let busy = host.busy.as_ref().filter(|(until, ..)| Instant::now() < *until);
            host.last.clone().or_else(|| busy.map(|(_, kind, why)| (*kind, why.clone())))
        })
    }

    /// A connection came about.
    pub(super) fn reached(&self, host: &str) {
        self.with(|hosts| {
            if let Some(failures) = hosts.get_mut(host) {
                *failures = Failures { busy: failures.busy.take(), ..Failures::default() };
            }
        });
    }

    /// The server asked to be left alone for so long.
    pub(super) fn leave_alone(&self, host: &str, wait: Duration, (kind, why): (TransportErrorKind, &str)) {
        let Some(until) = Instant::now().checked_add(wait) else { return };
        self.with(|hosts| {
            hosts.entry(host.to_owned()).or_default().busy = Some((until, kind, why.to_owned()));
        });
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
            // Of several at the same time one counts.
            if retries == 0 || failures.counted.is_none_or(|counted| counted.elapsed() >= APART) {
                failures.count = failures.count.saturating_add(if waited { 2 } else { 1 });
                failures.counted = Some(Instant::now());
            }
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
