//! From the open content of the old file to that of the new one: a delta (format 1) or steps
//! of a journal (format 2) are played.
//!
//! Where they come from, and whether the result is the right one, is not known here.

use std::io::{self, BufRead as _, Read, Seek, Write};
use std::path::PathBuf;

use codec::{Compression, Expect, OpenReader};
use delta_core::journal::{JournalError, Part, apply_parts};
use delta_core::{ApplyError, Limits, Rule};
use durable::Dir;
use durable::scratch::Room;

use super::Error;

/// What is to be played on the old file.
pub(crate) enum Change<'c> {
    /// Nothing: the content stays, its form changes.
    Form { old: &'c mut OpenReader },
    /// A delta (format 1), from [`open_delta`].
    Delta { rule: Rule, old: &'c mut OpenReader, delta: &'c mut OpenReader },
    /// Steps of a journal (format 2).
    Steps {
        rule: Rule,
        /// Opens the old file, which is read twice.
        old: &'c mut dyn FnMut() -> io::Result<Box<dyn Read>>,
        /// Verified, the newest first.
        parts: &'c [Part<'c>],
        /// Empty.
        scratch: &'c mut dyn Scratch,
    },
}

/// A file for what does not fit into memory.
pub(crate) trait Scratch: Read + Write + Seek {}

impl<T: Read + Write + Seek> Scratch for T {}

/// A scratch file in this directory, that may take its share of what is free there; the
/// suffix tells several of one name apart.
pub(crate) fn scratch((dir, name): (&Dir, &str), suffix: &str) -> Result<Room, durable::Error> {
    // Where the file system does not tell what is free, only the disk is a limit.
    dir.room(&format!("{name}-{suffix}"), dir.spare_bytes().unwrap_or(u64::MAX))
}

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

impl Change<'_> {
    /// Plays it into `out`; returns how many bytes came from it, not from the old file.
    pub(super) fn play(self, out: &mut impl Write, limits: &Limits) -> Result<u64, PlayError> {
        match self {
            Self::Form { old } => copy(old, out).map(|()| 0),
            Self::Delta { rule, old, delta } => match delta_core::apply(rule, old, delta, out, limits) {
                Ok(applied) => Ok(applied.literal_bytes),
                Err(ApplyError::Output { source, .. }) => Err(PlayError::Output(source)),
                Err(error) => Err(PlayError::Delta(error)),
            },
            Self::Steps { rule, old, parts, scratch } => {
                match apply_parts(rule, old, parts, scratch, out, limits) {
                    Ok(applied) => Ok(applied.inserted_bytes),
                    Err(JournalError::Output { source, .. }) => Err(PlayError::Output(source)),
                    Err(error) => Err(PlayError::Steps(error)),
                }
            }
        }
    }
}

fn copy(old: &mut OpenReader, out: &mut impl Write) -> Result<(), PlayError> {
    loop {
        let block = old.fill_buf().map_err(PlayError::Old)?;
        if block.is_empty() {
            return Ok(());
        }
        out.write_all(block).map_err(PlayError::Output)?;
        let taken = block.len();
        old.consume(taken);
    }
}

/// Opens a delta whose result has at most `max_open` bytes.
///
/// # Errors
/// [`Error::Open`] and [`Error::NotBzip2`].
pub(crate) fn open_delta(
    delta: impl Read + Send + 'static,
    name: impl Into<PathBuf>,
    max_open: u64,
) -> Result<OpenReader, Error> {
    // Its literals are part of the result, and its tokens refer to chunks of at least nine
    // bytes with at most 41.
    let longest = max_open.saturating_mul(6).saturating_add(1 << 20);
    let expect = Expect { max_open_size: longest, ..Expect::default() };
    let path = name.into();
    let reader = OpenReader::new(delta, path.clone(), expect).map_err(Error::Open)?;
    if reader.compression() != Compression::Bzip2 {
        return Err(Error::NotBzip2 { path, found: reader.compression().to_string() });
    }
    Ok(reader)
}
