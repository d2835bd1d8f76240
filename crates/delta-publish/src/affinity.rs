//! Whether a history is that of the repository which is published with it, judged by
//! the packages: a history that remembers hardly any of them is another repository's
//! (*foreign*), one in which two repositories take turns is *shared*
//! (`history.md`, "One history for each repository"). Nothing is changed here.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use delta_core::Rule;
use delta_core::chunk::Symbol;
use history::{Hex, Track};
use memchr::memmem;

use crate::Error;
use crate::ledger::{Ledger, Place};

/// The types that name packages, by which repositories are told apart; the first
/// that a repository has.
const NAMING: [&str; 3] = ["primary", "filelists", "other"];
/// A name is within so many bytes of the start of a package.
const NEAR: usize = 4096;

/// The packages that a generation names: for each chunk a digest of the name, or
/// nothing for a chunk that is no package.
#[derive(Clone, Debug, Default)]
pub(crate) struct Packages {
    names: Vec<Option<u64>>,
    /// Chunks that the track had before.
    known_chunks: usize,
}

impl Packages {
    /// None so far, of a track as it is.
    pub(crate) fn before(track: &Track) -> Self {
        Self { names: Vec::new(), known_chunks: track.table().len() }
    }

    /// Takes the next chunk.
    pub(crate) fn chunk(&mut self, chunk: &[u8]) {
        self.names.push(name(chunk));
    }
}

/// Where in `types` the one is by which repositories are told apart.
pub(crate) fn telling(types: &[&str]) -> Option<usize> {
    NAMING.iter().find_map(|naming| types.iter().position(|t| Rule::family(t) == *naming))
}

/// Whether the history of `track` is another repository's: fewer than one in ten of
/// the packages of its newest generation, which was just taken in, were ever
/// remembered under their names. A repository that grows keeps the packages that it
/// had, and so is not foreign.
pub(crate) fn is_foreign(track: &Track, packages: &Packages) -> Result<bool, Error> {
    let Some((newest, older)) = track.generations().split_first() else { return Ok(false) };
    let named = || newest.sequence.iter().zip(&packages.names).filter(|(_, name)| name.is_some());
    let is_known = |symbol: Symbol| (symbol as usize) < packages.known_chunks;
    let known = named().filter(|(symbol, _)| is_known(**symbol)).count();
    if known * 10 >= named().count().max(1) {
        return Ok(false);
    }
    let Some(last) = older.first() else { return Ok(false) };
    let new: BTreeSet<u64> = packages.names.iter().flatten().copied().collect();
    let before = names_of(track, last.sequence.iter().copied())?;
    let remembered = names_of(track, older.iter().flat_map(|g| g.sequence.iter().copied()))?;
    if remembered.is_empty() || new.is_empty() {
        return Ok(false);
    }
    let kept = before.intersection(&new).count();
    let grows = !before.is_empty() && kept * 2 >= before.len();
    Ok(!grows && remembered.intersection(&new).count() * 10 < new.len())
}

/// The names of the packages among chunks that were recorded before.
fn names_of(track: &Track, symbols: impl Iterator<Item = Symbol>) -> Result<BTreeSet<u64>, Error> {
    let distinct: BTreeSet<Symbol> = symbols.collect();
    let mut chunks = track.reader();
    let mut names = BTreeSet::new();
    for symbol in distinct {
        names.extend(name(chunks.chunk(symbol).map_err(Error::History)?));
    }
    Ok(names)
}

/// Whether the newest generation of `track`, which was just taken in at `path`, has
/// more in common with what `path` had than with what was published last, at another
/// path.
pub(crate) fn returns_to_its_own(track: &Track, ledger: &Ledger, path: &str) -> bool {
    let own = ledger.places.iter().find(|place| place.path == path);
    let (Some(last), Some(own)) = (ledger.places.first().filter(|last| last.path != path), own) else {
        return false;
    };
    let place = |place: &Place| {
        track.generations().iter().position(|g| Hex(&g.open_sha256).to_string() == place.content)
    };
    match (place(own), place(last)) {
        // Content that is as it was tells nothing.
        (Some(own), Some(other)) if own != 0 => common_bytes(track, own) > common_bytes(track, other),
        _ => false,
    }
}

/// Bytes of the chunks that the newest generation and another one have in common.
fn common_bytes(track: &Track, other: usize) -> u64 {
    let generations = track.generations();
    let other: BTreeSet<Symbol> = generations[other].sequence.iter().copied().collect();
    let common = generations[0].sequence.iter().filter(|symbol| other.contains(symbol));
    common.map(|symbol| track.table().chunk_len(*symbol)).sum()
}

/// A digest of the name in a chunk that is a package.
fn name(chunk: &[u8]) -> Option<u64> {
    let near = &chunk[..chunk.len().min(NEAR)];
    let text = element(near).or_else(|| attribute(near))?;
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    Some(hasher.finish())
}

/// As primary names a package: `<name>…</name>`.
fn element(chunk: &[u8]) -> Option<&[u8]> {
    let start = memmem::find(chunk, b"<name>")? + b"<name>".len();
    let len = memchr::memchr(b'<', &chunk[start..])?;
    Some(&chunk[start..start + len])
}

/// As filelists and other do: `<package … name="…"`.
fn attribute(chunk: &[u8]) -> Option<&[u8]> {
    let tag = memmem::find(chunk, b"<package ")?;
    let end = memchr::memchr(b'>', &chunk[tag..])?;
    let tag = &chunk[tag..tag + end];
    let start = memmem::find(tag, b" name=")? + b" name=".len();
    let quote = *tag.get(start)?;
    let len = memchr::memchr(quote, &tag[start + 1..])?;
    Some(&tag[start + 1..start + 1 + len])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_named_as_each_type_names_them() {
        let names = [
            &b"<package type=\"rpm\">\n  <name>bash</name>\n"[..],
            b"<package pkgid=\"00\" name=\"bash\" arch=\"noarch\">",
            b"<package pkgid='00' name='bash'/>",
        ];
        let digests: BTreeSet<_> = names.iter().map(|chunk| name(chunk)).collect();
        assert_eq!(digests.len(), 1);
        assert!(name(names[0]).is_some());
        assert_eq!(name(b"<metadata packages=\"3\">\n"), None);
        assert_eq!(name(b"<package pkgid=\"00\"><version name=\"x\"/>"), None);
        assert_eq!(name(b"</metadata>"), None);
    }

    #[test]
    fn the_first_type_that_names_packages_tells() {
        assert_eq!(telling(&["group", "other", "primary"]), Some(2));
        assert_eq!(telling(&["other", "filelists_zck"]), Some(1));
        assert_eq!(telling(&["group"]), None);
    }
}
