//! Applying a recipe: open bytes in, the published file out.
//!
//! It hashes nothing and compares nothing: the caller proves the result.

use std::fmt;
use std::io::{self, Write};
use std::mem;

use super::engine::Engine;
use super::{Facts, RebuildError, Recipe};

/// Compressed bytes that are gathered before they are written.
const BUFFER: usize = 64 * 1024;

/// The length of the header that zlib writes.
const GZIP_HEADER: usize = 10;

/// How often an encoder may do nothing, one call after the other, before that
/// counts as a failure. Encoders do so now and then, for a call or two.
const PATIENCE: u32 = 16;

/// Compresses what is written to it by a [`Recipe`].
///
/// Takes [`Recipe::memory`] and 64 KiB. [`Rebuilder::finish`] must be called at the end; one that is dropped leaves a file that is cut short. After an error
/// the output is of no use, and every later call fails.
pub struct Rebuilder<W: Write> {
    recipe: Recipe,
    engine: Engine,
    buffer: Box<[u8]>,
    out: W,
    /// To be written first, in place of as many bytes of the encoder's as
    /// `skip` says.
    header: Vec<u8>,
    skip: usize,
    open_size: Option<u64>,
    written: u64,
    broken: bool,
}

impl Recipe {
    /// Starts to rebuild a file into `out`.
    ///
    /// `open_size` is the number of open bytes that will be written, where it
    /// is known; a file that turns out otherwise is an error. No recipe of the
    /// list needs it so far. A recipe that [needs facts](Self::needs_facts) is
    /// an error here.
    pub fn rebuilder<W: Write>(self, out: W, open_size: Option<u64>) -> Result<Rebuilder<W>, RebuildError> {
        self.rebuilder_with(out, open_size, &Facts::default())
    }

    /// The same, with what is known of the file besides.
    pub fn rebuilder_with<W: Write>(
        self,
        out: W,
        open_size: Option<u64>,
        facts: &Facts,
    ) -> Result<Rebuilder<W>, RebuildError> {
        let entry = self.entry();
        let (header, skip) = match entry.header {
            Some(header) => (header.bytes(self, facts)?, GZIP_HEADER),
            None => (Vec::new(), 0),
        };
        let engine =
            Engine::start(entry.method).map_err(|reason| RebuildError::Encoder { recipe: self, reason })?;
        let buffer = vec![0; BUFFER].into_boxed_slice();
        Ok(Rebuilder {
            recipe: self,
            engine,
            buffer,
            out,
            header,
            skip,
            open_size,
            written: 0,
            broken: false,
        })
    }
}

impl<W: Write> Rebuilder<W> {
    /// The recipe that it follows.
    #[must_use]
    pub fn recipe(&self) -> Recipe {
        self.recipe
    }

    /// Writes the end of the file, and gives `out` back, which is not flushed.
    pub fn finish(mut self) -> Result<W, RebuildError> {
        let recipe = self.recipe;
        if self.broken {
            let reason = "it failed before".to_owned();
            return Err(RebuildError::Encoder { recipe, reason });
        }
        match self.open_size {
            Some(expected) if expected != self.written => {
                return Err(RebuildError::OpenSize { recipe, expected, found: self.written });
            }
            _ => {}
        }
        match self.drive(&[], true) {
            Ok(()) => Ok(self.out),
            Err(Failure::Encoder(reason)) => Err(RebuildError::Encoder { recipe, reason }),
            Err(Failure::Output(reason)) => Err(RebuildError::Output { recipe, reason }),
        }
    }

    /// Has the encoder take all of `input`, or all and write the end.
    fn drive(&mut self, mut input: &[u8], end: bool) -> Result<(), Failure> {
        let mut idle = 0;
        loop {
            if !end && input.is_empty() {
                return Ok(());
            }
            let step = self.engine.step(input, &mut self.buffer, end).map_err(Failure::Encoder)?;
            input = input.get(step.read..).unwrap_or_default();
            if step.written > 0 && !self.header.is_empty() {
                self.out.write_all(&mem::take(&mut self.header)).map_err(Failure::Output)?;
            }
            let skipped = self.skip.min(step.written);
            self.skip -= skipped;
            let made = self.buffer.get(skipped..step.written).unwrap_or_default();
            self.out.write_all(made).map_err(Failure::Output)?;
            if step.ended {
                return Ok(());
            }
            idle = if step.read == 0 && step.written == 0 { idle + 1 } else { 0 };
            if idle > PATIENCE {
                return Err(Failure::Encoder("the encoder does not go on".to_owned()));
            }
        }
    }
}

/// What stopped the encoder's work.
enum Failure {
    Encoder(String),
    Output(io::Error),
}

impl<W: Write> Write for Rebuilder<W> {
    /// Takes all of `bytes`. Errors are those of the output as they are, and a
    /// [`RebuildError`] inside an [`io::Error`].
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let recipe = self.recipe;
        let failed = |error| Err(io::Error::other(error));
        if self.broken {
            return failed(RebuildError::Encoder { recipe, reason: "it failed before".to_owned() });
        }
        let total = self.written.saturating_add(bytes.len() as u64);
        if let Some(expected) = self.open_size.filter(|expected| total > *expected) {
            self.broken = true;
            return failed(RebuildError::OpenSize { recipe, expected, found: total });
        }
        match self.drive(bytes, false) {
            Ok(()) => {
                self.written = total;
                Ok(bytes.len())
            }
            Err(failure) => {
                self.broken = true;
                match failure {
                    Failure::Encoder(reason) => failed(RebuildError::Encoder { recipe, reason }),
                    Failure::Output(error) => Err(error),
                }
            }
        }
    }

    /// Does nothing: a flush would change the bytes.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W: Write> fmt::Debug for Rebuilder<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rebuilder")
            .field("recipe", &self.recipe)
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}
