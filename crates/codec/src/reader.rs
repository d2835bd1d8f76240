//! The reader that ties it together: open bytes out, verified at the end.
//!
//! It cannot seek. Bytes are handed out before the end has been verified, so
//! callers must not act on them for good before [`OpenReader::finish`] (or a
//! read) has reached the end without an error.

use std::fmt;
use std::io::{self, BufRead, Read};
use std::path::PathBuf;

use crate::block::{Block, Fed};
use crate::check::Check;
use crate::decode::Decoder;
use crate::feed::Feed;
use crate::source::Source;
use crate::{Compression, Error, Expect, Summary};

/// Reads the open content of a metadata file.
///
/// [`Read`] and [`BufRead`] give the open bytes. Their errors carry an
/// [`Error`], see [`Error::from_io`]; the end of the file is reported only
/// after everything expected has been verified, and an error is repeated by
/// every later call.
pub struct OpenReader {
    check: Check,
    feed: Feed,
    block: Block,
    outcome: Option<Result<Summary, Error>>,
}

impl OpenReader {
    /// Starts to read `source`, called `name` in messages.
    ///
    /// Reads the first 256 KiB at once and recognises the compression. A longer
    /// file is decompressed, and its own bytes are hashed, by a background
    /// thread that works up to 768 KiB ahead; it ends when the reader is
    /// dropped.
    pub fn new(
        source: impl Read + Send + 'static,
        name: impl Into<PathBuf>,
        expect: Expect,
    ) -> Result<Self, Error> {
        Self::start(Box::new(source), name.into(), expect, true)
    }

    /// As [`OpenReader::new`], but never with a thread: for small files and
    /// where threads are unwelcome.
    pub fn inline(
        source: impl Read + Send + 'static,
        name: impl Into<PathBuf>,
        expect: Expect,
    ) -> Result<Self, Error> {
        Self::start(Box::new(source), name.into(), expect, false)
    }

    fn start(
        source: Box<dyn Read + Send>,
        path: PathBuf,
        expect: Expect,
        threaded: bool,
    ) -> Result<Self, Error> {
        let algorithm = expect.checksum.map(|digest| digest.algorithm());
        let mut source = Source::new(source, path.clone(), expect.size, algorithm);
        let short = source.prime()?;
        let decoder = Decoder::new(source, path.clone())?;
        let check = Check::new(path.clone(), expect, decoder.compression());
        let feed =
            if threaded && !short { Feed::thread(decoder, path)? } else { Feed::Inline(Box::new(decoder)) };
        Ok(Self { check, feed, block: Block::default(), outcome: None })
    }

    /// The compression that the content shows.
    #[must_use]
    pub fn compression(&self) -> Compression {
        self.check.compression()
    }

    /// Reads what is left, verifies everything that was expected, and says what
    /// the file was.
    ///
    /// An error that a read has returned before is returned again.
    pub fn finish(self) -> Result<Summary, Error> {
        self.finish_telling(|_| ())
    }

    /// As [`finish`](Self::finish); `told` hears how many bytes more were read each time.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn finish_telling(mut self, mut told: impl FnMut(u64)) -> Result<Summary, Error> {
        loop {
            if let Some(outcome) = self.outcome {
                return outcome;
            }
            self.advance();
            told(self.block.unused().len() as u64);
        }
    }

    /// Gets the next block, or the outcome.
    fn advance(&mut self) {
        let used = std::mem::take(&mut self.block);
        let outcome = match self.feed.next(used) {
            Ok(Fed::Block(block)) => match self.check.update(block.unused()) {
                Ok(()) => {
                    self.block = block;
                    return;
                }
                Err(error) => Err(error),
            },
            Ok(Fed::End(totals)) => self.check.finish(&totals),
            Err(error) => Err(error),
        };
        self.outcome = Some(outcome);
        self.feed = Feed::Done;
    }
}

impl BufRead for OpenReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.block.unused().is_empty() {
            match &self.outcome {
                None => self.advance(),
                Some(Ok(_)) => break,
                Some(Err(error)) => return Err(error.clone().into_io()),
            }
        }
        Ok(self.block.unused())
    }

    fn consume(&mut self, amount: usize) {
        self.block.consume(amount);
    }
}

impl Read for OpenReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        let amount = self.fill_buf()?.read(into)?;
        self.consume(amount);
        Ok(amount)
    }
}

impl fmt::Debug for OpenReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenReader")
            .field("compression", &self.compression())
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}
