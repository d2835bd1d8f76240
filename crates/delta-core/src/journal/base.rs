//! The base, which is wanted twice: what has been read of it last stays in memory,
//! so that a short one is read once and only the beginning of a long one twice.
//!
//! It does not know what is wanted of it.

use std::io::{self, Read};

/// Bytes that are read at a time.
const BLOCK: usize = 128 << 10;

/// Reads a base for the first time.
pub(super) struct First<R> {
    source: R,
    /// The last bytes read, at most `kept`; then the oldest of them are at `oldest`.
    last: Vec<u8>,
    kept: usize,
    oldest: usize,
    read: u64,
}

impl<R: Read> First<R> {
    /// Keeps at least a few bytes.
    pub(super) fn new(source: R, kept: usize) -> Self {
        Self { source, last: Vec::new(), kept: kept.max(BLOCK), oldest: 0, read: 0 }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.read += bytes.len() as u64;
        let (new, mut newer) = bytes.split_at(bytes.len().min(self.kept - self.last.len()));
        self.last.extend_from_slice(new);
        while !newer.is_empty() {
            let place = &mut self.last[self.oldest..];
            let (here, rest) = newer.split_at(newer.len().min(place.len()));
            place[..here.len()].copy_from_slice(here);
            self.oldest = (self.oldest + here.len()) % self.kept;
            newer = rest;
        }
    }

    /// Goes back to the start; `reopen` is called if not all that was read is here.
    pub(super) fn again(self, reopen: impl FnOnce() -> io::Result<R>) -> io::Result<Again<R>> {
        let before = self.read - self.last.len() as u64;
        let start = if before > 0 { Some(reopen()?) } else { None };
        let First { source, last, oldest, .. } = self;
        Ok(Again { start, before, last, oldest, used: 0, rest: source, buffer: vec![0; BLOCK] })
    }
}

impl<R: Read> Read for First<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.keep(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// Reads a base for the second time, from its start to its end.
pub(super) struct Again<R> {
    /// The base once more, for the first bytes of it.
    start: Option<R>,
    /// Bytes of it that are still to come.
    before: u64,
    /// What follows them, as in [`First`], and how much of it is done with.
    last: Vec<u8>,
    oldest: usize,
    used: usize,
    /// What had not been read the first time.
    rest: R,
    buffer: Vec<u8>,
}

impl<R: Read> Again<R> {
    /// The next bytes, at most `most`; none only at the end, or if none are asked
    /// for.
    pub(super) fn next(&mut self, most: u64) -> io::Result<&[u8]> {
        if self.before > 0
            && let Some(start) = &mut self.start
        {
            let read = fill(start, &mut self.buffer, most.min(self.before))?;
            if read == 0 && most > 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.before -= read as u64;
            return Ok(&self.buffer[..read]);
        }
        self.start = None;
        if self.used < self.last.len() {
            let kept = self.last.len();
            let from = (self.oldest + self.used) % kept;
            let until = if from < self.oldest { self.oldest } else { kept };
            let len = (until - from).min(usize::try_from(most).unwrap_or(usize::MAX)).min(BLOCK);
            self.used += len;
            return Ok(&self.last[from..from + len]);
        }
        let read = fill(&mut self.rest, &mut self.buffer, most)?;
        Ok(&self.buffer[..read])
    }
}

/// Reads at most `most` bytes to the start of `buffer`.
fn fill(source: &mut impl Read, buffer: &mut [u8], most: u64) -> io::Result<usize> {
    let most = usize::try_from(most).unwrap_or(usize::MAX).min(buffer.len());
    loop {
        match source.read(&mut buffer[..most]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `len` bytes of a base of `size` bytes, keeps two blocks, and reads it
    /// again in pieces; says how often it was opened once more.
    fn twice(size: usize, len: usize, pieces: u64) -> u32 {
        let base: Vec<u8> = (0_u8..251).cycle().take(size).collect();
        let mut first = First::new(&base[..], 2 * BLOCK);
        let mut read = vec![0; len];
        first.read_exact(&mut read).unwrap();
        assert_eq!(read, base[..len]);

        let mut reopened = 0;
        let mut again = first
            .again(|| {
                reopened += 1;
                Ok(&base[..])
            })
            .unwrap();
        let mut found = Vec::new();
        assert!(again.next(0).unwrap().is_empty());
        loop {
            let next = again.next(pieces).unwrap();
            if next.is_empty() {
                break;
            }
            assert!(next.len() as u64 <= pieces);
            found.extend_from_slice(next);
        }
        assert!(found == base, "{size} bytes, {len} read, {pieces} at a time");
        reopened
    }

    #[test]
    fn what_stays_is_not_read_again() {
        for pieces in [1 << 16, 100_003, u64::MAX] {
            for len in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK] {
                assert_eq!(twice(2 * BLOCK, len, pieces), 0);
                assert_eq!(twice(4 * BLOCK, len, pieces), 0);
            }
            for len in [2 * BLOCK + 1, 3 * BLOCK, 5 * BLOCK - 7, 5 * BLOCK] {
                assert_eq!(twice(5 * BLOCK, len, pieces), 1);
            }
        }
    }

    #[test]
    fn a_base_that_became_shorter_is_an_error() {
        let base = vec![7; 4 * BLOCK];
        let mut first = First::new(&base[..], 2 * BLOCK);
        first.read_exact(&mut vec![0; 4 * BLOCK]).unwrap();
        let mut again = first.again(|| Ok(&base[..100])).unwrap();
        assert_eq!(again.next(u64::MAX).unwrap().len(), 100);
        assert_eq!(again.next(u64::MAX).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
