//! Fault injection, for tests only (cargo feature `faults`).
//!
//! A guard watches the changes that this crate makes under one root and lets
//! some of them fail. Guards with different roots do not see each other, so
//! tests may run in parallel threads, each in a temporary directory of its own.
//! Steps are counted from 0, in the order in which they happen.
//!
//! It does not model an unreliable disk: what was written before the failing
//! step stays, synced or not. [`Guard::trace`] is there to check the order of
//! writes and syncs.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Operation;
use crate::refusal::Refusal;

static WATCHES: Mutex<Vec<Arc<Watch>>> = Mutex::new(Vec::new());

/// The process dies: some steps succeed, every later one fails.
///
/// Cleaning up fails as well, so what is on disk stays as a crash leaves it.
#[derive(Debug)]
pub struct FailFrom;

impl FailFrom {
    /// The first `n` changes under `root` succeed, every later one fails.
    #[expect(clippy::new_ret_no_self, reason = "the guard is what a test holds")]
    pub fn new(root: &Path, n: u64) -> Guard {
        Guard::set(root, n, Mode::From)
    }
}

/// The disk is full for a moment: one step fails.
#[derive(Debug)]
pub struct FailOnce;

impl FailOnce {
    /// Step number `n` (from 0) under `root` fails with "no space left", the
    /// others succeed.
    #[expect(clippy::new_ret_no_self, reason = "the guard is what a test holds")]
    pub fn new(root: &Path, n: u64) -> Guard {
        Guard::set(root, n, Mode::Once)
    }
}

/// The process dies in the middle of a write.
#[derive(Debug)]
pub struct TornFrom;

impl TornFrom {
    /// As [`FailFrom::new`], but if the first step to fail is a write, half of
    /// its bytes are written.
    #[expect(clippy::new_ret_no_self, reason = "the guard is what a test holds")]
    pub fn new(root: &Path, n: u64) -> Guard {
        Guard::set(root, n, Mode::Torn)
    }
}

/// The file system cannot exchange two names.
#[derive(Debug)]
pub struct NoExchange;

impl NoExchange {
    /// Every exchange under `root` fails as on a file system that has none.
    #[expect(clippy::new_ret_no_self, reason = "the guard is what a test holds")]
    pub fn new(root: &Path) -> Guard {
        Refuses::new(root, |operation, _| {
            (operation == Operation::Exchange).then(|| rustix::io::Errno::INVAL.raw_os_error())
        })
    }
}

/// The file system refuses some changes always.
#[derive(Debug)]
pub struct Refuses;

impl Refuses {
    /// Every change under `root` fails for which `refusal` has the number of a system's
    /// error, told the path that it changes: of a rename, the new one.
    #[expect(clippy::new_ret_no_self, reason = "the guard is what a test holds")]
    pub fn new(root: &Path, refusal: fn(Operation, &Path) -> Option<i32>) -> Guard {
        Guard::set(root, u64::MAX, Mode::Refuses(refusal))
    }
}

/// Keeps a fault armed until it is dropped.
#[derive(Debug)]
#[must_use = "the fault is armed only while the guard lives"]
pub struct Guard {
    watch: Arc<Watch>,
}

impl Guard {
    /// Watches the changes under `root` without letting any fail.
    pub fn count(root: &Path) -> Self {
        Self::set(root, u64::MAX, Mode::From)
    }

    fn set(root: &Path, at: u64, mode: Mode) -> Self {
        let mut roots: Vec<PathBuf> = std::path::absolute(root).into_iter().collect();
        roots.extend(root.canonicalize());
        let watch = Arc::new(Watch { roots, at, mode, trace: Mutex::default() });
        lock(&WATCHES).push(Arc::clone(&watch));
        Self { watch }
    }

    /// How many changes were attempted so far, failed ones included.
    #[must_use]
    pub fn steps(&self) -> u64 {
        lock(&self.watch.trace).len() as u64
    }

    /// Whether a change has failed because of this guard.
    #[must_use]
    pub fn hit(&self) -> bool {
        self.steps() > self.watch.at
    }

    /// The changes attempted so far, as operation and path.
    #[must_use]
    pub fn trace(&self) -> Vec<(Operation, PathBuf)> {
        lock(&self.watch.trace).clone()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        lock(&WATCHES).retain(|watch| !Arc::ptr_eq(watch, &self.watch));
    }
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    From,
    Once,
    Torn,
    Refuses(fn(Operation, &Path) -> Option<i32>),
}

#[derive(Debug)]
struct Watch {
    roots: Vec<PathBuf>,
    at: u64,
    mode: Mode,
    trace: Mutex<Vec<(Operation, PathBuf)>>,
}

impl Watch {
    fn ask(&self, operation: Operation, path: &Path, len: usize) -> Result<(), Refusal> {
        if !self.roots.iter().any(|root| path.starts_with(root)) {
            return Ok(());
        }
        let mut trace = lock(&self.trace);
        let number = trace.len() as u64;
        trace.push((operation, path.to_path_buf()));
        if let Mode::Refuses(refusal) = self.mode {
            let refused = refusal(operation, path).map(io::Error::from_raw_os_error);
            return refused.map_or(Ok(()), |reason| Err(Refusal { reason, torn: 0 }));
        }
        if number < self.at || (matches!(self.mode, Mode::Once) && number > self.at) {
            return Ok(());
        }
        Err(Refusal {
            reason: match self.mode {
                Mode::Once => rustix::io::Errno::NOSPC.into(),
                Mode::From | Mode::Torn | Mode::Refuses(_) => io::Error::other("injected fault"),
            },
            torn: match self.mode {
                Mode::Torn if number == self.at => len / 2,
                _ => 0,
            },
        })
    }
}

/// Asks every guard that watches `path`.
pub(crate) fn ask(operation: Operation, path: &Path, len: usize) -> Result<(), Refusal> {
    let watches = lock(&WATCHES).clone();
    if watches.is_empty() {
        return Ok(());
    }
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    watches.iter().try_for_each(|watch| watch.ask(operation, &path, len))
}

/// A panicking test must not take the others with it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
