//! The header of a zchunk file: what it says of the chunks, verified against its
//! own checksum before anything in it is believed. Chunks are not read here.
//!
//! The layout is that of zchunk's format description, version 1.1: a lead, the
//! preface, the index of chunks, and signatures, which are not looked at.

use std::io::{self, BufRead, Read};

use sha1::{Digest as _, Sha1};
use sha2::{Sha256, Sha512};

/// Most bytes of a header behind its lead: some 1.5 million chunks.
const MAX_HEADER: u64 = 64 << 20;
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
pub(super) struct Header {
    /// Of everything after the header.
    pub(super) data: Sum,
    /// Whether chunks are zstd frames; otherwise they are open.
    pub(super) compressed: bool,
    pub(super) dictionary: Entry,
    pub(super) chunks: Vec<Entry>,
}

/// One chunk as the index lists it.
pub(super) struct Entry {
    /// Of the chunk's bytes in the file.
    pub(super) sum: Sum,
    /// Of the open chunk, where the index has it.
    pub(super) open_sum: Option<Sum>,
    /// Bytes in the file, at most 64 MiB.
    pub(super) len: usize,
    /// Open bytes, at most 64 MiB.
    pub(super) open_len: usize,
}

/// How zchunk files hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sha1,
    Sha256,
    Sha512,
    /// The first 128 bits of SHA-512.
    Sha512Short,
}

impl Kind {
    fn of(number: u64) -> io::Result<Self> {
        Ok(match number {
            0 => Self::Sha1,
            1 => Self::Sha256,
            2 => Self::Sha512,
            3 => Self::Sha512Short,
            other => return Err(invalid(format!("expected a checksum type of 0 to 3, found {other}"))),
        })
    }

    fn len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
            Self::Sha512Short => 16,
        }
    }
}

/// A checksum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) kind: Kind,
    bytes: Vec<u8>,
}

/// Computes a [`Sum`].
pub(super) enum Summing {
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Sha512, Kind),
}

impl Summing {
    pub(super) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Sha1 => Self::Sha1(Sha1::new()),
            Kind::Sha256 => Self::Sha256(Sha256::new()),
            Kind::Sha512 | Kind::Sha512Short => Self::Sha512(Sha512::new(), kind),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha512(hasher, _) => hasher.update(bytes),
        }
    }

    pub(super) fn finish(self) -> Sum {
        match self {
            Self::Sha1(hasher) => Sum { kind: Kind::Sha1, bytes: hasher.finalize().to_vec() },
            Self::Sha256(hasher) => Sum { kind: Kind::Sha256, bytes: hasher.finalize().to_vec() },
            Self::Sha512(hasher, kind) => {
                let mut bytes = hasher.finalize().to_vec();
                bytes.truncate(kind.len());
                Sum { kind, bytes }
            }
        }
    }
}

impl Sum {
    pub(super) fn holds(&self, bytes: &[u8]) -> bool {
        let mut summing = Summing::new(self.kind);
        summing.update(bytes);
        summing.finish() == *self
    }
}

/// Reads a header and verifies it; the source is then at the first chunk.
pub(super) fn read(source: &mut impl BufRead) -> io::Result<Header> {
    let mut lead = Vec::new();
    take(source, ID.len() as u64, &mut lead)?;
    if lead != ID {
        return Err(invalid("expected the start of a zchunk file".to_owned()));
    }
    let kind = Kind::of(integer_of(source, &mut lead)?)?;
    let size = integer_of(source, &mut lead)?;
    if size > MAX_HEADER {
        return Err(invalid(format!("its header has {size} bytes, more than the limit of {MAX_HEADER}")));
    }
    let mut bytes = Vec::new();
    take(source, kind.len() as u64, &mut bytes)?;
    let expected = Sum { kind, bytes };
    let mut header = Vec::new();
    take(source, size, &mut header)?;
    let mut summing = Summing::new(kind);
    summing.update(&lead);
    summing.update(&header);
    if summing.finish() != expected {
        return Err(invalid("its header does not have the checksum that it says".to_owned()));
    }
    parse(&mut Cursor(&header), kind)
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
    let chunk_kind = Kind::of(index.integer()?)?;
    let count = index.integer()?;
    let open_sums = flags & OPEN_CHECKSUMS != 0;
    if count == 0 {
        return Err(invalid("expected a place for a dictionary in its index, found none".to_owned()));
    }
    let dictionary = index.entry(chunk_kind, open_sums, compressed)?;
    if dictionary.open_len as u64 > MAX_DICTIONARY {
        let found = dictionary.open_len;
        return Err(invalid(format!(
            "its dictionary has {found} bytes, more than the limit of {MAX_DICTIONARY}"
        )));
    }
    let mut chunks = Vec::new();
    for _ in 1..count {
        chunks.push(index.entry(chunk_kind, open_sums, compressed)?);
    }
    if !index.0.is_empty() {
        return Err(invalid(format!("{} bytes follow the last chunk of its index", index.0.len())));
    }
    Ok(Header { data, compressed, dictionary, chunks })
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
        integer_of(&mut self.0, &mut used).map_err(|error| match error.kind() {
            // Within the header there is no more to come.
            io::ErrorKind::UnexpectedEof => invalid("a number in its header is cut short".to_owned()),
            _ => error,
        })
    }

    fn sum(&mut self, kind: Kind) -> io::Result<Sum> {
        Ok(Sum { kind, bytes: self.bytes(kind.len() as u64)?.to_vec() })
    }

    fn entry(&mut self, kind: Kind, open_sums: bool, compressed: bool) -> io::Result<Entry> {
        let sum = self.sum(kind)?;
        let open_sum = if open_sums { Some(self.sum(kind)?) } else { None };
        let (len, open_len) = (self.chunk_len()?, self.chunk_len()?);
        if (!compressed && len != open_len) || (len == 0) != (open_len == 0) {
            return Err(invalid(format!("a chunk of {len} bytes cannot open to {open_len}")));
        }
        Ok(Entry { sum, open_sum, len, open_len })
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
fn integer_of(source: &mut impl Read, used: &mut Vec<u8>) -> io::Result<u64> {
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

/// Reads just so many bytes; memory grows with what is there.
pub(super) fn take(source: &mut impl BufRead, len: u64, into: &mut Vec<u8>) -> io::Result<()> {
    let read = source.take(len).read_to_end(into)?;
    if read as u64 == len { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

pub(super) fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
