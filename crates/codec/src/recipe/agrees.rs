//! Whether a known recipe still is that of a file, judged by the beginning of it.
//!
//! Encoders and levels differ within the first blocks, so this tells a change of
//! the publisher's programs for a part of what [`find`](super::find) costs. It is
//! no proof: only the checksum of the whole file is one.

use std::io::{self, BufRead as _, Read, Seek, Write as _};
use std::path::Path;
use std::sync::Arc;

use super::compare::{Comparison, Place, differs};
use super::{Facts, HEAD, RebuildError, Recipe, candidates, zchunk};
use crate::{Error, Expect, OpenReader};

/// Compresses the first `open_bytes` of the open content of `compressed`, called
/// `path` in messages, by `recipe`; gives whether what comes of it is how the file
/// begins. Where the content has no more bytes than that, the whole file is
/// compared, and what is [expected](Expect) of it verified. A recipe that
/// [needs](Recipe::needs_facts) a fact which is not among `facts` does not agree.
///
/// Memory: that of an [`OpenReader`], and [`Recipe::memory`]. Everything is done on the
/// calling thread.
///
/// # Errors
/// When the file cannot be read, or is not what is expected of it.
pub fn agrees(
    recipe: Recipe,
    compressed: impl Read + Seek + Send + 'static,
    path: &Path,
    expect: Expect,
    facts: &Facts,
    open_bytes: u64,
) -> Result<bool, Error> {
    let failed = |error: io::Error| Error::Read { path: path.to_path_buf(), reason: Arc::new(error) };
    let encoding =
        |error: &RebuildError| Error::Encode { path: path.to_path_buf(), reason: error.to_string() };
    let place = Place::new(compressed);
    if recipe.needs_old_file() {
        let mut head = Vec::new();
        place.another().take(HEAD as u64).read_to_end(&mut head).map_err(failed)?;
        let may_agree = candidates(&head).contains(&recipe);
        return if may_agree { zchunk::agrees(recipe, place, path, expect, open_bytes) } else { Ok(false) };
    }
    let comparison = Comparison::new(place.another());
    let mut rebuilder = match recipe.rebuilder_with(comparison, expect.open_size, facts) {
        Ok(rebuilder) => rebuilder,
        Err(RebuildError::FactUnknown { .. }) => return Ok(false),
        Err(error) => return Err(encoding(&error)),
    };
    let mut reader = OpenReader::inline(place, path, expect)?;
    let mut left = open_bytes;
    while left > 0 {
        let block = reader.fill_buf().map_err(|error| Error::from_io(error, path))?;
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        let block = block.get(..most).unwrap_or_default();
        if block.is_empty() {
            let size = reader.finish()?.size;
            return match rebuilder.finish() {
                Ok(comparison) => Ok(comparison.compared() == size),
                Err(RebuildError::Output { reason, .. }) if differs(&reason) => Ok(false),
                Err(error) => Err(encoding(&error)),
            };
        }
        if let Err(error) = rebuilder.write_all(block) {
            return if differs(&error) { Ok(false) } else { Err(failed(error)) };
        }
        reader.consume(most);
        left -= most as u64;
    }
    Ok(true)
}
