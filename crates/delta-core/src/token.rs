//! Reading the token stream of a delta (format 1, section 3). Writing
//! it is [`Plan::write`](crate::plan::Plan::write); what a token means to an old file
//! is [`apply`](crate::apply)'s business.

use std::io::{self, Read};

use crate::ApplyError;
use crate::chunk::ChunkId;

/// Most digits of a literal's size.
const MAX_SIZE_DIGITS: usize = 19;
/// How much of a malformed token an error quotes.
const QUOTED: usize = 48;

/// One token of a delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// So many literal bytes follow, to be read with [`TokenReader::literal`].
    Literal(u64),
    /// The next chunk of the old file whose identifier has this prefix.
    Chunk(Prefix),
}

/// A prefix of a chunk identifier: 0 to 40 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    digits: [u8; ChunkId::DIGITS],
    len: u8,
}

impl Prefix {
    /// The digits, as ASCII.
    #[must_use]
    pub fn digits(&self) -> &[u8] {
        &self.digits[..usize::from(self.len)]
    }

    /// Whether this is the empty prefix, which every chunk has.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl std::fmt::Debug for Prefix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.digits()))
    }
}

/// The tokens of an open delta, one after another.
#[derive(Debug)]
pub struct TokenReader<R> {
    source: R,
    buf: Vec<u8>,
    pos: usize,
    filled: usize,
    offset: u64,
    token_at: u64,
    literal: u64,
    literal_left: u64,
}

impl<R: Read> TokenReader<R> {
    /// Tokens of `delta`, which must be open (not compressed).
    pub fn new(delta: R) -> Self {
        Self {
            source: delta,
            buf: vec![0; 64 << 10],
            pos: 0,
            filled: 0,
            offset: 0,
            token_at: 0,
            literal: 0,
            literal_left: 0,
        }
    }

    /// Where the token last read begins, in bytes of the open delta.
    #[must_use]
    pub fn token_offset(&self) -> u64 {
        self.token_at
    }

    /// The next token, or `None` at the end. Literal bytes that were not read
    /// are passed over.
    ///
    /// # Errors
    /// [`ApplyError::Token`], [`ApplyError::LiteralCutShort`] or [`ApplyError::ReadDelta`].
    pub fn next_token(&mut self) -> Result<Option<Token>, ApplyError> {
        while self.literal()?.is_some() {}
        self.token_at = self.offset;
        let mut text = [0; ChunkId::DIGITS];
        let mut len = 0;
        loop {
            let Some(byte) = self.byte()? else {
                if len == 0 {
                    return Ok(None);
                }
                return Err(self.malformed("a line end after the token", &text[..len]));
            };
            if byte == b'\n' {
                break;
            }
            if len == text.len() {
                return Err(self.malformed("at most 40 digits", &text[..len]));
            }
            text[len] = byte;
            len += 1;
        }
        self.parse(text, len).map(Some)
    }

    #[allow(clippy::cast_possible_truncation, reason = "`len` is at most 40")]
    fn parse(&mut self, digits: [u8; ChunkId::DIGITS], len: usize) -> Result<Token, ApplyError> {
        let text = &digits[..len];
        if let Some(size) = text.strip_prefix(b"+") {
            if size.is_empty() || size.len() > MAX_SIZE_DIGITS || !size.iter().all(u8::is_ascii_digit) {
                return Err(self.malformed("`+` and a decimal size of 1 to 19 digits", text));
            }
            let size = size.iter().fold(0, |n, digit| n * 10 + u64::from(digit - b'0'));
            self.literal = size;
            self.literal_left = size;
            return Ok(Token::Literal(size));
        }
        if !text.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(self.malformed("lower-case hexadecimal digits or `+` and a size", text));
        }
        Ok(Token::Chunk(Prefix { digits, len: len as u8 }))
    }

    /// The next block of the current literal's bytes, or `None` when it is
    /// complete. A block is never empty.
    ///
    /// # Errors
    /// [`ApplyError::LiteralCutShort`] or [`ApplyError::ReadDelta`].
    pub fn literal(&mut self) -> Result<Option<&[u8]>, ApplyError> {
        self.literal_upto(u64::MAX)
    }

    /// Like [`literal`](Self::literal), at most `max` bytes.
    pub(crate) fn literal_upto(&mut self, max: u64) -> Result<Option<&[u8]>, ApplyError> {
        if self.literal_left == 0 || max == 0 {
            return Ok(None);
        }
        if self.buffered().is_empty() && !self.fill()? {
            return Err(ApplyError::LiteralCutShort {
                offset: self.token_at,
                expected: self.literal,
                found: self.literal - self.literal_left,
            });
        }
        let available = self.buffered().len();
        let take = usize::try_from(self.literal_left.min(max)).map_or(available, |n| n.min(available));
        let from = self.pos;
        self.pos += take;
        self.offset += take as u64;
        self.literal_left -= take as u64;
        Ok(Some(&self.buf[from..from + take]))
    }

    fn byte(&mut self) -> Result<Option<u8>, ApplyError> {
        if self.buffered().is_empty() && !self.fill()? {
            return Ok(None);
        }
        let byte = self.buf[self.pos];
        self.pos += 1;
        self.offset += 1;
        Ok(Some(byte))
    }

    fn buffered(&self) -> &[u8] {
        &self.buf[self.pos..self.filled]
    }

    /// Reads a block into the used-up buffer; false at the end of the delta.
    fn fill(&mut self) -> Result<bool, ApplyError> {
        loop {
            match self.source.read(&mut self.buf) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(ApplyError::ReadDelta { offset: self.offset, source }),
                Ok(read) => {
                    self.pos = 0;
                    self.filled = read;
                    return Ok(read > 0);
                }
            }
        }
    }

    fn malformed(&self, expected: &'static str, text: &[u8]) -> ApplyError {
        let found = text[..text.len().min(QUOTED)].escape_ascii().to_string();
        ApplyError::Token { offset: self.token_at, expected, found }
    }
}
