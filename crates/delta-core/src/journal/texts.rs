//! The text of the chunks that an application needs more than once: those of the
//! base that are in a dictionary, and all that were inserted. A few MiB of it
//! are in memory, the rest in a scratch file that the caller gives.

use std::io::{self, Read, Seek, SeekFrom, Write};

use super::compose::{ENDLESS, Piece, Source};

/// Bytes that are kept in memory.
const IN_MEMORY: usize = 16 << 20;
/// Bytes that are collected before they are written.
const BATCH: usize = 256 << 10;

/// Chunks with their text.
pub(super) struct Texts<S> {
    scratch: S,
    memory: Vec<u8>,
    /// What is to be written to the scratch file next.
    batch: Vec<u8>,
    /// Bytes in the scratch file.
    spilled: u64,
    /// The numbers of the chunks of the base that are here, ascending.
    ranges: Vec<(u64, usize)>,
    /// Where the chunks of the base end, in the order of `ranges`.
    base: Vec<u64>,
    /// Where the inserted chunks begin, and where each of them ends.
    inserted_from: u64,
    inserted: Vec<u64>,
}

impl<S: Read + Write + Seek> Texts<S> {
    pub(super) fn new(scratch: S) -> Self {
        Self {
            scratch,
            memory: Vec::new(),
            batch: Vec::new(),
            spilled: 0,
            ranges: Vec::new(),
            base: Vec::new(),
            inserted_from: 0,
            inserted: Vec::new(),
        }
    }

    /// Bytes that are here.
    fn len(&self) -> u64 {
        self.memory.len() as u64 + self.spilled + self.batch.len() as u64
    }

    /// Adds a chunk of the base; they come in ascending order.
    pub(super) fn add_base(&mut self, number: u64, text: &[u8]) -> io::Result<()> {
        let follows =
            self.ranges.last().is_some_and(|(first, at)| number == first + (self.base.len() - at) as u64);
        if !follows {
            self.ranges.push((number, self.base.len()));
        }
        self.put(text)?;
        self.base.push(self.len());
        self.inserted_from = self.len();
        Ok(())
    }

    /// Adds the chunks of an inserted text, by their ends; no more of the base
    /// come after.
    pub(super) fn add_inserted(&mut self, text: &[u8], ends: &[usize]) -> io::Result<()> {
        let start = self.len();
        self.put(text)?;
        self.inserted.extend(ends.iter().map(|end| start + *end as u64));
        Ok(())
    }

    fn put(&mut self, text: &[u8]) -> io::Result<()> {
        if self.spilled == 0 && self.batch.is_empty() && self.memory.len() + text.len() <= IN_MEMORY {
            self.memory.extend_from_slice(text);
            return Ok(());
        }
        self.batch.extend_from_slice(text);
        if self.batch.len() >= BATCH { self.write_batch() } else { Ok(()) }
    }

    fn write_batch(&mut self) -> io::Result<()> {
        self.scratch.seek(SeekFrom::Start(self.spilled))?;
        self.scratch.write_all(&self.batch)?;
        self.spilled += self.batch.len() as u64;
        self.batch.clear();
        Ok(())
    }

    /// How many bytes the chunks of a piece have; nothing where they are not here.
    pub(super) fn bytes_of(&self, piece: &Piece) -> Option<u64> {
        self.place(piece).map(|(start, end)| end - start)
    }

    /// Where the chunks of a piece are.
    fn place(&self, piece: &Piece) -> Option<(u64, u64)> {
        let (first, count) = (piece.chunks.start, piece.chunks.end - piece.chunks.start);
        if count > ENDLESS / 2 {
            return None;
        }
        let (ends, first, floor) = match piece.from {
            Source::Inserted => (&self.inserted, usize::try_from(first).ok()?, self.inserted_from),
            Source::Base => {
                let at = self.ranges.partition_point(|(start, _)| *start <= first).checked_sub(1)?;
                let (start, index) = self.ranges[at];
                let until = self.ranges.get(at + 1).map_or(self.base.len(), |(_, index)| *index);
                let first = index + usize::try_from(first - start).ok()?;
                if first + usize::try_from(count).ok()? > until {
                    return None;
                }
                (&self.base, first, 0)
            }
        };
        let last = first.checked_add(usize::try_from(count).ok()?)?.checked_sub(1)?;
        let start = first.checked_sub(1).map_or(Some(floor), |before| ends.get(before).copied())?;
        Some((start, *ends.get(last)?))
    }

    /// Appends the text of a piece, which is here, to `out`.
    pub(super) fn read(&mut self, piece: &Piece, out: &mut impl Write) -> io::Result<()> {
        let Some((mut start, end)) = self.place(piece) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let in_memory = self.memory.len() as u64;
        if start < in_memory {
            let until = end.min(in_memory);
            out.write_all(&self.memory[index(start)..index(until)])?;
            start = until;
        }
        if start < end {
            if !self.batch.is_empty() {
                self.write_batch()?;
            }
            self.scratch.seek(SeekFrom::Start(start - in_memory))?;
            let copied = io::copy(&mut Read::by_ref(&mut self.scratch).take(end - start), out)?;
            if copied < end - start {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }
}

/// A position in `memory`.
#[allow(clippy::cast_possible_truncation, reason = "at most the length of a vector")]
fn index(position: u64) -> usize {
    position as usize
}
