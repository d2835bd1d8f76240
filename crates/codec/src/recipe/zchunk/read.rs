//! Reading a zchunk file chunk by chunk, with what the file has for each; verified
//! as an [`OpenReader`](crate::OpenReader) verifies it.

use std::io::{self, BufRead as _, Read};
use std::path::{Path, PathBuf};

use crate::check::Check;
use crate::source::Source;
use crate::zchunk::Chunks;
use crate::{Compression, Digest, Error, Expect};

/// What repomd.xml says of the header of a zchunk file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ZchunkHeader {
    /// `<header-size>`: its bytes, with those before the checksum.
    pub size: u64,
    /// `<header-checksum>`; nothing where its type is none of repomd.xml.
    pub checksum: Option<Digest>,
}

impl ZchunkHeader {
    /// Reads and verifies the header of `file`, called `path` in messages.
    ///
    /// # Errors
    /// When it cannot be read, is malformed or beyond a limit.
    pub fn read(file: impl Read + Send + 'static, path: &Path) -> Result<Self, Error> {
        let chunks = ChunkReader::begin(file, path, Expect::default())?.chunks;
        Ok(Self { size: chunks.header_len(), checksum: chunks.header_sum().to_digest() })
    }

    /// What was expected and what was found, where it is not the header that is wanted.
    #[must_use]
    pub fn differs(&self, size: Option<u64>, checksum: Option<&Digest>) -> Option<(String, String)> {
        if let Some(size) = size.filter(|size| *size != self.size) {
            return Some((format!("a header of {size} bytes"), format!("one of {} bytes", self.size)));
        }
        let (expected, found) = (checksum?, self.checksum?);
        (*expected != found).then(|| (format!("a header with {expected}"), format!("one with {found}")))
    }
}

pub(super) struct ChunkReader {
    source: Source,
    pub(super) chunks: Chunks,
    check: Check,
    path: PathBuf,
}

impl ChunkReader {
    /// Reads header and dictionary.
    pub(super) fn begin(
        file: impl Read + Send + 'static,
        path: &Path,
        expect: Expect,
    ) -> Result<Self, Error> {
        let algorithm = expect.checksum.map(|digest| digest.algorithm());
        let mut source = Source::new(Box::new(file), path.to_path_buf(), expect.size, algorithm);
        let begun = Chunks::begin(&mut source);
        let chunks = begun.map_err(|error| explain(error, path, &source))?;
        let check = Check::new(path.to_path_buf(), expect, Compression::Zchunk);
        Ok(Self { source, chunks, check, path: path.to_path_buf() })
    }

    /// Makes `open` the next chunk; false at the end, when everything has been verified.
    pub(super) fn next_chunk(&mut self, open: &mut Vec<u8>) -> Result<bool, Error> {
        let next = self.chunks.next_chunk(&mut self.source, open);
        if next.map_err(|error| explain(error, &self.path, &self.source))? {
            self.check.update(open)?;
            return Ok(true);
        }
        let rest = self.source.fill_buf().map(|rest| !rest.is_empty());
        if rest.map_err(|error| Error::from_io(error, &self.path))? {
            return Err(Error::Decode {
                path: self.path.clone(),
                compression: Compression::Zchunk,
                reason: "something follows the compressed data".to_owned(),
            });
        }
        self.check.finish(&self.source.totals())?;
        Ok(false)
    }
}

fn explain(error: io::Error, path: &Path, source: &Source) -> Error {
    Error::from_decoder(error, path, Compression::Zchunk, source.size())
}
