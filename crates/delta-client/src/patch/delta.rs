//! Format 1: a delta is opened, and played.

use std::io::{Read, Write};
use std::path::PathBuf;

use codec::{Compression, Expect, OpenReader};
use delta_core::{ApplyError, Limits, Rule};

use super::play_error::PlayError;
use crate::patch::Error;

/// Opens a delta whose result has at most `max_open` bytes.
///
/// # Errors
/// [`Error::Open`] and [`Error::NotBzip2`].
pub(crate) fn open(
    delta: impl Read + Send + 'static,
    name: impl Into<PathBuf>,
    max_open: u64,
) -> Result<OpenReader, Error> {
    let expect = Expect { max_open_size: longest(max_open), ..Expect::default() };
    let path = name.into();
    let reader = OpenReader::new(delta, path.clone(), expect).map_err(Error::Open)?;
    if reader.compression() != Compression::Bzip2 {
        return Err(Error::NotBzip2 { path, found: reader.compression().to_string() });
    }
    Ok(reader)
}

/// The most bytes that a delta may open to: its literals are part of the result, and its
/// tokens refer to chunks of at least nine bytes with at most 41.
fn longest(max_open: u64) -> u64 {
    max_open.saturating_mul(6).saturating_add(1 << 20)
}

/// Plays an open delta; returns how many bytes came from it.
pub(super) fn play(
    rule: Rule,
    old: impl Read,
    delta: impl Read,
    out: impl Write,
    limits: &Limits,
) -> Result<u64, PlayError> {
    match delta_core::apply(rule, old, delta, out, limits) {
        Ok(applied) => Ok(applied.literal_bytes),
        Err(ApplyError::Output { source, .. }) => Err(PlayError::Output(source)),
        Err(error) => Err(PlayError::Delta(error)),
    }
}
