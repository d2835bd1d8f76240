//! Format 2: the steps of a journal are played. Where they come from is not known here.

use std::io::{self, Read, Seek, Write};

use delta_core::journal::{JournalError, apply_steps};
use delta_core::{Limits, Rule};

use super::play_error::PlayError;

/// A file for what does not fit into memory.
pub(crate) trait Scratch: Read + Write + Seek {}

impl<T: Read + Write + Seek> Scratch for T {}

/// Plays steps, the newest first; returns how many bytes came from them.
pub(super) fn play(
    rule: Rule,
    old: &mut dyn FnMut() -> io::Result<Box<dyn Read>>,
    payloads: &[Vec<u8>],
    scratch: &mut dyn Scratch,
    out: impl Write,
    limits: &Limits,
) -> Result<u64, PlayError> {
    match apply_steps(rule, old, payloads, scratch, out, limits) {
        Ok(applied) => Ok(applied.inserted_bytes),
        Err(JournalError::Output { source, .. }) => Err(PlayError::Output(source)),
        Err(error) => Err(PlayError::Steps(error)),
    }
}
