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

/// The first of `recipes` that gives all of the file. Reads on only while one is left.
pub(in crate::recipe) fn find<R: Read + Seek + Send + 'static>(
    recipes: &[Recipe],
    file: Place<R>,
    path: &Path,
    expect: Expect,
) -> Result<Option<Recipe>, Error> {
    Ok(compare(recipes, file, path, expect, u64::MAX)?.first().copied())
}

/// Whether `recipe` gives the chunks with the first `open_bytes`, and the dictionary.
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
    let shape = reader.chunks.header().shape;
    if !is_rebuildable(&reader) {
        return Ok(Vec::new());
    }
    let mut candidates = Candidates::default();
    for recipe in recipes {
        let (dictionary, stored) = (reader.chunks.dictionary(), reader.chunks.stored());
        if gives_dictionary(*recipe, shape, dictionary, stored).map_err(encoding)? {
            let encoder = Encoder::start(*recipe, shape, dictionary).map_err(encoding)?;
            candidates.0.push((*recipe, encoder));
        }
    }
    let (mut open, mut left) = (Vec::new(), open_bytes);
    while left > 0 && !candidates.0.is_empty() && reader.next_chunk(&mut open)? {
        candidates.keep_those_that_give(&open, reader.chunks.stored()).map_err(encoding)?;
        left = left.saturating_sub(open.len() as u64);
    }
    Ok(candidates.0.into_iter().map(|(recipe, _)| recipe).collect())
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

/// The recipes that are left.
#[derive(Default)]
struct Candidates(Vec<(Recipe, Encoder)>);

impl Candidates {
    /// Drops those that make something else of a chunk.
    fn keep_those_that_give(&mut self, open: &[u8], stored: &[u8]) -> Result<(), RebuildError> {
        let (mut given, mut kept) = (Vec::new(), Vec::new());
        // By level, what is known of a chunk that is not split.
        let mut known: Vec<(u8, bool)> = Vec::new();
        for (recipe, mut encoder) in std::mem::take(&mut self.0) {
            let level = level(recipe).filter(|_| open.len() <= BLOCK);
            let same = known.iter().find(|(known, _)| Some(*known) == level);
            let gives = if let Some((_, gives)) = same {
                *gives
            } else {
                encoder.compress(open, &mut given)?;
                given == stored
            };
            known.extend(level.map(|level| (level, gives)));
            if gives {
                kept.push((recipe, encoder));
            }
        }
        self.0 = kept;
        Ok(())
    }
}

fn level(recipe: Recipe) -> Option<u8> {
    match recipe.entry().method {
        Method::Zchunk { level, .. } => Some(level),
        _ => None,
    }
}
