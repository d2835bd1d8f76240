//! Deciding, for each chunk of the new version, between a reference (and how
//! long a prefix it needs) and a literal; and writing the decisions down as
//! tokens. Which chunks can be references at all is [`Matcher`]'s business, and
//! [`check`] proves what was written.

mod check;
mod matching;

use std::io::{self, Write};

use crate::chunk::{ChunkId, ChunkTable, Symbol};
pub use crate::error::{CheckError, PlanError, WriteError};
pub use check::check;
pub use matching::{Kept, Matcher};

/// How one chunk of the new version is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlannedChunk {
    /// As literal bytes.
    Literal,
    /// As a reference with a prefix of so many hexadecimal digits, 0 to 40.
    Reference(u8),
}

/// One delta, decided but not written: a step for each chunk of the new version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    steps: Vec<PlannedChunk>,
}

impl Plan {
    /// Decides the prefixes of a delta that refers to the chunks of `kept` and
    /// serves every one of `olds` (format 1, section 4).
    ///
    /// A decoder takes the first chunk, from its position on, that matches the
    /// prefix. So the positions in each old version are those of the earliest
    /// embedding, and a prefix is one digit longer than the longest that it
    /// shares with a chunk passed over in any version; where none is passed
    /// over it is empty.
    ///
    /// Takes time proportional to the chunks of all the versions together.
    ///
    /// # Errors
    /// [`PlanError::NotCommon`] when `kept` is not a common subsequence.
    pub fn new(
        table: &ChunkTable,
        new: &[Symbol],
        kept: &Kept,
        olds: &[&[Symbol]],
    ) -> Result<Self, PlanError> {
        let mut digits = vec![0_u8; kept.len()];
        for (version, old) in olds.iter().enumerate() {
            let mut rest = old.iter();
            for (need, position) in digits.iter_mut().zip(kept.positions()) {
                let wanted = new[position];
                let id = table.id(wanted);
                loop {
                    let Some(&candidate) = rest.next() else {
                        return Err(PlanError::NotCommon { position, version });
                    };
                    if candidate == wanted {
                        break;
                    }
                    *need = (*need).max(distinguishing(id, table.id(candidate)));
                }
            }
        }
        let mut steps = vec![PlannedChunk::Literal; new.len()];
        for (position, digits) in kept.positions().zip(digits) {
            steps[position] = PlannedChunk::Reference(digits);
        }
        Ok(Self { steps })
    }

    /// The steps, one for each chunk of the new version.
    #[must_use]
    pub fn steps(&self) -> &[PlannedChunk] {
        &self.steps
    }

    /// Bytes of literals, all together.
    #[must_use]
    pub fn literal_bytes(&self, table: &ChunkTable, new: &[Symbol]) -> u64 {
        let literal = |(step, symbol): (&PlannedChunk, &Symbol)| match step {
            PlannedChunk::Literal => table.chunk_len(*symbol),
            PlannedChunk::Reference(_) => 0,
        };
        self.steps.iter().zip(new).map(literal).sum()
    }

    /// Writes the tokens of this plan to `out` (format 1, section 3).
    ///
    /// `chunk(position, symbol, out)` is called for the literal chunks, in order
    /// of position, and must write just the bytes of that chunk. Adjacent
    /// literals become one token.
    ///
    /// # Errors
    /// [`WriteError`]; what has been written by then is no delta.
    pub fn write<W: Write>(
        &self,
        table: &ChunkTable,
        new: &[Symbol],
        out: &mut W,
        mut chunk: impl FnMut(usize, Symbol, &mut dyn Write) -> io::Result<()>,
    ) -> Result<(), WriteError> {
        let output = |source| WriteError::Output { source };
        let mut at = 0;
        while at < self.steps.len() {
            match self.steps[at] {
                PlannedChunk::Reference(digits) => {
                    let mut token = [0; ChunkId::DIGITS + 1];
                    let mut len = 0;
                    for digit in table.id(new[at]).prefix(usize::from(digits)) {
                        token[len] = digit;
                        len += 1;
                    }
                    token[len] = b'\n';
                    out.write_all(&token[..=len]).map_err(output)?;
                    at += 1;
                }
                PlannedChunk::Literal => {
                    let run = self.steps[at..].iter().take_while(|s| **s == PlannedChunk::Literal).count();
                    let run = at..at + run;
                    writeln!(out, "+{}", table.total_len(&new[run.clone()])).map_err(output)?;
                    for position in run.clone() {
                        write_chunk(table, new[position], position, out, &mut chunk)?;
                    }
                    at = run.end;
                }
            }
        }
        Ok(())
    }
}

/// The shortest prefix, in digits, that selects `wanted` and not `other`.
#[allow(clippy::cast_possible_truncation, reason = "at most 40")]
fn distinguishing(wanted: &ChunkId, other: &ChunkId) -> u8 {
    (wanted.common_digits(other) + 1).min(ChunkId::DIGITS) as u8
}

fn write_chunk<W: Write>(
    table: &ChunkTable,
    symbol: Symbol,
    position: usize,
    out: &mut W,
    chunk: &mut impl FnMut(usize, Symbol, &mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    let mut counted = Counted { out, written: 0, failed: None };
    let result = chunk(position, symbol, &mut counted);
    if let Some(source) = counted.failed {
        return Err(WriteError::Output { source });
    }
    result.map_err(|source| WriteError::Chunk { position, source })?;
    let (expected, found) = (table.chunk_len(symbol), counted.written);
    if found == expected { Ok(()) } else { Err(WriteError::ChunkLen { position, expected, found }) }
}

/// Counts what a source of chunks writes, and keeps the output's own failures
/// apart from the source's.
struct Counted<'a, W> {
    out: &'a mut W,
    written: u64,
    failed: Option<io::Error>,
}

impl<W: Write> Write for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.out.write(bytes) {
            Ok(n) => {
                self.written += n as u64;
                Ok(n)
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => Err(e),
            Err(e) => {
                self.failed = Some(e);
                Err(io::Error::other("the output failed"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
