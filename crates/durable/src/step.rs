//! The one gate that every change to the disk passes.
//!
//! In ordinary builds it is an empty inlined function. With the feature
//! `faults` it asks the guards of the module `faults` whether to fail. Reads do
//! not pass it.

use std::io;
use std::path::Path;

use crate::refusal::Refusal;
use crate::{Error, Operation};

/// Asks whether a change may happen; the error names operation and path.
pub(crate) fn step(operation: Operation, path: &Path) -> Result<(), Error> {
    gate(operation, path, 0).map_err(|refusal| Error::new(operation, path, io::Error::from(refusal)))
}

/// As [`step`] for a write of `len` bytes, which may be torn.
#[cfg(feature = "faults")]
pub(crate) fn gate(operation: Operation, path: &Path, len: usize) -> Result<(), Refusal> {
    crate::faults::ask(operation, path, len)
}

/// As [`step`] for a write of `len` bytes, which may be torn.
#[cfg(not(feature = "faults"))]
#[inline]
#[expect(clippy::unnecessary_wraps, reason = "fails with the feature `faults` only")]
pub(crate) fn gate(_: Operation, _: &Path, _: usize) -> Result<(), Refusal> {
    Ok(())
}
