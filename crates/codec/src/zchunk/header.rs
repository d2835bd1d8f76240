//! The header of a zchunk file: what it says of the chunks, verified against its
//! own checksum before anything in it is believed. Chunks are not read here.
//!
//! The layout is that of zchunk's format description, version 1.1: a lead, the
//! preface, the index of chunks, and signatures, which are not looked at.

use std::io::{self, BufRead, Read};

use super::invalid::invalid;
use super::sum::{Kind, Sum, Summing};

/// Most chunks of a file. The largest distributions have some 100,000 packages, and at most
/// one chunk for each.
pub(crate) const MAX_CHUNKS: usize = 1 << 18;
/// Most bytes of a header behind its lead: as many chunks with the longest checksums.
pub(crate) const MAX_HEADER: u64 = 40 << 20;
/// Most bytes of one chunk, compressed or open. One is held at a time.
const MAX_CHUNK: u64 = 64 << 20;
/// Most bytes of an open dictionary.
const MAX_DICTIONARY: u64 = 16 << 20;
/// A compressed integer has no more bytes.
const MAX_INTEGER: usize = 10;

/// What the first bytes of a whole file are.
const ID: &[u8; 5] = b"\0ZCK1";

/// Flags of the preface.
const STREAMS: u64 = 1;
const OPTIONAL_ELEMENTS: u64 = 2;
const OPEN_CHECKSUMS: u64 = 4;

/// What a header says.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) shape: Shape,
    /// Of everything after the header; zeros where chunks have open checksums.
    pub(crate) data: Sum,
    pub(crate) dictionary: IndexEntry,
    pub(crate) chunks: Vec<IndexEntry>,
}

/// What a header says of the file as a whole. With the chunks it gives all bytes of
/// the header, as the usual tools write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Of the checksums of header and data.
    pub(crate) kind: Kind,
    /// Of those of chunks.
    pub(crate) chunk_kind: Kind,
    /// Whether the index has checksums of open chunks, too. Then there is none of all
    /// data.
    pub(crate) open_sums: bool,
    /// Whether chunks are zstd frames; otherwise they are open.
    pub(crate) compressed: bool,
}

/// One chunk as the index lists it.
#[derive(Clone, Debug)]
pub(crate) struct IndexEntry {
    /// Of the chunk's bytes in the file.
    pub(crate) sum: Sum,
    /// Of the open chunk, where the index has it.
    pub(crate) open_sum: Option<Sum>,
    /// Bytes in the file, at most 64 MiB.
    pub(crate) len: usize,
    /// Open bytes, at most 64 MiB.
    pub(crate) open_len: usize,
}

impl Header {
    /// Its bytes, as the usual tools write them: neither optional elements nor
    /// signatures, and numbers no longer than need be. And its checksum, which is part
    /// of them.
    pub(crate) fn to_bytes_and_checksum(&self) -> (Vec<u8>, Sum) {
        let shape = &self.shape;
        let mut index = Vec::new();
        put_integer(&mut index, shape.chunk_kind.number());
        put_integer(&mut index, 1 + self.chunks.len() as u64);
        for entry in std::iter::once(&self.dictionary).chain(&self.chunks) {
            index.extend_from_slice(&entry.sum.bytes);
            if let Some(sum) = &entry.open_sum {
                index.extend_from_slice(&sum.bytes);
            }
            put_integer(&mut index, entry.len as u64);
            put_integer(&mut index, entry.open_len as u64);
        }
        let mut body = self.data.bytes.to_vec();
        put_integer(&mut body, if shape.open_sums { OPEN_CHECKSUMS } else { 0 });
        put_integer(&mut body, if shape.compressed { 2 } else { 0 });
        put_integer(&mut body, index.len() as u64);
        body.append(&mut index);
        // Signatures.
        put_integer(&mut body, 0);
        let mut bytes = ID.to_vec();
        put_integer(&mut bytes, shape.kind.number());
        put_integer(&mut bytes, body.len() as u64);
        let mut summing = Summing::new(shape.kind);
        summing.update(&bytes);
        summing.update(&body);
        let checksum = summing.finish();
        bytes.extend_from_slice(&checksum.bytes);
        bytes.append(&mut body);
        (bytes, checksum)
    }
}

/// A header as a file has it.
pub(super) struct Found {
    pub(super) header: Header,
    /// How many bytes it has.
    pub(super) len: u64,
    /// Of all of them but itself.
    pub(super) checksum: Sum,
}

impl Found {
    /// Whether the usual tools would write the same bytes: those of
    /// [`Header::to_bytes_and_checksum`], with zeros for a checksum that is not computed.
    pub(super) fn is_usual(&self) -> bool {
        let header = &self.header;
        let (bytes, checksum) = header.to_bytes_and_checksum();
        let has_data_sum = !header.shape.open_sums || header.data == Sum::zeros(header.shape.kind);
        has_data_sum && bytes.len() as u64 == self.len && checksum == self.checksum
    }
}

/// Reads a header and verifies it; the source is then at the first chunk.
pub(super) fn read(source: &mut impl BufRead) -> io::Result<Found> {
    let mut lead = Vec::new();
    take(source, ID.len() as u64, &mut lead)?;
    if lead != ID {
        return Err(invalid("expected the start of a zchunk file".to_owned()));
    }
    let kind = Kind::from_number(read_integer(source, &mut lead)?)?;
    let size = read_integer(source, &mut lead)?;
    if size > MAX_HEADER {
        return Err(invalid(format!("its header has {size} bytes, more than the limit of {MAX_HEADER}")));
    }
    let mut bytes = Vec::new();
    take(source, kind.len() as u64, &mut bytes)?;
    let checksum = Sum { kind, bytes: bytes.into() };
    let mut header = Vec::new();
    take(source, size, &mut header)?;
    let mut summing = Summing::new(kind);
    summing.update(&lead);
    summing.update(&header);
    if summing.finish() != checksum {
        return Err(invalid("its header does not have the checksum that it says".to_owned()));
    }
    let len = (lead.len() + kind.len() + header.len()) as u64;
    Ok(Found { header: parse(&mut Cursor(&header), kind)?, len, checksum })
}

fn parse(header: &mut Cursor<'_>, kind: Kind) -> io::Result<Header> {
    let data = header.sum(kind)?;
    let flags = header.integer()?;
    if flags & !(STREAMS | OPTIONAL_ELEMENTS | OPEN_CHECKSUMS) != 0 || flags & STREAMS != 0 {
        return Err(invalid(format!("its flags {flags:#x} say something that is not supported")));
    }
    let compressed = match header.integer()? {
        0 => false,
        2 => true,
        other => return Err(invalid(format!("expected compression type 0 or 2, found {other}"))),
    };
    if flags & OPTIONAL_ELEMENTS != 0 {
        for _ in 0..header.integer()? {
            header.integer()?;
            let len = header.integer()?;
            header.bytes(len)?;
        }
    }
    let index_size = header.integer()?;
    let mut index = Cursor(header.bytes(index_size)?);
    let chunk_kind = Kind::from_number(index.integer()?)?;
    let shape = Shape { kind, chunk_kind, open_sums: flags & OPEN_CHECKSUMS != 0, compressed };
    let count = index.integer()?;
    if count == 0 {
        return Err(invalid("expected a place for a dictionary in its index, found none".to_owned()));
    }
    // Before a list of them is made.
    if count - 1 > MAX_CHUNKS as u64 {
        let found = count - 1;
        return Err(invalid(format!("it has {found} chunks, more than the limit of {MAX_CHUNKS}")));
    }
    let dictionary = index.entry(shape)?;
    if dictionary.open_len as u64 > MAX_DICTIONARY {
        let found = dictionary.open_len;
        return Err(invalid(format!(
            "its dictionary has {found} bytes, more than the limit of {MAX_DICTIONARY}"
        )));
    }
    let mut chunks = Vec::new();
    for _ in 1..count {
        chunks.push(index.entry(shape)?);
    }
    if !index.0.is_empty() {
        return Err(invalid(format!("{} bytes follow the last chunk of its index", index.0.len())));
    }
    Ok(Header { shape, data, dictionary, chunks })
}

/// What is left of bytes that are at hand.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn bytes(&mut self, len: u64) -> io::Result<&'a [u8]> {
        let split = usize::try_from(len).ok().and_then(|len| self.0.split_at_checked(len));
        let Some((taken, rest)) = split else {
            let left = self.0.len();
            return Err(invalid(format!("expected {len} more bytes in its header, found {left}")));
        };
        self.0 = rest;
        Ok(taken)
    }

    fn integer(&mut self) -> io::Result<u64> {
        let mut used = Vec::new();
        read_integer(&mut self.0, &mut used).map_err(|error| match error.kind() {
            // Within the header there is no more to come.
            io::ErrorKind::UnexpectedEof => invalid("a number in its header is cut short".to_owned()),
            _ => error,
        })
    }

    fn sum(&mut self, kind: Kind) -> io::Result<Sum> {
        Ok(Sum { kind, bytes: self.bytes(kind.len() as u64)?.into() })
    }

    fn entry(&mut self, shape: Shape) -> io::Result<IndexEntry> {
        let sum = self.sum(shape.chunk_kind)?;
        let open_sum = if shape.open_sums { Some(self.sum(shape.chunk_kind)?) } else { None };
        let (len, open_len) = (self.chunk_len()?, self.chunk_len()?);
        if (!shape.compressed && len != open_len) || (len == 0) != (open_len == 0) {
            return Err(invalid(format!("a chunk of {len} bytes cannot open to {open_len}")));
        }
        Ok(IndexEntry { sum, open_sum, len, open_len })
    }

    fn chunk_len(&mut self) -> io::Result<usize> {
        let len = self.integer()?;
        let within = usize::try_from(len).ok().filter(|_| len <= MAX_CHUNK);
        within.ok_or_else(|| {
            invalid(format!("a chunk of its index has {len} bytes, more than the limit of {MAX_CHUNK}"))
        })
    }
}

/// A number, seven bits to a byte, lowest first; the last byte has the eighth.
fn read_integer(source: &mut impl Read, used: &mut Vec<u8>) -> io::Result<u64> {
    let mut value = 0_u64;
    for nth in 0..MAX_INTEGER {
        let mut byte = [0];
        source.read_exact(&mut byte)?;
        used.extend(byte);
        let bits = u64::from(byte[0] & 0x7f);
        let shift = 7 * nth;
        if nth == MAX_INTEGER - 1 && bits > 1 {
            break;
        }
        value |= bits << shift;
        if byte[0] & 0x80 != 0 {
            return Ok(value);
        }
    }
    Err(invalid("a number in its header has more than 64 bits".to_owned()))
}

/// Writes a number in as few bytes as it needs.
fn put_integer(into: &mut Vec<u8>, mut value: u64) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            into.push(low | 0x80);
            return;
        }
        into.push(low & 0x7f);
    }
}

/// Reads just so many bytes; memory grows with what is there.
pub(super) fn take(source: &mut impl BufRead, len: u64, into: &mut Vec<u8>) -> io::Result<()> {
    let read = source.take(len).read_to_end(into)?;
    if read as u64 == len { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
