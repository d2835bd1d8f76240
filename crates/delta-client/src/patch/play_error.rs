//! Why the new content could not be made.

use std::io;

use delta_core::ApplyError;
use delta_core::journal::JournalError;

/// Why a change was not played to its end.
#[derive(Debug)]
pub(crate) enum PlayError {
    /// Its output could not be written.
    Output(io::Error),
    /// The old file could not be read.
    Old(io::Error),
    /// The delta does not fit, or cannot be read.
    Delta(ApplyError),
    /// The steps do not fit.
    Steps(JournalError),
}
