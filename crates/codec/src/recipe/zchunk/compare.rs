//! Which recipes give the chunks of a file at hand. The file itself says where its
//! chunks begin, so nothing else is needed.

use std::io::{Read, Seek};
use std::path::Path;

use super::encoder::Encoder;
use super::old::fits;
use super::read::ChunkReader;
use super::{MAX_CHUNKS, MAX_DICTIONARY};
use crate::recipe::compare::Place;
use crate::recipe::list::Method;
use crate::recipe::{RebuildError, Recipe};
use crate::zchunk::Shape;
use crate::{Error, Expect};

/// Content that is one block of zstd, or less: how blocks are split does not matter.
const BLOCK: usize = 128 << 10;

/// Versions of zstd that differ do so in larger chunks than this.
const TELLING: usize = 272 << 10;

/// The first of `recipes` that gives all of the file. Reads on only while one is left.
pub(in crate::recipe) fn find<R: Read + Seek + Send + 'static>(
    recipes: &[Recipe],
    file: Place<R>,
    path: &Path,
    expect: Expect,
) -> Result<Option<Recipe>, Error> {
    Ok(compare(recipes, file, path, expect, u64::MAX)?.first().copied())
}

/// Whether `recipe` gives the dictionary, the chunks with the first `open_bytes`, and as many
/// bytes of the large chunks after them, in which recipes differ.
pub(in crate::recipe) fn agrees<R: Read + Seek + Send + 'static>(
    recipe: Recipe,
    file: Place<R>,
    path: &Path,
    expect: Expect,
    open_bytes: u64,
) -> Result<bool, Error> {
    Ok(!compare(&[recipe], file, path, expect, open_bytes)?.is_empty())
}

fn compare<R: Read + Seek + Send + 'static>(
    recipes: &[Recipe],
    file: Place<R>,
    path: &Path,
    expect: Expect,
    open_bytes: u64,
) -> Result<Vec<Recipe>, Error> {
    let encoding =
        |error: RebuildError| Error::Encode { path: path.to_path_buf(), reason: error.to_string() };
    let mut reader = ChunkReader::begin(file, path, expect)?;
    let mut candidates = Candidates::start(recipes, &reader).map_err(encoding)?;
    let is_telling = |length: usize| length > TELLING;
    let last = reader.chunks.header().chunks.iter().rposition(|chunk| is_telling(chunk.open_len));
    let (mut open, mut number) = (Vec::new(), 0);
    let (mut left, mut left_of_large) = (open_bytes, open_bytes);
    let goes_on = |left: u64, left_of_large: u64, number: usize| {
        left > 0 || (left_of_large > 0 && last.is_some_and(|last| last >= number))
    };
    while !candidates.0.is_empty() && goes_on(left, left_of_large, number) && reader.next_chunk(&mut open)? {
        number += 1;
        if left == 0 && !is_telling(open.len()) {
            continue;
        }
        let budget = if left > 0 { &mut left } else { &mut left_of_large };
        *budget = budget.saturating_sub(open.len() as u64);
        candidates.keep_those_that_give(&open, reader.chunks.stored()).map_err(encoding)?;
    }
    Ok(candidates.0.into_iter().map(|(recipe, _)| recipe).collect())
}

/// How much of a zchunk file one recipe gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ZchunkShare {
    /// The recipe.
    pub recipe: Recipe,
    /// Chunks of the file.
    pub chunks: u64,
    /// Chunks that the recipe gives.
    pub given: u64,
    /// Open bytes of those that it does not.
    pub missing_open_size: u64,
}

/// How much of the zchunk file `compressed`, called `path` in messages, each recipe gives:
/// what it does not give can only be copied. Nothing where the file is written otherwise
/// than the usual tools do, or has a dictionary that the recipe does not give.
///
/// All chunks are compressed by all recipes, on the calling thread. Memory: that of the
/// four recipes.
///
/// # Errors
/// When the file cannot be read, or is not what is expected of it.
pub fn zchunk_shares(
    compressed: impl Read + Seek + Send + 'static,
    path: &Path,
    expect: Expect,
) -> Result<Vec<ZchunkShare>, Error> {
    let encoding =
        |error: RebuildError| Error::Encode { path: path.to_path_buf(), reason: error.to_string() };
    let mut reader = ChunkReader::begin(Place::new(compressed), path, expect)?;
    let recipes: Vec<Recipe> = Recipe::all().filter(|recipe| recipe.needs_old_file()).collect();
    let mut candidates = Candidates::start(&recipes, &reader).map_err(encoding)?;
    let chunks = reader.chunks.header().chunks.len() as u64;
    let share = |(recipe, _): &(Recipe, Encoder)| {
        let recipe = *recipe;
        ZchunkShare { recipe, chunks, given: 0, missing_open_size: 0 }
    };
    let mut shares: Vec<ZchunkShare> = candidates.0.iter().map(share).collect();
    let mut open = Vec::new();
    while reader.next_chunk(&mut open)? {
        let gives = candidates.give(&open, reader.chunks.stored()).map_err(encoding)?;
        for (share, gives) in shares.iter_mut().zip(gives) {
            share.given += u64::from(gives);
            share.missing_open_size += if gives { 0 } else { open.len() as u64 };
        }
    }
    Ok(shares)
}

/// Whether the file is written as the usual tools write it, and within limits.
fn is_rebuildable(reader: &ChunkReader) -> bool {
    let header = reader.chunks.header();
    reader.chunks.has_usual_header()
        && header.chunks.len() <= MAX_CHUNKS
        && header.dictionary.open_len <= MAX_DICTIONARY
        && header.chunks.iter().all(|chunk| chunk.open_len > 0 && fits(chunk.open_len))
}

fn gives_dictionary(
    recipe: Recipe,
    shape: Shape,
    dictionary: &[u8],
    stored: &[u8],
) -> Result<bool, RebuildError> {
    if dictionary.is_empty() {
        return Ok(true);
    }
    let mut given = Vec::new();
    Encoder::start(recipe, shape, &[])?.compress(dictionary, &mut given)?;
    Ok(given == stored)
}

/// Recipes, with their encoders.
#[derive(Default)]
struct Candidates(Vec<(Recipe, Encoder)>);

impl Candidates {
    /// Those that give the dictionary; `reader` is where it begins.
    fn start(recipes: &[Recipe], reader: &ChunkReader) -> Result<Self, RebuildError> {
        let mut this = Self::default();
        if !is_rebuildable(reader) {
            return Ok(this);
        }
        let shape = reader.chunks.header().shape;
        let (dictionary, stored) = (reader.chunks.dictionary(), reader.chunks.stored());
        for recipe in recipes {
            if gives_dictionary(*recipe, shape, dictionary, stored)? {
                this.0.push((*recipe, Encoder::start(*recipe, shape, dictionary)?));
            }
        }
        Ok(this)
    }

    /// Drops those that make something else of a chunk.
    fn keep_those_that_give(&mut self, open: &[u8], stored: &[u8]) -> Result<(), RebuildError> {
        let mut gives = self.give(open, stored)?.into_iter();
        self.0.retain(|_| gives.next().unwrap_or(false));
        Ok(())
    }

    /// For each whether it makes `stored` of a chunk.
    fn give(&mut self, open: &[u8], stored: &[u8]) -> Result<Vec<bool>, RebuildError> {
        let (mut made, mut all) = (Vec::new(), Vec::new());
        // By level, what is known of a chunk that is not split.
        let mut known: Vec<(u8, bool)> = Vec::new();
        for (recipe, encoder) in &mut self.0 {
            let level = level(*recipe).filter(|_| open.len() <= BLOCK);
            let same = known.iter().find(|(known, _)| Some(*known) == level);
            let gives = if let Some((_, gives)) = same {
                *gives
            } else {
                encoder.compress(open, &mut made)?;
                made == stored
            };
            known.extend(level.map(|level| (level, gives)));
            all.push(gives);
        }
        Ok(all)
    }
}

fn level(recipe: Recipe) -> Option<u8> {
    match recipe.entry().method {
        Method::Zchunk { level, .. } => Some(level),
        _ => None,
    }
}
