//! What leads from the open content of the old file to that of the new one.

use std::io::{self, BufRead, Read, Write};

use codec::OpenReader;
use delta_core::{Limits, Rule};

use super::play_error::PlayError;
use super::steps::Scratch;
use super::{delta, steps};

/// What is to be played on the old file.
pub(crate) enum Change<'c> {
    /// Nothing: the content stays, its form changes.
    Form { old: &'c mut OpenReader },
    /// A delta (format 1), from [`delta::open`].
    Delta { rule: Rule, old: &'c mut OpenReader, delta: &'c mut OpenReader },
    /// Steps of a journal (format 2).
    Steps {
        rule: Rule,
        /// Opens the old file, which is read twice.
        old: &'c mut dyn FnMut() -> io::Result<Box<dyn Read>>,
        /// Verified, the newest first.
        payloads: &'c [Vec<u8>],
        /// Empty.
        scratch: &'c mut dyn Scratch,
    },
}

impl Change<'_> {
    /// Plays it into `out`; returns how many bytes came from it, not from the old file.
    pub(super) fn play(self, out: &mut impl Write, limits: &Limits) -> Result<u64, PlayError> {
        match self {
            Self::Form { old } => copy(old, out).map(|()| 0),
            Self::Delta { rule, old, delta } => delta::play(rule, old, delta, out, limits),
            Self::Steps { rule, old, payloads, scratch } => {
                steps::play(rule, old, payloads, scratch, out, limits)
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
