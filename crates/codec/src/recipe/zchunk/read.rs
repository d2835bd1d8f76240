//! Reading a zchunk file chunk by chunk, with what the file has for each; verified
//! as an [`OpenReader`](crate::OpenReader) verifies it.

use std::io::{self, BufRead as _, Read};
use std::path::{Path, PathBuf};

use crate::check::Check;
use crate::source::Source;
use crate::zchunk::Chunks;
use crate::{Compression, Error, Expect};

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
