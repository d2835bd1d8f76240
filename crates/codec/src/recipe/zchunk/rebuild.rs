//! Open content in, the publisher's zchunk file out.
//!
//! The header stands in front, and has the checksums of all that follows. So chunks go
//! to a scratch file first, and are copied from there.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::vec::IntoIter;

use super::cuts::{Cutter, PART, Piece};
use super::encoder::Encoder;
use super::old::{ZchunkFile, fits};
use super::primary::PrimaryChunks;
use super::read::ZchunkHeader;
use super::rule::ChunkRule;
use super::{MAX_CHUNK, MAX_CHUNKS};
use crate::Error;
use crate::recipe::{RebuildError, Recipe};
use crate::zchunk::{Header, IndexEntry, Sum, Summing};

/// Bytes that are copied at a time.
const BUFFER: usize = 64 * 1024;

/// Rebuilds a zchunk file of the one before it and the open content, which is written
/// to it.
///
/// Chunks that the old file has are copied; others are compressed. Takes
/// [`Recipe::memory`], what the [`ZchunkFile`] takes, as much for the new index, and with a
/// rule the longest package, at most 16 MiB, or what [`PrimaryChunks`] take.
/// [`ZchunkRebuilder::finish`] must be called at the end. After an error the output is
/// of no use, and every later call fails.
pub struct ZchunkRebuilder<W, F, S> {
    recipe: Recipe,
    out: W,
    old: ZchunkFile<F>,
    scratch: S,
    cuts: Cuts,
    /// Started when the first chunk must be compressed.
    encoder: Option<Encoder>,
    dictionary: Vec<u8>,
    /// Whether chunks of the old file are of use: it has the same dictionary.
    copies: bool,
    header: Header,
    data: Summing,
    copied: usize,
    /// The chunk that is gathered.
    open: Vec<u8>,
    stored: Vec<u8>,
    broken: bool,
}

/// Where chunks begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZchunkCuts {
    /// The open bytes of each chunk, which together have all of the content.
    Lengths(Vec<u32>),
    /// By a rule that does without primary.
    Rule(ChunkRule),
    /// By any rule, with the chunks of the primary of the same repository.
    ByPrimary(ChunkRule, Arc<PrimaryChunks>),
}

/// The same at work.
enum Cuts {
    /// The lengths to come, and what the chunk that is gathered is to have.
    Lengths(IntoIter<u32>, usize),
    Rule(Cutter),
}

/// What came out.
#[derive(Debug)]
#[non_exhaustive]
pub struct ZchunkRebuilt<W> {
    /// The output, not flushed.
    pub out: W,
    /// What repomd.xml has to say of its header.
    pub header: ZchunkHeader,
}

impl Recipe {
    /// Starts to rebuild a zchunk file into `out`: the successor of `old`, with chunks that
    /// begin where `cuts` says.
    ///
    /// `dictionary` is the open dictionary; `None` if it is that of the old file.
    /// `scratch` is an empty file that can be dropped afterwards; it gets the size of the
    /// compressed chunks.
    ///
    /// # Errors
    /// [`RebuildError::Chunks`] for lengths that no file has, or that are beyond a limit:
    /// chunks have at most 10 MiB, and a file at most 2^18 of them; or for a rule that needs
    /// primary, where that is not given.
    pub fn zchunk_rebuilder<W, F, S>(
        self,
        out: W,
        old: ZchunkFile<F>,
        cuts: ZchunkCuts,
        dictionary: Option<Vec<u8>>,
        scratch: S,
    ) -> Result<ZchunkRebuilder<W, F, S>, RebuildError>
    where
        W: Write,
        F: Read + Seek + Send + 'static,
        S: Read + Write + Seek,
    {
        let cuts = match cuts {
            ZchunkCuts::Lengths(lengths) => Cuts::Lengths(self.checked(lengths)?.into_iter(), 0),
            ZchunkCuts::Rule(rule) => Cuts::Rule(self.check_cutter(Cutter::new(rule))?),
            ZchunkCuts::ByPrimary(rule, primary) => {
                Cuts::Rule(self.check_cutter(Cutter::by_primary(rule, primary))?)
            }
        };
        let shape = old.shape;
        let header = Header {
            shape,
            data: Sum::zeros(shape.kind),
            dictionary: old.dictionary_entry.clone(),
            chunks: Vec::new(),
        };
        let changed = dictionary.filter(|dictionary| *dictionary != old.dictionary);
        let mut this = ZchunkRebuilder {
            recipe: self,
            out,
            scratch,
            cuts,
            encoder: None,
            copies: changed.is_none(),
            dictionary: changed.unwrap_or_else(|| old.dictionary.clone()),
            old,
            header,
            data: Summing::new(shape.kind),
            copied: 0,
            open: Vec::new(),
            stored: Vec::new(),
            broken: false,
        };
        this.put_dictionary()?;
        Ok(this)
    }

    fn check_cutter(self, cutter: Cutter) -> Result<Cutter, RebuildError> {
        if cutter.is_complete() {
            return Ok(cutter);
        }
        let what = "the chunks follow those of primary, which is not given".to_owned();
        Err(RebuildError::Chunks { recipe: self, what })
    }

    fn checked(self, lengths: Vec<u32>) -> Result<Vec<u32>, RebuildError> {
        let chunks = |what: String| Err(RebuildError::Chunks { recipe: self, what });
        if lengths.len() > MAX_CHUNKS {
            return chunks(format!("{} chunks are more than the limit of {MAX_CHUNKS}", lengths.len()));
        }
        let bad = |length: &&u32| **length == 0 || !fits(usize::try_from(**length).unwrap_or(usize::MAX));
        match lengths.iter().find(bad) {
            Some(length) => {
                chunks(format!("expected chunks of 1 to {MAX_CHUNK} bytes, found one of {length}"))
            }
            None => Ok(lengths),
        }
    }
}

impl<W, F, S> ZchunkRebuilder<W, F, S>
where
    W: Write,
    F: Read + Seek + Send + 'static,
    S: Read + Write + Seek,
{
    fn put_dictionary(&mut self) -> Result<(), RebuildError> {
        if self.copies {
            self.stored.clone_from(&self.old.dictionary_stored);
        } else {
            self.stored.clear();
            if !self.dictionary.is_empty() {
                let mut encoder = Encoder::start(self.recipe, self.header.shape, &[])?;
                encoder.compress(&self.dictionary, &mut self.stored)?;
            }
            // Writers give the open dictionary the checksum of nothing.
            let mut entry = self.entry(&[]);
            entry.open_len = self.dictionary.len();
            self.header.dictionary = entry;
        }
        self.put_stored()
    }

    /// The entry of a chunk that is stored as `stored` is.
    fn entry(&self, open: &[u8]) -> IndexEntry {
        let shape = self.header.shape;
        let kind = shape.chunk_kind;
        let is_empty = self.stored.is_empty();
        let sum = |bytes| if is_empty { Sum::zeros(kind) } else { Sum::from_content(kind, bytes) };
        IndexEntry {
            sum: sum(&self.stored),
            open_sum: shape.open_sums.then(|| sum(open)),
            len: self.stored.len(),
            open_len: open.len(),
        }
    }

    fn put_stored(&mut self) -> Result<(), RebuildError> {
        self.data.update(&self.stored);
        let written = self.scratch.write_all(&self.stored);
        written.map_err(|reason| RebuildError::Scratch { recipe: self.recipe, reason })
    }

    /// Copies or compresses the chunk that has been gathered.
    fn put_chunk(&mut self) -> Result<(), RebuildError> {
        let unusable = |reason: Error| RebuildError::OldFile { recipe: self.recipe, reason };
        let copied = if self.copies { self.old.chunk(&self.open, &mut self.stored) } else { Ok(None) };
        let entry = if let Some(entry) = copied.map_err(unusable)? {
            self.copied += 1;
            entry.clone()
        } else {
            let encoder = match &mut self.encoder {
                Some(encoder) => encoder,
                encoder => encoder.insert(Encoder::start(self.recipe, self.header.shape, &self.dictionary)?),
            };
            encoder.compress(&self.open, &mut self.stored)?;
            self.entry(&self.open)
        };
        if self.header.chunks.len() == MAX_CHUNKS {
            return self.chunks(&format!("there are more chunks than the limit of {MAX_CHUNKS}"));
        }
        self.header.chunks.push(entry);
        self.open.clear();
        self.put_stored()
    }

    fn chunks(&self, what: &str) -> Result<(), RebuildError> {
        Err(RebuildError::Chunks { recipe: self.recipe, what: what.to_owned() })
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), RebuildError> {
        for part in bytes.chunks(PART) {
            let Cuts::Rule(cutter) = &mut self.cuts else {
                return self.take_by_lengths(bytes);
            };
            if !cutter.push(part) {
                return self.chunks("a package is too long");
            }
            while let Cuts::Rule(cutter) = &mut self.cuts
                && let Some(piece) = cutter.next_piece()
            {
                self.take_piece(&piece)?;
            }
        }
        Ok(())
    }

    fn take_by_lengths(&mut self, mut bytes: &[u8]) -> Result<(), RebuildError> {
        while let Cuts::Lengths(lengths, length) = &mut self.cuts
            && !bytes.is_empty()
        {
            if *length == 0 {
                let Some(next) = lengths.next() else {
                    return self.chunks("the content goes on after the last chunk");
                };
                // At most 10 MiB.
                *length = usize::try_from(next).unwrap_or(MAX_CHUNK);
            }
            let missing = length.saturating_sub(self.open.len());
            let (taken, rest) = bytes.split_at(missing.min(bytes.len()));
            self.open.extend_from_slice(taken);
            bytes = rest;
            if self.open.len() == *length {
                *length = 0;
                self.put_chunk()?;
            }
        }
        Ok(())
    }

    fn take_piece(&mut self, piece: &Piece) -> Result<(), RebuildError> {
        for (ends_before, part) in piece.parts(self.open.len()) {
            if ends_before {
                self.put_chunk()?;
            }
            self.open.extend_from_slice(part);
        }
        Ok(())
    }

    fn end_of_content(&mut self) -> Result<(), RebuildError> {
        match &mut self.cuts {
            Cuts::Lengths(lengths, length) => {
                let is_whole = *length == 0 && lengths.as_slice().is_empty();
                if is_whole { Ok(()) } else { self.chunks("the content ends before the last chunk") }
            }
            Cuts::Rule(cutter) => {
                let last = cutter.finish();
                self.take_piece(&last)?;
                if self.open.is_empty() { Ok(()) } else { self.put_chunk() }
            }
        }
    }

    /// How many chunks were copied so far, and how many were compressed.
    pub fn chunk_counts(&self) -> (usize, usize) {
        (self.copied, self.header.chunks.len() - self.copied)
    }

    /// Writes the file: only now are all checksums of its header known.
    pub fn finish(mut self) -> Result<ZchunkRebuilt<W>, RebuildError> {
        let recipe = self.recipe;
        if self.broken {
            return Err(RebuildError::Encoder { recipe, reason: "it failed before".to_owned() });
        }
        self.end_of_content()?;
        if !self.header.shape.open_sums {
            self.header.data = self.data.finish();
        }
        let (header, checksum) = self.header.to_bytes_and_checksum();
        self.out.write_all(&header).map_err(|reason| RebuildError::Output { recipe, reason })?;
        let scratch = |reason| RebuildError::Scratch { recipe, reason };
        self.scratch.seek(SeekFrom::Start(0)).map_err(scratch)?;
        let mut buffer = vec![0; BUFFER];
        loop {
            let read = match self.scratch.read(&mut buffer) {
                Ok(0) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read.map_err(scratch)?,
            };
            let piece = buffer.get(..read).unwrap_or_default();
            self.out.write_all(piece).map_err(|reason| RebuildError::Output { recipe, reason })?;
        }
        Ok(ZchunkRebuilt {
            out: self.out,
            header: ZchunkHeader { size: header.len() as u64, checksum: checksum.to_digest() },
        })
    }
}

impl<W, F, S> Write for ZchunkRebuilder<W, F, S>
where
    W: Write,
    F: Read + Seek + Send + 'static,
    S: Read + Write + Seek,
{
    /// Takes all of `bytes`. Errors are a [`RebuildError`] inside an [`io::Error`].
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.broken {
            let reason = "it failed before".to_owned();
            return Err(io::Error::other(RebuildError::Encoder { recipe: self.recipe, reason }));
        }
        self.take(bytes).map_err(|error| {
            self.broken = true;
            io::Error::other(error)
        })?;
        Ok(bytes.len())
    }

    /// Does nothing: there is no file before the end.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W, F, S> fmt::Debug for ZchunkRebuilder<W, F, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZchunkRebuilder")
            .field("recipe", &self.recipe)
            .field("chunks", &self.header.chunks.len())
            .finish_non_exhaustive()
    }
}
