//! How much the steps of one way are together: the limits that keep the time and
//! memory of applying them in bounds, for those who apply and for those who publish.

use super::JournalError;
use super::payload::{MAX_DICTIONARY_CHUNKS, MAX_FRAMES, MAX_INSERTED, Payload};
use super::script::MAX_HUNKS;
use crate::varint::Malformed;

/// The hunks, frames, inserted chunks and chunks of dictionaries of several steps
/// (format 2, "Limits").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    hunks: usize,
    frames: usize,
    inserted: u64,
    dictionaries: u64,
}

impl Extent {
    /// Adds a step by its payload; the steps of a way may be added in any order.
    ///
    /// # Errors
    /// [`JournalError::Unfit`] where nobody would apply all of them together, or the
    /// payload is none.
    pub fn add(&mut self, payload: &[u8]) -> Result<(), JournalError> {
        let read = Payload::read(payload).and_then(|payload| self.add_read(&payload));
        read.map_err(|what| JournalError::Unfit { what: what.to_string() })
    }

    pub(super) fn add_read(&mut self, step: &Payload<'_>) -> Result<(), Malformed> {
        self.hunks += step.hunks.len();
        self.frames += step.frames.len();
        self.inserted += step.inserted();
        self.dictionaries = self.dictionaries.saturating_add(step.dictionary_chunks());
        let found = [
            ("hunks", self.hunks as u64, MAX_HUNKS as u64),
            ("frames", self.frames as u64, MAX_FRAMES as u64),
            ("inserted chunks", self.inserted, MAX_INSERTED),
            ("chunks in dictionaries", self.dictionaries, MAX_DICTIONARY_CHUNKS),
        ];
        if let Some((what, found, max)) = found.into_iter().find(|(_, found, max)| found > max) {
            return Err(Malformed::new(format!(
                "expected steps of at most {max} {what} together, found {found}"
            )));
        }
        Ok(())
    }
}
