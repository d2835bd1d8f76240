//! A change to the disk that may not happen, which only tests with faults have.

use std::io;

/// A refused change.
pub(crate) struct Refusal {
    pub(crate) reason: io::Error,
    /// How many bytes of a refused write reach the disk all the same.
    pub(crate) torn: usize,
}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        refusal.reason
    }
}
