//! What a client reads of a journal (`docs/formats/format-2.md`, "Reading"): by what repomd.xml tells
//! where that is enough, else by the head. Nothing is fetched or applied.

use anyhow::{Context as _, Result};
use delta_core::Rule;
use delta_core::journal::{GAP, GenerationId, Head, Newest, Reading};
use repomd::{Journal, Repomd};
use std::fs;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};

/// A journal that is published.
pub struct PublishedJournal {
    /// What repomd.xml says of it.
    pub listed: Journal,
    /// Its head.
    pub head: Head,
    /// Where it is.
    pub file: PathBuf,
}

/// What a client reads of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Head, tables and parts.
    pub bytes: u64,
    /// Ranges of the file.
    pub requests: usize,
}

impl AddAssign for Reads {
    fn add_assign(&mut self, more: Self) {
        self.bytes += more.bytes;
        self.requests += more.requests;
    }
}

impl PublishedJournal {
    /// The journal of the repository in `root`, where it has one.
    pub fn find(root: &Path, published: &Repomd) -> Result<Option<Self>> {
        let Some(listed) = published.journal.clone() else { return Ok(None) };
        let file = root.join(listed.location.as_str());
        let bytes = fs::read(&file).with_context(|| format!("`{}`", file.display()))?;
        Ok(Some(Self { head: Head::of_file(&bytes)?, listed, file }))
    }

    /// The number of a type in it.
    pub fn number(&self, data_type: &str) -> Option<usize> {
        let number = |name: &str| self.listed.types.iter().position(|listed| listed.name == name);
        number(data_type).or_else(|| number(Rule::family(data_type)))
    }

    /// Whether this is the content of the type that it leads to.
    pub fn is_target(&self, number: usize, id: GenerationId) -> bool {
        self.listed.types.get(number).is_some_and(|listed| listed.id == *id.as_bytes())
    }

    /// What the holder of these generations of types reads, who got them by a repomd.xml that named
    /// the journal `old`; nothing where it is not led on.
    pub fn reads(&self, bases: &[(usize, GenerationId)], old: Option<&Journal>) -> Option<Reads> {
        if bases.is_empty() {
            return Some(Reads::default());
        }
        let of = |reading: &Reading| Reads { bytes: reading.bytes(GAP), requests: reading.ranges(GAP).len() };
        if let Some(reading) = old.and_then(|old| self.newest(bases, old)) {
            return Some(of(&reading));
        }
        let mut reads = Reads { bytes: self.head.len(), requests: 1 };
        if let Some(reading) = self.head.reading(bases, GAP) {
            reads += of(&reading);
        } else {
            for base in bases {
                reads += of(&self.head.reading(&[*base], GAP)?);
            }
        }
        Some(reads)
    }

    fn newest(&self, bases: &[(usize, GenerationId)], old: &Journal) -> Option<Reading> {
        let (listed, new) = (self.listed.newest.as_ref()?, &self.listed);
        let age = new.sequence.checked_sub(old.sequence).filter(|_| old.id == new.id)?;
        let newest = Newest::new(new.head_size, listed.digest, listed.table, listed.parts.clone());
        let wanted: Vec<usize> = bases.iter().map(|(number, _)| *number).collect();
        newest.with_further(listed.further.clone()).reading(&wanted, usize::try_from(age).ok()?)
    }
}
