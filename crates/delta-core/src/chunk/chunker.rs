//! Cutting a stream into chunks by a [`Rule`], holding little more than one
//! chunk at a time. It does not hash: see [`ChunkId::hash`](crate::chunk::ChunkId::hash).

use std::collections::VecDeque;
use std::io::{self, Read};

use memchr::memmem;

use crate::chunk::ChunkError;
use crate::{Limits, Rule};

/// What ends the last package of a file, and much else: the last one is the footer.
const CLOSE: &[u8] = b"</";
/// How much is asked of the source at once.
const BLOCK: usize = 128 << 10;

/// The chunks of a stream, one after another (format 1, section 1).
///
/// Concatenated, the chunks are the stream, for any bytes; no chunk is empty.
///
/// Which `</` is the last one is known only at the end, so the most recent
/// chunk with a `</` in it is held back, with all that follow it, until a later
/// chunk has one too. In real metadata that is one package; a stream that makes
/// it more than twice [`Limits::max_chunk`] is refused.
///
/// ```
/// use delta_core::chunk::Chunker;
/// use delta_core::{Limits, Rule};
///
/// let rule = Rule::for_type("other").expect("a known type");
/// let mut chunks = Chunker::new(&b"<otherdata>\n<package x/>\n</otherdata>"[..], rule, &Limits::default());
/// assert_eq!(chunks.next_chunk()?, Some(&b"<otherdata>\n"[..]));
/// assert_eq!(chunks.next_chunk()?, Some(&b"<package x/>\n"[..]));
/// assert_eq!(chunks.next_chunk()?, Some(&b"</otherdata>"[..]));
/// assert_eq!(chunks.next_chunk()?, None);
/// # Ok::<(), delta_core::chunk::ChunkError>(())
/// ```
#[derive(Debug)]
pub struct Chunker<R> {
    source: R,
    rule: Rule,
    finders: Vec<memmem::Finder<'static>>,
    max_chunk: usize,
    /// Bytes of the stream from `base` on.
    buf: Vec<u8>,
    base: u64,
    /// Where the next chunk to give out begins.
    start: u64,
    /// Ends of chunks that may be given out.
    released: VecDeque<u64>,
    /// Ends of the chunks that may yet be cut by the footer, or follow one that may.
    pending: VecDeque<u64>,
    /// Where the first pending chunk begins.
    pending_from: u64,
    /// Where the chunk that is being read begins.
    open: u64,
    /// Every marker that begins before is known.
    scanned: u64,
    /// Where markers begin, to put those of several finders in order.
    found: Vec<u64>,
    ended: bool,
}

impl<R: Read> Chunker<R> {
    /// Chunks of `source`, which is read in blocks of 128 KiB.
    pub fn new(source: R, rule: Rule, limits: &Limits) -> Self {
        Self {
            source,
            rule,
            finders: rule.markers().iter().map(memmem::Finder::new).collect(),
            max_chunk: limits.max_chunk,
            buf: Vec::new(),
            base: 0,
            start: 0,
            released: VecDeque::new(),
            pending: VecDeque::new(),
            pending_from: 0,
            open: 0,
            scanned: 0,
            found: Vec::new(),
            ended: false,
        }
    }

    /// Where the chunk that comes next begins, in bytes from the start of the stream.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.start
    }

    /// The next chunk, or `None` at the end.
    ///
    /// # Errors
    /// When the source fails, or a chunk is longer than [`Limits::max_chunk`].
    pub fn next_chunk(&mut self) -> Result<Option<&[u8]>, ChunkError> {
        while self.released.is_empty() && !self.ended {
            self.read_block()?;
        }
        let Some(end) = self.released.pop_front() else { return Ok(None) };
        let range = self.at(self.start)..self.at(end);
        self.start = end;
        Ok(Some(&self.buf[range]))
    }

    /// The source, to finish what it has to finish (a digest, say). Bytes that
    /// were read ahead are lost.
    pub fn into_source(self) -> R {
        self.source
    }

    /// Index in `buf` of a position in the stream that is still held.
    #[allow(clippy::cast_possible_truncation, reason = "a distance within `buf`")]
    fn at(&self, position: u64) -> usize {
        (position - self.base) as usize
    }

    fn end(&self) -> u64 {
        self.base + self.buf.len() as u64
    }

    fn read_block(&mut self) -> Result<(), ChunkError> {
        let used = self.at(self.start);
        if used > 0 && (used >= self.buf.len() / 2 || self.buf.len() + BLOCK > self.buf.capacity()) {
            self.buf.drain(..used);
            self.base = self.start;
        }
        let filled = self.buf.len();
        self.buf.resize(filled + BLOCK, 0);
        let got = loop {
            match self.source.read(&mut self.buf[filled..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buf.truncate(filled + got.as_ref().map_or(0, |n| *n));
        let got = got.map_err(|source| ChunkError::Read { offset: self.end(), source })?;
        if got == 0 { self.finish() } else { self.scan() }
    }

    /// Finds the chunks that the bytes read so far complete.
    fn scan(&mut self) -> Result<(), ChunkError> {
        let longest = self.rule.markers().iter().map(|marker| marker.len()).max().unwrap_or(1);
        self.scan_to(self.end().saturating_sub(longest as u64 - 1))?;
        // A chunk may end where a marker has been read in part only; so that the
        // size of blocks decides nothing, count what it certainly has.
        self.check_len(self.open, self.scanned.max(self.open), self.max_chunk)
    }

    /// Cuts at the markers that begin before `limit` and have been read whole.
    fn scan_to(&mut self, limit: u64) -> Result<(), ChunkError> {
        if limit <= self.scanned {
            return Ok(());
        }
        let (first, last) = (self.at(self.scanned), self.at(limit));
        let mut found = std::mem::take(&mut self.found);
        for finder in &self.finders {
            let end = self.buf.len().min(last + finder.needle().len() - 1);
            let mut from = first;
            while let Some(at) = self.buf.get(from..end).and_then(|rest| finder.find(rest)) {
                found.push(self.base + (from + at) as u64);
                // Markers may share a line end.
                from += at + 1;
            }
        }
        if self.finders.len() > 1 {
            found.sort_unstable();
        }
        self.scanned = limit;
        let mut result = Ok(());
        for marker in found.drain(..) {
            let cut = marker + self.rule.begins() as u64;
            if cut > self.open && result.is_ok() {
                result = self.complete(cut);
            }
        }
        self.found = found;
        result
    }

    fn check_len(&self, from: u64, to: u64, max: usize) -> Result<(), ChunkError> {
        if to - from > max as u64 {
            return Err(ChunkError::TooLong { offset: from, max: self.max_chunk });
        }
        Ok(())
    }

    /// Takes note of a chunk from `open` to `end`, with more of the stream to come.
    fn complete(&mut self, end: u64) -> Result<(), ChunkError> {
        self.check_len(self.open, end, self.max_chunk)?;
        if self.rule.cuts_footer() && self.last_close(self.open, end).is_some() {
            self.released.append(&mut self.pending);
            self.pending_from = self.open;
            self.pending.push_back(end);
        } else if self.pending.is_empty() {
            self.released.push_back(end);
        } else {
            self.check_len(self.pending_from, end, self.max_chunk.saturating_mul(2))?;
            self.pending.push_back(end);
        }
        self.open = end;
        Ok(())
    }

    /// The end of the stream: cuts the footer and lets everything go.
    fn finish(&mut self) -> Result<(), ChunkError> {
        self.ended = true;
        let end = self.end();
        self.scan_to(end)?;
        self.check_len(self.open, end, self.max_chunk)?;
        let mut footer = None;
        if self.rule.cuts_footer() {
            footer = self.last_close(self.open, end);
            if footer.is_none()
                && let Some(&pending_end) = self.pending.front()
            {
                footer = self.last_close(self.pending_from, pending_end);
            }
        }
        if end > self.open {
            self.pending.push_back(end);
        }
        for end in self.pending.drain(..) {
            let from = self.released.back().copied().unwrap_or(self.start);
            if let Some(cut) = footer
                && from < cut
                && cut < end
            {
                self.released.push_back(cut);
            }
            self.released.push_back(end);
        }
        Ok(())
    }

    fn last_close(&self, from: u64, to: u64) -> Option<u64> {
        memmem::rfind(&self.buf[self.at(from)..self.at(to)], CLOSE).map(|at| from + at as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source that gives `step` bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(self.0.len()).min(buf.len());
            buf[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    fn cut(data: &[u8], rule: Rule, step: usize) -> Vec<Vec<u8>> {
        let mut chunker = Chunker::new(Slow(data, step), rule, &Limits::default());
        let mut chunks = Vec::new();
        while let Some(chunk) = chunker.next_chunk().unwrap() {
            assert!(!chunk.is_empty());
            chunks.push(chunk.to_vec());
        }
        chunks
    }

    /// The rule said once more, as plainly as possible.
    fn cut_plainly(data: &[u8], rule: Rule) -> Vec<Vec<u8>> {
        let begins = |at: &usize| rule.markers().iter().any(|marker| data[*at..].starts_with(marker));
        let mut cuts: Vec<usize> = (0..data.len()).filter(begins).map(|at| at + rule.begins()).collect();
        if rule.cuts_footer() {
            cuts.extend(memmem::rfind(data, b"</"));
        }
        cuts.extend([0, data.len()]);
        cuts.sort_unstable();
        cuts.dedup();
        cuts.windows(2).map(|w| data[w[0]..w[1]].to_vec()).collect()
    }

    #[test]
    fn every_block_size_cuts_alike() {
        let cases: &[&[u8]] = &[
            b"",
            b"x",
            b"<package ",
            b"</",
            b"<?xml?>\n<metadata>\n<package a></package>\n<package b></package>\n</metadata>",
            b"<metadata><package a/><package b/></metadata>\n",
            b"<metadata></a><package a/><package b/><package c/>",
            b"<package a></package><package b/><package <package ",
            b"<m></m><package a><package b></x> tail</",
            b"no packages, no closing tag",
            b"<<package <package<package </<package ",
            b"<updates>\n<update a></update><update b/><update ></updates>",
            b"<comps><group></group><category/><category></category><environment><group><langpacks></comps>\n",
            b"<components version='1'><component type='a'/><component><application></components>",
            b"<m><newpackage a/><newpackage b/><patch c/></m>",
            b"---\na: 1\n...\n---\nb\n--- # c\n---\r\nd\n----\n---x\n---\n---\n---",
            b"\n---\n---\n--- \n---\r\n---\n",
            b"\n\n\na\nb",
            b"a\r\nb\r\n",
        ];
        for rule in Rule::all() {
            for case in cases {
                for step in 1..14 {
                    assert_eq!(
                        cut(case, rule, step),
                        cut_plainly(case, rule),
                        "{:?} as {} by {step}",
                        String::from_utf8_lossy(case),
                        rule.name()
                    );
                }
            }
        }
    }

    #[test]
    fn documents_begin_at_their_lines() {
        let rule = Rule::for_type("modules").unwrap();
        let file = b"---\na: 1\n...\n---\nb: '---'\n--- # c\n  ---\n----\n---";
        let chunks: [&[u8]; 3] = [b"---\na: 1\n...\n", b"---\nb: '---'\n", b"--- # c\n  ---\n----\n---"];
        assert_eq!(cut(file, rule, 7), chunks);
    }

    #[test]
    fn a_chunk_over_the_limit_is_refused_with_its_offset() {
        let rule = Rule::for_type("primary").unwrap();
        let limits = Limits::default().with_max_chunk(1 << 20);
        let mut data = b"head<package ".to_vec();
        data.resize(3 << 20, b'x');
        let mut chunker = Chunker::new(&data[..], rule, &limits);
        assert_eq!(chunker.next_chunk().unwrap(), Some(&b"head"[..]));
        let error = chunker.next_chunk().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the chunk at byte 4 is longer than 1048576 bytes, the most that a delta can handle"
        );
    }

    #[test]
    fn memory_stays_near_one_chunk() {
        let rule = Rule::for_type("filelists").unwrap();
        let one = b"<package x>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</package>\n";
        let data = one.repeat(200_000);
        let mut chunker = Chunker::new(&data[..], rule, &Limits::default());
        let mut count = 0;
        while chunker.next_chunk().unwrap().is_some() {
            count += 1;
        }
        assert_eq!(count, 200_001);
        assert!(chunker.buf.capacity() < 1 << 20, "{}", chunker.buf.capacity());
    }
}
