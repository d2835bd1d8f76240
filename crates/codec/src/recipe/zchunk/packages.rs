//! Finding at which packages primary begins chunks, in its open content.

use std::io::{self, Write};

use thiserror::Error;

use super::cuts::{Cutter, PACKAGE, PART, Piece, source};
use super::primary::{MAX_PACKAGES, PrimaryChunks};
use super::rule::ChunkRule;
use crate::OpenReader;

/// Why it is not known at which packages primary begins chunks.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PrimaryError {
    /// Its file cannot be read, or is not what is expected of it.
    #[error(transparent)]
    Read(crate::Error),
    /// There is too much of something; a sentence.
    #[error("{0}")]
    Beyond(String),
}

impl PrimaryChunks {
    /// Those of the file that `primary` reads, which is verified to its end.
    ///
    /// # Errors
    /// [`PrimaryError`].
    pub fn read(mut primary: OpenReader) -> Result<Self, PrimaryError> {
        let mut found = PrimaryReader::new();
        // `finish` repeats the error of a reader.
        let _ = io::copy(&mut primary, &mut found);
        primary.finish().map_err(PrimaryError::Read)?;
        found.finish().map_err(PrimaryError::Beyond)
    }
}

/// Finds the [`PrimaryChunks`] of the open content that is written to it.
///
/// Writing never fails, so that content can go here and elsewhere. Takes the longest
/// package, at most 16 MiB.
#[derive(Debug)]
pub struct PrimaryReader {
    cutter: Cutter,
    /// The source package of the last package.
    source: Option<Vec<u8>>,
    found: PrimaryChunks,
    /// What there is too much of.
    fault: Option<String>,
}

impl Default for PrimaryReader {
    fn default() -> Self {
        Self::new()
    }
}

impl PrimaryReader {
    /// For content that begins here.
    #[must_use]
    pub fn new() -> Self {
        let cutter = Cutter::new(ChunkRule::BY_SOURCE);
        Self { cutter, source: None, found: PrimaryChunks::default(), fault: None }
    }

    /// What was found, when all content was written; else what there is too much of, as a
    /// sentence.
    ///
    /// # Errors
    /// When a package is too long, or there are more than [`MAX_PACKAGES`].
    pub fn finish(mut self) -> Result<PrimaryChunks, String> {
        let last = self.cutter.finish();
        self.take(&last);
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.found),
        }
    }

    fn take(&mut self, piece: &Piece) {
        if !piece.content.starts_with(PACKAGE) {
            return;
        }
        let (before, source) = (self.source.take(), source(&piece.content));
        let rules = ChunkRule::all().filter_map(ChunkRule::of_primary);
        if !self.found.push(rules.map(|rule| rule.begins_chunk(before.as_deref(), source))) {
            self.fault = Some(format!("there are more packages than the limit of {MAX_PACKAGES}"));
        }
        self.source = Some(source.to_vec());
    }
}

impl Write for PrimaryReader {
    /// Takes all of `bytes`.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.chunks(PART) {
            if self.fault.is_some() {
                break;
            }
            if !self.cutter.push(part) {
                self.fault = Some("a package is too long".to_owned());
            }
            while self.fault.is_none()
                && let Some(piece) = self.cutter.next_piece()
            {
                self.take(&piece);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
