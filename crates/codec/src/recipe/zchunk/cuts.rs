//! Where a publisher begins a new chunk, where that follows from the content.
//!
//! createrepo_c begins one behind the start of primary, and then one before each package
//! that is built of another source package than the one before it; the end is part of
//! the last chunk. filelists and other are cut at the same packages ([`PrimaryChunks`]).
//! zchunk's library cuts what has more than 10 MiB. Of other types the
//! library chooses the chunks. Which rule a file
//! follows is proven by comparing ([`chunk_rule`]), never assumed.

use std::io::{Read, Seek};
use std::path::Path;
use std::sync::Arc;

use memchr::memmem;

use super::MAX_CHUNK;
use super::automatic::Automatic;
use super::primary::PrimaryChunks;
use super::read::ChunkReader;
use super::rule::ChunkRule;
use crate::{Algorithm, Digest, Error, Expect};

/// How packages begin in primary, filelists and other. It cannot stand anywhere else in a
/// file by the usual tools: in names, descriptions and logs of changes `<` is written `&lt;`.
/// Where it does, chunks are cut wrongly, which costs the full file.
pub(super) const PACKAGE: &[u8] = b"<package ";
const SOURCE: &[u8] = b"<rpm:sourcerpm>";
/// Bytes that a [`Cutter`] is given at a time. What follows a piece is moved for each
/// piece, so there should not be many of them.
pub(super) const PART: usize = 16 << 10;
/// The longest package that is waited for.
const LONGEST: usize = 16 << 20;

/// The rule by which the chunks of the zchunk file `compressed`, called `path` in messages,
/// begin; `None` if there is none that does without primary.
///
/// # Errors
/// When the file cannot be read, or is not what is expected of it.
pub fn chunk_rule(
    compressed: impl Read + Seek + Send + 'static,
    path: &Path,
    expect: Expect,
) -> Result<Option<ChunkRule>, Error> {
    let rules = ChunkRule::all().filter(|rule| !rule.needs_primary());
    first_rule(compressed, path, expect, rules.map(Cutter::new))
}

/// As [`chunk_rule`], the rule by which the file has the chunks of `primary`.
///
/// # Errors
/// When the file cannot be read, or is not what is expected of it.
pub fn chunk_rule_by_primary(
    compressed: impl Read + Seek + Send + 'static,
    path: &Path,
    expect: Expect,
    primary: &Arc<PrimaryChunks>,
) -> Result<Option<ChunkRule>, Error> {
    let rules = ChunkRule::all().filter(|rule| rule.needs_primary());
    first_rule(compressed, path, expect, rules.map(|rule| Cutter::by_primary(rule, primary.clone())))
}

fn first_rule(
    compressed: impl Read + Seek + Send + 'static,
    path: &Path,
    expect: Expect,
    cutters: impl Iterator<Item = Cutter>,
) -> Result<Option<ChunkRule>, Error> {
    let mut reader = ChunkReader::begin(compressed, path, expect)?;
    let lengths: Vec<usize> = reader.chunks.header().chunks.iter().map(|chunk| chunk.open_len).collect();
    let mut counters: Vec<Counter> = cutters.map(Counter::new).collect();
    let mut open = Vec::new();
    while !counters.is_empty() && reader.next_chunk(&mut open)? {
        counters.retain_mut(|counter| counter.agrees(&open, &lengths));
    }
    let ended = counters.into_iter().find_map(|counter| counter.finish(&lengths));
    Ok(ended)
}

/// How many chunks the zchunk file `compressed`, called `path` in messages, has by its header.
///
/// # Errors
/// When the header cannot be read, or is malformed.
pub fn chunk_count(compressed: impl Read + Send + 'static, path: &Path) -> Result<usize, Error> {
    let reader = ChunkReader::begin(compressed, path, Expect::default())?;
    Ok(reader.chunks.header().chunks.len())
}

/// SHA-256 of the dictionary of the zchunk file `compressed`, called `path` in messages, as it
/// is stored: what files have in common that can be rebuilt of each other.
///
/// # Errors
/// When the header cannot be read, or is malformed.
pub fn dictionary_checksum(compressed: impl Read + Send + 'static, path: &Path) -> Result<Digest, Error> {
    let reader = ChunkReader::begin(compressed, path, Expect::default())?;
    Ok(Algorithm::Sha256.digest(reader.chunks.stored()))
}

/// A part of the content that is in one chunk, but for its length.
pub(super) struct Piece {
    pub(super) begins_chunk: bool,
    pub(super) content: Vec<u8>,
}

impl Piece {
    /// What goes into chunks, the first of which has `length` bytes so far, and before which
    /// parts one ends. As zchunk's library does, a chunk that is full ends when more comes.
    pub(super) fn parts(&self, length: usize) -> impl Iterator<Item = (bool, &[u8])> {
        let ends_before = self.begins_chunk && length > 0;
        let room = MAX_CHUNK.saturating_sub(if ends_before { 0 } else { length });
        let (first, rest) = self.content.split_at(room.min(self.content.len()));
        std::iter::once((ends_before, first)).chain(rest.chunks(MAX_CHUNK).map(|part| (true, part)))
    }
}

/// Cuts content into packages, and tells which of them begin a chunk.
#[derive(Debug)]
pub(super) struct Cutter {
    rule: ChunkRule,
    /// Where the rule does not look at packages.
    automatic: Option<Automatic>,
    /// Where it looks at those of primary, with the packages of this content so far.
    primary: Option<(Arc<PrimaryChunks>, usize)>,
    /// What has not been given out; in it nothing begins before `searched`.
    pending: Vec<u8>,
    searched: usize,
    in_package: bool,
    source: Option<Vec<u8>>,
}

impl Cutter {
    pub(super) fn new(rule: ChunkRule) -> Self {
        let automatic = rule.is_automatic().then(Automatic::new);
        Self {
            rule,
            automatic,
            primary: None,
            pending: Vec::new(),
            searched: 0,
            in_package: false,
            source: None,
        }
    }

    pub(super) fn by_primary(rule: ChunkRule, primary: Arc<PrimaryChunks>) -> Self {
        Self { primary: rule.needs_primary().then_some((primary, 0)), ..Self::new(rule) }
    }

    /// Whether all that the rule needs is there.
    pub(super) fn is_complete(&self) -> bool {
        self.primary.is_some() == self.rule.needs_primary()
    }

    /// Takes some content, at most [`PART`] bytes; false where a package is too long. All
    /// complete pieces must have been fetched.
    pub(super) fn push(&mut self, content: &[u8]) -> bool {
        let fits = self.pending.len() <= LONGEST;
        self.pending.extend_from_slice(content);
        fits
    }

    /// The next piece that is complete.
    pub(super) fn next_piece(&mut self) -> Option<Piece> {
        if let Some(automatic) = &mut self.automatic {
            let end = automatic.end(&self.pending, &mut self.searched)?;
            let rest = self.pending.split_off(end);
            self.searched = 0;
            return Some(Piece { begins_chunk: true, content: std::mem::replace(&mut self.pending, rest) });
        }
        self.next_package()
    }

    /// The next package with all that stands before the one after it. Where nothing of it
    /// need be known, a part of it.
    fn next_package(&mut self) -> Option<Piece> {
        let unseen = self.pending.get(self.searched..).unwrap_or_default();
        let Some(at) = memmem::find(unseen, PACKAGE) else {
            // A marker may have begun.
            self.searched = self.searched.max(self.pending.len().saturating_sub(PACKAGE.len() - 1));
            if self.primary.is_none() || self.searched == 0 {
                return None;
            }
            let rest = self.pending.split_off(std::mem::take(&mut self.searched));
            let content = std::mem::replace(&mut self.pending, rest);
            return Some(self.piece(content));
        };
        let at = self.searched + at;
        let rest = self.pending.split_off(at);
        let content = std::mem::replace(&mut self.pending, rest);
        let piece = self.piece(content);
        self.in_package = true;
        self.searched = PACKAGE.len();
        Some(piece)
    }

    /// What is left at the end.
    pub(super) fn finish(&mut self) -> Piece {
        let content = std::mem::take(&mut self.pending);
        self.piece(content)
    }

    fn piece(&mut self, content: Vec<u8>) -> Piece {
        if !self.in_package {
            return Piece { begins_chunk: self.automatic.is_some(), content };
        }
        if let Some((primary, number)) = &mut self.primary {
            // What follows is of the same package, up to the next marker.
            self.in_package = false;
            let begins_chunk = primary.begins_chunk(self.rule, *number);
            *number += 1;
            return Piece { begins_chunk, content };
        }
        let source = source(&content);
        let begins_chunk = self.rule.begins_chunk(self.source.as_deref(), source);
        self.source = Some(source.to_vec());
        Piece { begins_chunk, content }
    }
}

/// What a package says of its source package; nothing where it says nothing.
pub(super) fn source(package: &[u8]) -> &[u8] {
    let start = memmem::find(package, SOURCE).map_or(package.len(), |at| at + SOURCE.len());
    let rest = package.get(start..).unwrap_or_default();
    rest.get(..memchr::memchr(b'<', rest).unwrap_or(0)).unwrap_or_default()
}

/// Compares the chunks of a rule with those of a file.
struct Counter {
    cutter: Cutter,
    /// Chunks that are complete, and the length of the one that is not.
    complete: usize,
    length: usize,
}

impl Counter {
    fn new(cutter: Cutter) -> Self {
        Self { cutter, complete: 0, length: 0 }
    }

    /// Whether the rule still agrees after some more content.
    fn agrees(&mut self, content: &[u8], lengths: &[usize]) -> bool {
        for part in content.chunks(PART) {
            if !self.cutter.push(part) {
                return false;
            }
            while let Some(piece) = self.cutter.next_piece() {
                if !self.count(&piece, lengths) {
                    return false;
                }
            }
        }
        true
    }

    fn finish(mut self, lengths: &[usize]) -> Option<ChunkRule> {
        let last = self.cutter.finish();
        let agrees = self.count(&last, lengths) && (self.length == 0 || self.end(lengths));
        (agrees && self.complete == lengths.len()).then_some(self.cutter.rule)
    }

    fn count(&mut self, piece: &Piece, lengths: &[usize]) -> bool {
        for (ends_before, part) in piece.parts(self.length) {
            if ends_before && !self.end(lengths) {
                return false;
            }
            self.length += part.len();
        }
        true
    }

    fn end(&mut self, lengths: &[usize]) -> bool {
        let agrees = lengths.get(self.complete) == Some(&self.length);
        self.complete += 1;
        self.length = 0;
        agrees
    }
}
