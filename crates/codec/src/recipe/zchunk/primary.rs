//! At which packages primary begins chunks. filelists and other have the same packages in
//! the same order, and createrepo_c ends the chunks of all three together; but only primary
//! tells of source packages.

use std::io::{self, Write};

use super::cuts::{ChunkRule, Cutter, PACKAGE, PART, Piece, source};

/// The types whose packages are those of primary, in its order; also with `_zck`.
pub const FOLLOWERS: [&str; 3] = ["filelists", "filelists-ext", "other"];

/// Most packages of a primary that is looked at.
pub const MAX_PACKAGES: usize = 1 << 22;

/// The packages, by index, before which primary begins a chunk by rule 0, and by rule 1.
///
/// Memory: two bits for each package, at most [`MAX_PACKAGES`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrimaryChunks {
    /// Pairs of bits: by rule 0, and by rule 1.
    pairs: Vec<u8>,
    packages: usize,
}

const PAIRS: usize = 4;

impl PrimaryChunks {
    /// How many packages primary has.
    #[must_use]
    pub fn packages(&self) -> usize {
        self.packages
    }

    /// Whether a chunk begins before this package by a rule that needs primary. One that
    /// primary does not have begins none.
    pub(super) fn begins_chunk(&self, rule: ChunkRule, package: usize) -> bool {
        let pairs = self.pairs.get(package / PAIRS).copied().unwrap_or_default();
        let of_primary = rule.of_primary().map_or(0, |rule| rule.number() & 1);
        pairs >> (package % PAIRS * 2) >> of_primary & 1 == 1
    }

    /// False where there are too many.
    fn push(&mut self, by_rules: impl Iterator<Item = bool>) -> bool {
        if self.packages == MAX_PACKAGES {
            return false;
        }
        let at = self.packages % PAIRS;
        if at == 0 {
            self.pairs.push(0);
        }
        let pair = by_rules.enumerate().fold(0, |pair, (rule, begins)| pair | u8::from(begins) << rule);
        if let Some(last) = self.pairs.last_mut() {
            *last |= pair << (at * 2);
        }
        self.packages += 1;
        true
    }
}

/// Finds the [`PrimaryChunks`] of the open content that is written to it.
///
/// Writing never fails, so that content can go here and elsewhere. Takes the longest
/// package, at most 16 MiB.
#[derive(Debug)]
pub struct PrimaryReader {
    cutter: Cutter,
    /// The source package of the last package.
    source: Option<Vec<u8>>,
    found: PrimaryChunks,
    /// What there is too much of.
    fault: Option<String>,
}

impl Default for PrimaryReader {
    fn default() -> Self {
        Self::new()
    }
}

impl PrimaryReader {
    /// For content that begins here.
    #[must_use]
    pub fn new() -> Self {
        let cutter = Cutter::new(ChunkRule::BY_SOURCE);
        Self { cutter, source: None, found: PrimaryChunks::default(), fault: None }
    }

    /// What was found, when all content was written; else what there is too much of, as a
    /// sentence.
    ///
    /// # Errors
    /// When a package is too long, or there are more than [`MAX_PACKAGES`].
    pub fn finish(mut self) -> Result<PrimaryChunks, String> {
        let last = self.cutter.finish();
        self.take(&last);
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.found),
        }
    }

    fn take(&mut self, piece: &Piece) {
        if !piece.content.starts_with(PACKAGE) {
            return;
        }
        let (before, source) = (self.source.take(), source(&piece.content));
        let rules = ChunkRule::all().filter_map(ChunkRule::of_primary);
        if !self.found.push(rules.map(|rule| rule.begins_chunk(before.as_deref(), source))) {
            self.fault = Some(format!("there are more packages than the limit of {MAX_PACKAGES}"));
        }
        self.source = Some(source.to_vec());
    }
}

impl Write for PrimaryReader {
    /// Takes all of `bytes`.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.chunks(PART) {
            if self.fault.is_some() {
                break;
            }
            if !self.cutter.push(part) {
                self.fault = Some("a package is too long".to_owned());
            }
            while self.fault.is_none()
                && let Some(piece) = self.cutter.next_piece()
            {
                self.take(&piece);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
