//! The old file for its first and its second reading: what the first one decodes is
//! kept beside the new file, so that the second one need not decode it again.
//!
//! That is a convenience. Where there is no room, or nothing to decode, the old file
//! is read twice.

use std::cell::RefCell;
use std::io::{self, Read, Write as _};
use std::rc::Rc;

use codec::{Compression, Expect, OpenReader};
use durable::Dir;
use durable::scratch::{Spool, Spooled};
use durable::streams::Input;

use super::target::DEFAULT_MAX_SIZE;
use crate::patch::Error;
use crate::pipe::{Blocks, Pipe};

/// Most bytes of open content that are kept: what most systems have the memory for, so
/// that it seldom reaches the disk.
const MOST: u64 = 256 << 20;

/// How many times its size a file is expected to have open: most metadata has more.
const RATIO: u64 = 8;

/// Opens the old file once and once more.
pub(super) struct OldTwice {
    old: Input,
    /// Bytes that the new file has open, where that is known; the old one has about
    /// as many.
    about: Option<u64>,
    /// Where to keep what is decoded, and a name that nobody else uses.
    place: (Dir, String),
    kept: Option<Rc<Keeper>>,
}

/// Takes what the first reading decodes; nothing once that failed.
struct Keeper(RefCell<Option<Pipe<io::Result<Spool>>>>);

/// One reading.
pub(super) struct OldReader {
    from: From,
    keeper: Option<Rc<Keeper>>,
}

enum From {
    Old(Box<OpenReader>),
    Kept(Spooled),
}

/// The old file is believed to be what it should.
pub(super) fn expect_old() -> Expect {
    Expect { max_open_size: DEFAULT_MAX_SIZE, ..Expect::default() }
}

/// Opens the old file.
pub(super) fn open_old(old: &Input, expect: Expect) -> Result<OpenReader, Error> {
    OpenReader::new(old.reader(), old.path(), expect).map_err(Error::Open)
}

impl OldTwice {
    pub(super) fn new(old: &Input, about: Option<u64>, (dir, name): (&Dir, &str)) -> Self {
        let place = (dir.clone(), format!("{name}-old"));
        Self { old: old.clone(), about, place, kept: None }
    }

    /// Opens it: first for one reading, then for the other.
    pub(super) fn open(&mut self) -> io::Result<OldReader> {
        if let Some(kept) = self.kept.take().and_then(|keeper| keeper.finish()) {
            return Ok(OldReader { from: From::Kept(kept), keeper: None });
        }
        let reader =
            open_old(&self.old, expect_old()).map_err(|error| io::Error::other(error.to_string()))?;
        if reader.compression() != Compression::None && self.is_worth_it() {
            let (dir, name) = &self.place;
            self.kept = Keeper::new(dir, name).map(Rc::new);
        }
        Ok(OldReader { from: From::Old(Box::new(reader)), keeper: self.kept.clone() })
    }

    /// Whether it may well fit; only trying tells.
    fn is_worth_it(&self) -> bool {
        let size = || self.old.size().map_or(0, |size| size.saturating_mul(RATIO));
        self.about.unwrap_or_else(size) <= MOST
    }
}

impl Keeper {
    fn new(dir: &Dir, name: &str) -> Option<Self> {
        let spool = dir.spool(name, MOST).ok()?;
        let pipe = Pipe::new("keep", move |blocks| keep(spool, blocks)).ok()?;
        Some(Self(RefCell::new(Some(pipe))))
    }

    fn take(&self, bytes: &[u8]) {
        let mut pipe = self.0.borrow_mut();
        if pipe.as_mut().is_some_and(|pipe| pipe.write_all(bytes).is_err()) {
            *pipe = None;
        }
    }

    /// All that was taken, if it could be kept.
    fn finish(&self) -> Option<Spooled> {
        self.0.take()?.finish()?.ok()?.into_reader().ok()
    }
}

fn keep(mut spool: Spool, blocks: Blocks) -> io::Result<Spool> {
    blocks.each(|block| spool.write_all(block))?;
    Ok(spool)
}

impl Read for OldReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.from {
            From::Old(reader) => reader.read(buffer)?,
            From::Kept(kept) => kept.read(buffer)?,
        };
        if let Some(keeper) = &self.keeper {
            keeper.take(buffer.get(..read).unwrap_or_default());
        }
        Ok(read)
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests")]
mod tests {
    use codec::Compressor;

    use super::*;

    fn compress(open: &[u8], compression: Compression) -> Vec<u8> {
        let mut compressor = Compressor::new(Vec::new(), compression).unwrap();
        compressor.write_all(open).unwrap();
        compressor.finish().unwrap()
    }

    fn read(reading: &mut OldReader) -> Vec<u8> {
        let mut bytes = Vec::new();
        reading.read_to_end(&mut bytes).unwrap();
        bytes
    }

    /// Reads a file of 2 MB twice; returns whether the second reading was of what had
    /// been kept.
    fn is_kept(compression: Compression, about: Option<u64>, lose: bool) -> bool {
        let place = tempfile::tempdir().unwrap();
        let text = b"<package type='rpm'/>\n".repeat(100_000);
        let old = place.path().join("old");
        std::fs::write(&old, compress(&text, compression)).unwrap();
        let dir = Dir::open(place.path()).unwrap();

        let mut base = OldTwice::new(&Input::open(&old).unwrap(), about, (&dir, "new"));
        let mut first = base.open().unwrap();
        assert!(read(&mut first) == text);
        if lose && let Some(keeper) = &first.keeper {
            *keeper.0.borrow_mut() = None;
        }
        let mut second = base.open().unwrap();
        let kept = matches!(second.from, From::Kept(_));
        // As a reader of both does.
        assert!(first.read(&mut [0; 10]).unwrap() == 0);
        assert!(read(&mut second) == text);
        assert_eq!(dir.entries().unwrap().len(), 1, "nothing stays");
        kept
    }

    #[test]
    fn what_was_decoded_is_kept_where_that_helps() {
        assert!(is_kept(Compression::Zstd, None, false));
        assert!(is_kept(Compression::Gzip, Some(2_200_000), false));
        assert!(!is_kept(Compression::None, None, false));
        assert!(!is_kept(Compression::Zstd, Some(MOST + 1), false));
    }

    #[test]
    fn what_could_not_be_kept_is_read_again() {
        assert!(!is_kept(Compression::Zstd, None, true));
    }

    #[test]
    fn what_comes_after_the_second_reading_began_is_not_kept() {
        let place = tempfile::tempdir().unwrap();
        let old = place.path().join("old");
        std::fs::write(&old, compress(b"0123456789", Compression::Zstd)).unwrap();
        let dir = Dir::open(place.path()).unwrap();
        let mut base = OldTwice::new(&Input::open(&old).unwrap(), None, (&dir, "new"));
        let mut first = base.open().unwrap();
        first.read_exact(&mut [0; 4]).unwrap();
        let mut second = base.open().unwrap();
        assert_eq!(read(&mut first), b"456789");
        assert_eq!(read(&mut second), b"0123");
    }
}
