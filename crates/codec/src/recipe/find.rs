//! Finding the recipe of a file at hand: all candidates that its first bytes
//! allow compress its open content side by side, until they differ from it.
//!
//! Which recipe the *next* file of a repository will have is not known here; it
//! is nearly always the same.

use std::io::{self, BufRead as _, Read, Seek, Write as _};
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use super::compare::{Comparison, Place, differs};
use super::{Facts, RebuildError, Rebuilder, Recipe, zchunk};
use crate::{Compression, Error, Expect, OpenReader};

/// How many of a file's first bytes [`candidates`] looks at.
pub const HEAD: usize = 16;

/// The recipes that a file with these first bytes may have, the most usual
/// first. [`HEAD`] bytes are enough; a file may have fewer.
#[must_use]
pub fn candidates(head: &[u8]) -> Vec<Recipe> {
    let compression = Compression::detect(head);
    let fits =
        |recipe: &Recipe| compression == Some(recipe.compression()) && head.starts_with(recipe.entry().head);
    Recipe::all().filter(fits).collect()
}

/// Finds the recipe by which `compressed`, called `path` in messages, can be
/// rebuilt from its open content; `None` if there is none.
///
/// Every candidate is given up at its first byte that differs, so that a wrong
/// one costs little; where none is left the search stops and reads no further.
/// If several are right, as for small files, the most usual is taken. What is
/// [expected](Expect) of the file caps the search, and is verified if a recipe
/// is found.
///
/// The file is streamed, and each candidate reads it for itself, so `compressed`
/// should be a file or something as quick to seek in. Memory: that of an
/// [`OpenReader`], and [`Recipe::memory`] and 128 KiB for every
/// [candidate](candidates) that is left. The file is decompressed on one thread,
/// and the candidates share as many as there are processors; [`find_on`] limits
/// that.
///
/// The chunks of a zchunk file are compared one after the other, on the calling thread.
///
/// Recipes that [need facts](Recipe::needs_facts) are not tried: see
/// [`find_with`].
pub fn find(
    compressed: impl Read + Seek + Send + 'static,
    path: &Path,
    expect: Expect,
) -> Result<Option<Recipe>, Error> {
    find_with(compressed, path, expect, &Facts::default())
}

/// [`find`], with what is known of the file besides; recipes that need a fact
/// which is not given are left out.
pub fn find_with(
    compressed: impl Read + Seek + Send + 'static,
    path: &Path,
    expect: Expect,
    facts: &Facts,
) -> Result<Option<Recipe>, Error> {
    // The thread that decompresses, and those that compress.
    let threads = thread::available_parallelism().map_or(1, NonZero::get).saturating_add(1);
    find_on(threads, compressed, path, expect, facts)
}

/// [`find_with`] on at most so many threads in all, of which the calling one is one.
pub fn find_on(
    threads: usize,
    compressed: impl Read + Seek + Send + 'static,
    path: &Path,
    expect: Expect,
    facts: &Facts,
) -> Result<Option<Recipe>, Error> {
    let unreadable = |error| Error::Read { path: path.to_path_buf(), reason: Arc::new(error) };
    let place = Place::new(compressed);
    let mut head = Vec::new();
    place.another().take(HEAD as u64).read_to_end(&mut head).map_err(unreadable)?;
    let candidates = candidates(&head);
    if candidates.iter().any(|recipe| recipe.needs_old_file()) {
        return zchunk::find(&candidates, place, path, expect);
    }
    let encoding_threads = threads.saturating_sub(1).max(1);
    let mut racers = Vec::new();
    for recipe in candidates {
        let comparison = Comparison::new(place.another());
        match recipe.rebuilder_with(comparison, expect.open_size, facts) {
            Ok(rebuilder) => racers.push(Racer { rebuilder, lost: None }),
            Err(RebuildError::FactUnknown { .. }) => {}
            Err(error) => return Err(encoding(path, &error)),
        }
    }
    if racers.is_empty() {
        return Ok(None);
    }
    let mut reader = if threads > 1 {
        OpenReader::new(place, path, expect)?
    } else {
        OpenReader::inline(place, path, expect)?
    };
    loop {
        let block = reader.fill_buf().map_err(|error| Error::from_io(error, path))?;
        let length = block.len();
        if length == 0 {
            break;
        }
        race(&mut racers, block, encoding_threads);
        reader.consume(length);
        if sort_out(&mut racers, path)? == 0 {
            return Ok(None);
        }
    }
    let size = reader.finish()?.size;
    for racer in racers {
        let recipe = racer.rebuilder.recipe();
        match racer.rebuilder.finish() {
            Ok(comparison) if comparison.compared() == size => return Ok(Some(recipe)),
            Ok(_shorter) => {}
            Err(RebuildError::Output { reason, .. }) if differs(&reason) => {}
            Err(RebuildError::Output { reason, .. }) => return Err(unreadable(reason)),
            Err(error) => return Err(encoding(path, &error)),
        }
    }
    Ok(None)
}

/// A candidate at work.
struct Racer<R: Read + Seek> {
    rebuilder: Rebuilder<Comparison<R>>,
    lost: Option<io::Error>,
}

/// Gives `block` to all, on up to `threads` threads, or fewer where no more can be had.
fn race<R: Read + Seek + Send>(racers: &mut [Racer<R>], block: &[u8], threads: usize) {
    let others = racers.len().min(threads).saturating_sub(1);
    let waiting = Mutex::new(racers.iter_mut());
    let next = || waiting.lock().ok().and_then(|mut waiting| waiting.next());
    let run = || {
        while let Some(racer) = next() {
            racer.lost = racer.rebuilder.write_all(block).err();
        }
    };
    thread::scope(|scope| {
        for _ in 0..others {
            if thread::Builder::new().name("recipe".to_owned()).spawn_scoped(scope, run).is_err() {
                break;
            }
        }
        run();
    });
}

/// Drops those that made other bytes; says how many are left.
fn sort_out<R: Read + Seek>(racers: &mut Vec<Racer<R>>, path: &Path) -> Result<usize, Error> {
    for racer in racers.iter_mut() {
        if let Some(error) = racer.lost.take_if(|error| !differs(error)) {
            return Err(match error.downcast::<RebuildError>() {
                Ok(error) => encoding(path, &error),
                Err(reason) => Error::Read { path: path.to_path_buf(), reason: Arc::new(reason) },
            });
        }
    }
    racers.retain(|racer| racer.lost.is_none());
    Ok(racers.len())
}

fn encoding(path: &Path, error: &RebuildError) -> Error {
    Error::Encode { path: path.to_path_buf(), reason: error.to_string() }
}
