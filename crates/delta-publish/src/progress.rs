//! Telling a caller how far a run is. Nothing is drawn here.
//!
//! A run tells it to the [`Progress`] of its [`Jobs`](crate::options::Jobs).

use std::fmt;
use std::sync::Arc;

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// A metadata file is read and verified; numbers are bytes of its open content.
    Read,
    /// What is published is encoded; numbers are files.
    Encode,
    /// Deltas are played against past generations; numbers are generations.
    Prove,
    /// It is found out how a file was compressed; without numbers.
    Recipe,
}

/// Hears what happens. Every method does nothing by default.
///
/// They are called from several threads at once, and should return quickly.
pub trait Progress: Send + Sync {
    /// A step begins; `name` is a metadata type, or what is made for all of them. `total` is how much there is to
    /// do, where that is known.
    fn began(&self, name: &str, step: Step, total: Option<u64>) {
        let _ = (name, step, total);
    }

    /// So much more of the step is done.
    fn advanced(&self, name: &str, number: u64) {
        let _ = (name, number);
    }

    /// The step has ended.
    fn ended(&self, name: &str) {
        let _ = name;
    }
}

/// Tells nobody.
struct Silent;

impl Progress for Silent {}

/// Who is told.
#[derive(Clone)]
pub(crate) struct Listener(Arc<dyn Progress>);

impl Listener {
    pub(crate) fn new(progress: Arc<dyn Progress>) -> Self {
        Self(progress)
    }

    /// Tells that a step begins.
    pub(crate) fn begin<'a>(&'a self, name: &'a str, step: Step, total: Option<u64>) -> Meter<'a> {
        self.0.began(name, step, total);
        Meter { listener: self, name }
    }
}

impl Default for Listener {
    fn default() -> Self {
        Self(Arc::new(Silent))
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

/// A step, which ends when this is dropped.
pub(crate) struct Meter<'a> {
    listener: &'a Listener,
    name: &'a str,
}

impl Meter<'_> {
    pub(crate) fn advance(&self, number: u64) {
        self.listener.0.advanced(self.name, number);
    }
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        self.listener.0.ended(self.name);
    }
}
