//! The zchunk file that there was before: what it says of all files of its kind, and
//! its chunks, to be found by their open content.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::MAX_CHUNK;
use super::read::ChunkReader;
use crate::recipe::compare::Place;
use crate::zchunk::{IndexEntry, Shape};
use crate::{Algorithm, Digest, Error, Expect};

/// A zchunk file of which another is [rebuilt](super::ZchunkRebuilder).
///
/// Memory: some 200 bytes for each chunk, at most 2^18 of them, and the dictionary.
pub struct ZchunkFile<F> {
    place: Place<F>,
    path: PathBuf,
    pub(super) shape: Shape,
    /// The dictionary, and what the file has for it.
    pub(super) dictionary: Vec<u8>,
    pub(super) dictionary_entry: IndexEntry,
    pub(super) dictionary_stored: Vec<u8>,
    chunks: Vec<OldChunk>,
    by_content: HashMap<Digest, usize>,
}

struct OldChunk {
    entry: IndexEntry,
    /// Where it begins in the file.
    position: u64,
}

impl<F: Read + Seek + Send + 'static> ZchunkFile<F> {
    /// Reads and verifies all of `file`, called `path` in messages.
    ///
    /// # Errors
    /// When the file cannot be read, is no zchunk file, is damaged or is beyond a limit.
    pub fn read(file: F, path: &Path, expect: Expect) -> Result<Self, Error> {
        let place = Place::new(file);
        let mut reader = ChunkReader::begin(place.another(), path, expect)?;
        let header = reader.chunks.header();
        let (shape, dictionary_entry) = (header.shape, header.dictionary.clone());
        let dictionary = reader.chunks.dictionary().to_vec();
        let dictionary_stored = reader.chunks.stored().to_vec();
        let mut position = reader.chunks.header_len() + dictionary_entry.len as u64;
        let mut chunks = Vec::new();
        for entry in &header.chunks {
            chunks.push(OldChunk { entry: entry.clone(), position });
            position += entry.len as u64;
        }
        let (mut open, mut by_content, mut number) = (Vec::new(), HashMap::new(), 0);
        while reader.next_chunk(&mut open)? {
            by_content.entry(content_key(&open)).or_insert(number);
            number += 1;
        }
        let path = path.to_path_buf();
        Ok(Self { place, path, shape, dictionary, dictionary_entry, dictionary_stored, chunks, by_content })
    }

    /// The open lengths of its chunks, in order. Together they have all open content.
    pub fn chunk_lengths(&self) -> impl Iterator<Item = u32> {
        // None has more than 64 MiB.
        self.chunks.iter().map(|chunk| u32::try_from(chunk.entry.open_len).unwrap_or(u32::MAX))
    }

    /// What the index says of the chunk with this content, and, into `stored`, what the
    /// file has for it; nothing if there is no such chunk.
    pub(super) fn chunk(&self, open: &[u8], stored: &mut Vec<u8>) -> Result<Option<&IndexEntry>, Error> {
        let number = self.by_content.get(&content_key(open));
        let Some(chunk) = number.and_then(|number| self.chunks.get(*number)) else {
            return Ok(None);
        };
        stored.clear();
        let length = chunk.entry.len;
        let read = self.place.another_at(chunk.position).take(length as u64).read_to_end(stored);
        match read {
            Ok(read) if read == length => Ok(Some(&chunk.entry)),
            Ok(_) => Err(self.unreadable(io::ErrorKind::UnexpectedEof.into())),
            Err(error) => Err(self.unreadable(error)),
        }
    }

    fn unreadable(&self, error: io::Error) -> Error {
        Error::Read { path: self.path.clone(), reason: Arc::new(error) }
    }
}

/// By what chunks of the same content are found.
fn content_key(open: &[u8]) -> Digest {
    Algorithm::Sha256.digest(open)
}

/// Whether a chunk of so many open bytes may be compressed.
pub(super) fn fits(open_len: usize) -> bool {
    open_len <= MAX_CHUNK
}

impl<F> fmt::Debug for ZchunkFile<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZchunkFile")
            .field("path", &self.path)
            .field("shape", &self.shape)
            .field("chunks", &self.chunks.len())
            .finish_non_exhaustive()
    }
}
