//! The open content of zchunk files, chunk by chunk, each verified before it is
//! decompressed. It seeks nothing: zchunk's own way of fetching only some chunks is
//! not this program's. What files are written is the module `recipe`'s.

mod header;
mod invalid;
mod sum;

use std::io::{self, BufRead, Read};

use zstd::bulk::Decompressor;

use self::header::{Found, take};
use self::invalid::invalid;
use crate::source::Source;

pub(crate) use self::header::{Header, IndexEntry, MAX_CHUNKS, MAX_HEADER, Shape};
pub(crate) use self::sum::{Sum, Summing};

/// Reads a zchunk file.
pub(crate) struct Zchunk {
    source: Source,
    /// Nothing before the first read.
    chunks: Option<Chunks>,
    /// The open chunk, and how much of it was given out.
    open: Vec<u8>,
    given: usize,
}

/// A file's header, and its chunks, which come one after the other.
pub(crate) struct Chunks {
    found: Found,
    dictionary: Vec<u8>,
    opener: Opener,
    /// The chunk that comes next.
    next: usize,
    summing: Option<Summing>,
    /// A chunk's bytes in the file.
    chunk: Vec<u8>,
}

/// How chunks are opened.
enum Opener {
    Plain,
    Zstd(Box<Decompressor<'static>>),
}

/// What the index takes for each chunk, at most.
const ENTRY: u64 = 200;

/// What reading the file takes, by its header.
pub(crate) fn memory(source: &mut impl BufRead) -> io::Result<u64> {
    let Found { header, len, .. } = header::read(source)?;
    let index = len.saturating_add(ENTRY.saturating_mul(header.chunks.len() as u64));
    let all = || std::iter::once(&header.dictionary).chain(&header.chunks);
    let largest = |length: fn(&IndexEntry) -> usize| all().map(length).max().unwrap_or_default() as u64;
    let chunk = largest(|entry| entry.len).saturating_add(largest(|entry| entry.open_len));
    Ok(index.saturating_add(chunk).saturating_add(header.dictionary.open_len as u64))
}

impl Zchunk {
    pub(crate) fn new(source: Source) -> Self {
        Self { source, chunks: None, open: Vec::new(), given: 0 }
    }

    pub(crate) fn source(&mut self) -> &mut Source {
        &mut self.source
    }

    /// Opens the next chunk; false at the end of the file.
    fn advance(&mut self) -> io::Result<bool> {
        let chunks = match &mut self.chunks {
            Some(chunks) => chunks,
            chunks => chunks.insert(Chunks::begin(&mut self.source)?),
        };
        self.given = 0;
        chunks.next_chunk(&mut self.source, &mut self.open)
    }
}

impl Read for Zchunk {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.open.len() {
            if !self.advance()? {
                return Ok(0);
            }
        }
        let amount = self.open.get(self.given..).unwrap_or_default().read(into)?;
        self.given += amount;
        Ok(amount)
    }
}

impl Chunks {
    /// Reads the header and the dictionary.
    pub(crate) fn begin(source: &mut impl BufRead) -> io::Result<Self> {
        let found = header::read(source)?;
        let shape = found.header.shape;
        let opener =
            if shape.compressed { Opener::Zstd(Box::new(Decompressor::new()?)) } else { Opener::Plain };
        // Where chunks have open checksums there is none of all data.
        let summing = (!shape.open_sums).then(|| Summing::new(shape.kind));
        // The open checksum of a dictionary is that of nothing.
        let entry = IndexEntry { open_sum: None, ..found.header.dictionary.clone() };
        let mut this = Self { found, dictionary: Vec::new(), opener, next: 0, summing, chunk: Vec::new() };
        let mut dictionary = Vec::new();
        this.open_chunk(source, &entry, &mut dictionary)?;
        if shape.compressed && !dictionary.is_empty() {
            this.opener = Opener::Zstd(Box::new(Decompressor::with_dictionary(&dictionary)?));
        }
        this.dictionary = dictionary;
        Ok(this)
    }

    pub(crate) fn header(&self) -> &Header {
        &self.found.header
    }

    /// Bytes of the header.
    pub(crate) fn header_len(&self) -> u64 {
        self.found.len
    }

    /// The header's own checksum.
    pub(crate) fn header_sum(&self) -> &Sum {
        &self.found.checksum
    }

    /// Whether the header has the bytes that the usual tools write.
    pub(crate) fn has_usual_header(&self) -> bool {
        self.found.is_usual()
    }

    /// The open dictionary; empty where there is none.
    pub(crate) fn dictionary(&self) -> &[u8] {
        &self.dictionary
    }

    /// What the file has for the chunk that was read last; at first, for the dictionary.
    pub(crate) fn stored(&self) -> &[u8] {
        &self.chunk
    }

    /// Opens the next chunk; false at the end of the file, where the checksum of all
    /// data is verified.
    pub(crate) fn next_chunk(&mut self, source: &mut impl BufRead, open: &mut Vec<u8>) -> io::Result<bool> {
        open.clear();
        let Some(entry) = self.header().chunks.get(self.next).cloned() else {
            let found = self.summing.take().map(Summing::finish);
            if found.is_some_and(|found| found != self.header().data) {
                return Err(invalid(
                    "its chunks together do not have the checksum that its header says".into(),
                ));
            }
            return Ok(false);
        };
        self.next += 1;
        self.open_chunk(source, &entry, open)?;
        Ok(true)
    }

    /// Reads a chunk, verifies it, and opens it.
    fn open_chunk(
        &mut self,
        source: &mut impl BufRead,
        entry: &IndexEntry,
        open: &mut Vec<u8>,
    ) -> io::Result<()> {
        let number = self.next;
        self.chunk.clear();
        // The checksum of nothing is all zeros in the index.
        if entry.len == 0 {
            return Ok(());
        }
        take(source, entry.len as u64, &mut self.chunk)?;
        if let Some(summing) = &mut self.summing {
            summing.update(&self.chunk);
        }
        if !entry.sum.holds(&self.chunk) {
            return Err(invalid(format!("its chunk {number} does not have the checksum of its index")));
        }
        match &mut self.opener {
            Opener::Plain => open.extend_from_slice(&self.chunk),
            Opener::Zstd(decompressor) => {
                *open = decompressor.decompress(&self.chunk, entry.open_len)?;
                if open.len() != entry.open_len {
                    let (expected, found) = (entry.open_len, open.len());
                    return Err(invalid(format!(
                        "expected {expected} bytes in its chunk {number} when decompressed, found {found}"
                    )));
                }
            }
        }
        if entry.open_sum.as_ref().is_some_and(|sum| !sum.holds(open)) {
            return Err(invalid(format!("its chunk {number} does not open to the checksum of its index")));
        }
        Ok(())
    }
}
