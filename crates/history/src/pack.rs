//! Packs: files of compressed chunks that are written once and never changed.
//!
//! A pack is a row of frames, each some chunks of together about 1 MiB,
//! compressed with zstd. Which chunks, and the digest of each frame, is in the
//! track's index; a pack alone means nothing.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use delta_core::chunk::{ChunkId, ChunkTable, Symbol};
use durable::{Dir, Pending, Sealed};
use sha2::{Digest, Sha256};

use crate::Error;

/// A frame is closed when it holds so many bytes of chunks.
pub(crate) const FRAME_BYTES: usize = 1 << 20;
/// Balances the size of the store against the time of a first import.
const LEVEL: i32 = 9;
/// Packs are numbered below this, so that there is always a next number.
pub(crate) const NUMBERS: u64 = 1 << 63;
/// Where some consecutive symbols' bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Number of the pack.
    pub(crate) pack: u64,
    /// Byte offset in the pack.
    pub(crate) offset: u64,
    /// Bytes in the pack.
    pub(crate) len: u32,
    /// Bytes of the chunks.
    pub(crate) open_len: u32,
    /// Its first symbol.
    pub(crate) first: Symbol,
    /// How many symbols.
    pub(crate) symbols: u32,
    /// The first 16 bytes of the SHA-256 of the compressed bytes.
    pub(crate) digest: [u8; 16],
}

/// The file name of a pack.
pub(crate) fn name(pack: u64) -> String {
    format!("pack-{pack:08}")
}

/// The number of a pack by its file name.
pub(crate) fn number(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("pack-")?;
    digits.parse().ok().filter(|n| *n < NUMBERS && self::name(*n) == name)
}

fn digest(bytes: &[u8]) -> [u8; 16] {
    let mut digest = [0; 16];
    digest.copy_from_slice(&Sha256::digest(bytes)[..16]);
    digest
}

/// Writes one pack.
pub(crate) struct PackWriter {
    pack: u64,
    file: Pending,
    path: PathBuf,
    offset: u64,
    frames: Vec<Frame>,
    chunks: Vec<u8>,
    first: Symbol,
    symbols: u32,
}

impl PackWriter {
    /// Begins pack `pack` in `dir`; its first chunk will be `first`.
    pub(crate) fn create(dir: &Dir, pack: u64, first: Symbol) -> Result<Self, Error> {
        let path = dir.path().join(name(pack));
        if pack >= NUMBERS {
            let what = format!("expected a number below {NUMBERS}");
            return Err(Error::Damaged { path, offset: 0, what });
        }
        let file = dir.create_new(&name(pack)).map_err(Error::File)?;
        let (frames, chunks) = (Vec::new(), Vec::new());
        Ok(Self { pack, file, path, offset: 0, frames, chunks, first, symbols: 0 })
    }

    /// Appends the chunk of the next symbol.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> Result<(), Error> {
        // Nothing longer than a chunk may be goes into one frame with others,
        // so that a frame's length always fits.
        if !self.chunks.is_empty() && self.chunks.len() + chunk.len() > FRAME_BYTES {
            self.close_frame()?;
        }
        self.chunks.extend_from_slice(chunk);
        self.symbols += 1;
        Ok(())
    }

    /// Appends a frame of another pack as it is.
    pub(crate) fn push_frame(&mut self, frame: &Frame, bytes: &[u8]) -> Result<(), Error> {
        self.close_frame()?;
        let frame = Frame { pack: self.pack, offset: self.offset, first: self.first, ..frame.clone() };
        self.append(frame, bytes)
    }

    /// Bytes of the chunks that are not in a frame yet.
    pub(crate) fn waiting(&self) -> usize {
        self.chunks.len()
    }

    fn close_frame(&mut self) -> Result<(), Error> {
        if self.symbols == 0 {
            return Ok(());
        }
        let bytes = zstd::bulk::compress(&self.chunks, LEVEL)
            .map_err(|reason| Error::Compress { path: self.path.clone(), reason })?;
        let too_long = |_| Error::Compress {
            path: self.path.clone(),
            reason: std::io::Error::other("a frame of 4 GiB or more"),
        };
        let frame = Frame {
            pack: self.pack,
            offset: self.offset,
            len: u32::try_from(bytes.len()).map_err(too_long)?,
            open_len: u32::try_from(self.chunks.len()).map_err(too_long)?,
            first: self.first,
            symbols: self.symbols,
            digest: digest(&bytes),
        };
        self.chunks.clear();
        self.symbols = 0;
        self.append(frame, &bytes)
    }

    fn append(&mut self, frame: Frame, bytes: &[u8]) -> Result<(), Error> {
        let path = &self.path;
        self.file.write_all(bytes).map_err(|e| Error::File(durable::Error::from_io(e, path)))?;
        self.offset += bytes.len() as u64;
        self.first += frame.symbols;
        self.frames.push(frame);
        Ok(())
    }

    /// Completes the pack; it has its name once the result is published.
    pub(crate) fn finish(mut self) -> Result<(Sealed, Vec<Frame>), Error> {
        self.close_frame()?;
        let sealed = self.file.seal().map_err(Error::File)?;
        Ok((sealed, self.frames))
    }
}

/// Reads the bytes of a frame and checks them against its digest.
pub(crate) fn read_frame(dir: &Dir, frame: &Frame) -> Result<Vec<u8>, Error> {
    let name = name(frame.pack);
    let file = dir.open_file(&name).map_err(Error::File)?;
    read_frame_from(file.as_ref(), dir, frame)
}

pub(crate) fn read_frame_from(file: Option<&File>, dir: &Dir, frame: &Frame) -> Result<Vec<u8>, Error> {
    let damaged =
        |what: String| Error::Damaged { path: dir.path().join(name(frame.pack)), offset: frame.offset, what };
    let file = file.ok_or_else(|| damaged("expected a frame, found no file".into()))?;
    let mut bytes = vec![0; frame.len as usize];
    file.read_exact_at(&mut bytes, frame.offset).map_err(|e| match e.kind() {
        ErrorKind::UnexpectedEof => {
            damaged(format!("expected a frame of {} bytes, found the end of the file", frame.len))
        }
        // What cannot be read now may be whole all the same.
        _ => Error::File(durable::Error::from_read(e, &dir.path().join(name(frame.pack)))),
    })?;
    if digest(&bytes) != frame.digest {
        return Err(damaged("the digest of the frame differs from the one recorded".into()));
    }
    Ok(bytes)
}

/// Opens the checked bytes of a frame.
pub(crate) fn open_frame(dir: &Dir, frame: &Frame, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let damaged =
        |what: String| Error::Damaged { path: dir.path().join(name(frame.pack)), offset: frame.offset, what };
    let open_len = frame.open_len as usize;
    let open = zstd::bulk::decompress(bytes, open_len).map_err(|e| damaged(e.to_string()))?;
    if open.len() != open_len {
        return Err(damaged(format!("expected a frame of {open_len} open bytes, found {}", open.len())));
    }
    Ok(open)
}

/// Checks that the chunks in the open bytes of a frame are those that `table`
/// names, so that a chunk recorded later can rely on what is there.
pub(crate) fn check_chunks(dir: &Dir, frame: &Frame, table: &ChunkTable, open: &[u8]) -> Result<(), Error> {
    let mut rest = open;
    for symbol in frame.first..frame.first + frame.symbols {
        let len = usize::try_from(table.chunk_len(symbol)).map_or(rest.len(), |len| len.min(rest.len()));
        let (chunk, after) = rest.split_at(len);
        let (expected, found) = (table.id(symbol), ChunkId::hash(chunk));
        if found != *expected {
            let path = dir.path().join(name(frame.pack));
            let what = format!("expected chunk {expected} in the frame, found {found}");
            return Err(Error::Damaged { path, offset: frame.offset, what });
        }
        rest = after;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_error_is_no_damage() {
        let root = tempfile::tempdir().unwrap();
        let dir = Dir::open(root.path()).unwrap();
        let frame = Frame { pack: 3, offset: 0, len: 4, open_len: 4, first: 0, symbols: 1, digest: [0; 16] };
        // The system refuses to read from a directory.
        let unreadable = File::open(root.path()).unwrap();
        let error = read_frame_from(Some(&unreadable), &dir, &frame).unwrap_err();
        assert!(matches!(error, Error::File(_)), "{error:?}");
        assert!(error.to_string().contains("pack-00000003"), "{error}");
        let short = tempfile::tempfile().unwrap();
        for lost in [None, Some(&short)] {
            let error = read_frame_from(lost, &dir, &frame).unwrap_err();
            assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
        }
    }
}
