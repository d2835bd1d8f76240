//! The open content of zchunk files, chunk by chunk, each verified before it is
//! decompressed. It does not write any, and seeks nothing: zchunk's own way of
//! fetching only some chunks is not this program's.

mod header;

use std::io::{self, BufRead, Read};

use zstd::bulk::Decompressor;

use crate::source::Source;
use header::{Entry, Header, Summing, invalid, take};

/// Reads a zchunk file.
pub(crate) struct Zchunk {
    source: Source,
    /// Nothing before the first read.
    body: Option<Body>,
    /// The open chunk, and how much of it was given out.
    open: Vec<u8>,
    given: usize,
}

/// What is read after the header.
struct Body {
    header: Header,
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

impl Zchunk {
    pub(crate) fn new(source: Source) -> Self {
        Self { source, body: None, open: Vec::new(), given: 0 }
    }

    pub(crate) fn source(&mut self) -> &mut Source {
        &mut self.source
    }

    /// Opens the next chunk; false at the end of the file.
    fn advance(&mut self) -> io::Result<bool> {
        let body = match &mut self.body {
            Some(body) => body,
            body => body.insert(Body::begin(&mut self.source)?),
        };
        self.given = 0;
        body.next_chunk(&mut self.source, &mut self.open)
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

impl Body {
    /// Reads the header and the dictionary.
    fn begin(source: &mut Source) -> io::Result<Self> {
        let header = header::read(source)?;
        let opener =
            if header.compressed { Opener::Zstd(Box::new(Decompressor::new()?)) } else { Opener::Plain };
        let summing = Some(Summing::new(header.data.kind));
        let mut body = Self { header, opener, next: 0, summing, chunk: Vec::new() };
        let mut dictionary = Vec::new();
        let entry = &body.header.dictionary;
        open_chunk(source, entry, 0, &mut body.opener, &mut body.summing, &mut body.chunk, &mut dictionary)?;
        if body.header.compressed && !dictionary.is_empty() {
            body.opener = Opener::Zstd(Box::new(Decompressor::with_dictionary(&dictionary)?));
        }
        Ok(body)
    }

    fn next_chunk(&mut self, source: &mut Source, open: &mut Vec<u8>) -> io::Result<bool> {
        open.clear();
        let Some(entry) = self.header.chunks.get(self.next) else {
            let found = self.summing.take().map(Summing::finish);
            if found.is_some_and(|found| found != self.header.data) {
                return Err(invalid(
                    "its chunks together do not have the checksum that its header says".into(),
                ));
            }
            return Ok(false);
        };
        self.next += 1;
        open_chunk(source, entry, self.next, &mut self.opener, &mut self.summing, &mut self.chunk, open)?;
        Ok(true)
    }
}

/// Reads a chunk, verifies it, and opens it; number 0 is the dictionary.
fn open_chunk(
    source: &mut impl BufRead,
    entry: &Entry,
    number: usize,
    opener: &mut Opener,
    summing: &mut Option<Summing>,
    chunk: &mut Vec<u8>,
    open: &mut Vec<u8>,
) -> io::Result<()> {
    // The checksum of nothing is all zeros in the index.
    if entry.len == 0 {
        return Ok(());
    }
    chunk.clear();
    take(source, entry.len as u64, chunk)?;
    if let Some(summing) = summing {
        summing.update(chunk);
    }
    if !entry.sum.holds(chunk) {
        return Err(invalid(format!("its chunk {number} does not have the checksum of its index")));
    }
    match opener {
        Opener::Plain => open.extend_from_slice(chunk),
        Opener::Zstd(decompressor) => {
            *open = decompressor.decompress(chunk, entry.open_len)?;
            if open.len() != entry.open_len {
                let (expected, found) = (entry.open_len, open.len());
                return Err(invalid(format!(
                    "its chunk {number} opens to {found} bytes, expected {expected}"
                )));
            }
        }
    }
    if entry.open_sum.as_ref().is_some_and(|sum| !sum.holds(open)) {
        return Err(invalid(format!("its chunk {number} does not open to the checksum of its index")));
    }
    Ok(())
}
