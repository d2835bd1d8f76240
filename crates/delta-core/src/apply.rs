//! Playing a delta against an old file. Nothing written may be believed before
//! the caller has compared it with the digest of the target.

use std::io::{Read, Write};

use crate::chunk::{ChunkId, Chunker};
use crate::token::{Prefix, Token, TokenReader};
use crate::{ApplyError, Limits, Rule};

/// What applying a delta did, in bytes and tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Applied {
    /// Bytes written in all.
    pub output_bytes: u64,
    /// Bytes of them that came from literals.
    pub literal_bytes: u64,
    /// Chunks copied from the old file.
    pub copied_chunks: u64,
    /// Chunks of the old file passed over; those after the last reference do not count.
    pub skipped_chunks: u64,
}

/// Writes to `out` what the open `delta` makes of the open `old` file
/// (format 1, sections 3 and 4).
///
/// All three are streams; memory stays near the longest chunk of `old`. Reads
/// `old` only as far as the last reference goes.
///
/// # Errors
/// See [`ApplyError`]. What has been written by then is worthless. A delta for
/// another old version may well be played without an error: the caller must
/// compare the digest of the output with that of the target.
pub fn apply(
    rule: Rule,
    old: impl Read,
    delta: impl Read,
    out: impl Write,
    limits: &Limits,
) -> Result<Applied, ApplyError> {
    let mut player = Player {
        old: Chunker::new(old, rule, limits),
        out,
        max_output: limits.max_output,
        applied: Applied::default(),
    };
    let mut tokens = TokenReader::new(delta);
    while let Some(token) = tokens.next_token()? {
        match token {
            Token::Literal(size) => player.literal(size, &mut tokens)?,
            Token::Chunk(prefix) => player.copy(&prefix, tokens.token_offset())?,
        }
    }
    player
        .out
        .flush()
        .map_err(|source| ApplyError::Output { offset: player.applied.output_bytes, source })?;
    Ok(player.applied)
}

struct Player<O, W> {
    old: Chunker<O>,
    out: W,
    max_output: u64,
    applied: Applied,
}

impl<O: Read, W: Write> Player<O, W> {
    fn literal<D: Read>(&mut self, size: u64, tokens: &mut TokenReader<D>) -> Result<(), ApplyError> {
        if size > self.max_output - self.applied.output_bytes {
            return Err(ApplyError::OutputTooLarge { offset: tokens.token_offset(), max: self.max_output });
        }
        while let Some(block) = tokens.literal()? {
            write(&mut self.out, &mut self.applied, block)?;
            self.applied.literal_bytes += block.len() as u64;
        }
        Ok(())
    }

    fn copy(&mut self, prefix: &Prefix, offset: u64) -> Result<(), ApplyError> {
        let old_offset = self.old.offset();
        loop {
            let chunk = self.old.next_chunk().map_err(|source| ApplyError::Old { source })?;
            let Some(chunk) = chunk else {
                let prefix = String::from_utf8_lossy(prefix.digits()).into_owned();
                return Err(ApplyError::NoSuchChunk { offset, prefix, old_offset });
            };
            if prefix.is_empty() || ChunkId::hash(chunk).starts_with(prefix.digits()) {
                if chunk.len() as u64 > self.max_output - self.applied.output_bytes {
                    return Err(ApplyError::OutputTooLarge { offset, max: self.max_output });
                }
                self.applied.copied_chunks += 1;
                return write(&mut self.out, &mut self.applied, chunk);
            }
            self.applied.skipped_chunks += 1;
        }
    }
}

fn write(out: &mut impl Write, applied: &mut Applied, bytes: &[u8]) -> Result<(), ApplyError> {
    out.write_all(bytes).map_err(|source| ApplyError::Output { offset: applied.output_bytes, source })?;
    applied.output_bytes += bytes.len() as u64;
    Ok(())
}
