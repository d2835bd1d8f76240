//! What earlier runs found out about recipes: plain data, kept by the caller.
//!
//! Nothing here is proven for a later file. A recipe that is remembered is
//! tried, and the checksum in repomd.xml decides. Finding one is not done here.

use std::collections::{BTreeMap, BTreeSet};

use codec::recipe::Recipe;
use codec::{Compression, Digest};
use repomd::Location;
use serde::{Deserialize, Serialize};

use crate::cache::{RepomdOrigin, sha256};
use crate::speeds::Speeds;

/// What is known of recipes, by metadata type.
///
/// Serialized it is an object with the types as keys, and numbers for recipes. The speeds are those
/// of the machine, and are serialized by themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KnownRecipes {
    types: BTreeMap<String, OfType>,
    /// How fast this machine is; nothing of a repository.
    #[serde(skip)]
    pub speeds: Speeds,
    /// What was told of the repository's repomd.xml.
    #[serde(skip)]
    pub repomd: RepomdSeen,
}

/// A repomd.xml as a source gave it, so that the source can be asked whether there is another one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepomdSeen {
    /// SHA-256 of the file.
    sha256: String,
    #[serde(flatten)]
    origin: RepomdOrigin,
}

impl RepomdSeen {
    /// This document and where it came from; nothing where the source cannot be asked by that.
    pub(crate) fn new(bytes: &[u8], origin: RepomdOrigin) -> Self {
        if origin.since.is_none() {
            return Self::default();
        }
        Self { sha256: sha256(bytes), origin }
    }

    /// Where the repomd.xml `bytes` came from, if it is the one that was seen.
    pub(crate) fn origin_of(&self, bytes: &[u8]) -> Option<&RepomdOrigin> {
        (self.sha256 == sha256(bytes)).then_some(&self.origin)
    }

    /// Whether nothing was told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What is known of one type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct OfType {
    /// The number of the recipe that gave a file of the publisher.
    found: Option<u8>,
    /// Numbers of recipes that gave something else, and were not found again.
    failed: BTreeSet<u8>,
    /// Checksum of a file that no recipe gives.
    none_gives: Option<String>,
}

impl KnownRecipes {
    /// The recipe by which to rebuild the file at `location`: the one that is
    /// published, else the one found before, and none that failed or that makes
    /// files of another compression.
    pub(crate) fn choose(
        &self,
        data_type: &str,
        published: Option<Recipe>,
        location: &Location,
    ) -> Option<Recipe> {
        let known = self.types.get(data_type);
        let found = known.and_then(|known| Recipe::from_number(known.found?));
        let failed = |recipe: Recipe| known.is_some_and(|known| known.failed.contains(&recipe.number()));
        let compression = compression_of(location);
        let mut candidates = [published, found].into_iter().flatten();
        candidates.find(|recipe| recipe.compression() == compression && !failed(*recipe))
    }

    /// This recipe gave a file of the publisher.
    pub(crate) fn found(&mut self, data_type: &str, recipe: Recipe) {
        let known = self.types.entry(data_type.to_owned()).or_default();
        known.found = Some(recipe.number());
        known.failed.remove(&recipe.number());
    }

    /// This recipe did not give the file that it should.
    pub(crate) fn failed(&mut self, data_type: &str, recipe: Recipe) {
        self.types.entry(data_type.to_owned()).or_default().failed.insert(recipe.number());
    }

    /// No recipe gives this file.
    pub(crate) fn none_gives(&mut self, data_type: &str, file: &Digest) {
        self.types.entry(data_type.to_owned()).or_default().none_gives = Some(file.to_string());
    }

    /// Whether it is known that no recipe gives this file.
    pub(crate) fn is_hopeless(&self, data_type: &str, file: &Digest) -> bool {
        let known = self.types.get(data_type).and_then(|known| known.none_gives.as_deref());
        known == Some(file.to_string().as_str())
    }

    /// Forgets all types but these.
    pub(crate) fn keep_only<'a>(&mut self, data_types: impl Iterator<Item = &'a str>) {
        let kept: BTreeSet<&str> = data_types.collect();
        self.types.retain(|data_type, _| kept.contains(data_type.as_str()));
    }
}

/// How the file at this place is compressed.
///
/// A name may lie; then no recipe gives the file, and nothing worse.
pub(crate) fn compression_of(location: &Location) -> Compression {
    compression_by_name(location.file_name())
}

/// The same of a name.
pub(crate) fn compression_by_name(name: &str) -> Compression {
    let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    let compressed =
        [Compression::Gzip, Compression::Bzip2, Compression::Xz, Compression::Zstd, Compression::Zchunk];
    let found = compressed.into_iter().find(|compression| compression.suffix() == suffix);
    found.unwrap_or(Compression::None)
}

#[cfg(test)]
mod tests {
    use codec::Algorithm;

    use super::*;

    fn location(name: &str) -> Location {
        Location::new(&format!("repodata/{name}")).unwrap()
    }

    fn none() -> Recipe {
        Recipe::all().find(|recipe| recipe.compression() == Compression::None).unwrap()
    }

    #[test]
    fn names_tell_the_compression() {
        let of = |name| compression_of(&location(name));
        assert_eq!(of("primary.xml.gz"), Compression::Gzip);
        assert_eq!(of("primary.xml.zst"), Compression::Zstd);
        assert_eq!(of("primary.xml"), Compression::None);
        assert_eq!(of("gz"), Compression::None);
        assert_eq!(of("primary.xml.zck"), Compression::Zchunk);
    }

    #[test]
    fn what_failed_is_tried_again_only_after_it_was_found_again() {
        let mut known = KnownRecipes::default();
        let (recipe, place) = (none(), location("primary.xml"));
        assert_eq!(known.choose("primary", None, &place), None);
        assert_eq!(known.choose("primary", Some(recipe), &place), Some(recipe));
        assert_eq!(known.choose("primary", Some(recipe), &location("primary.xml.gz")), None);
        known.failed("primary", recipe);
        assert_eq!(known.choose("primary", Some(recipe), &place), None);
        assert_eq!(known.choose("other", Some(recipe), &place), Some(recipe));
        known.found("primary", recipe);
        assert_eq!(known.choose("primary", None, &place), Some(recipe));
        known.keep_only(["other"].into_iter());
        assert_eq!(known.choose("primary", None, &place), None);
    }

    #[test]
    fn it_is_plain_data_and_unknown_numbers_are_none() {
        let mut known = KnownRecipes::default();
        let digest = Algorithm::Sha256.digest(b"");
        known.none_gives("other", &digest);
        known.found("primary", none());
        let text = serde_json::to_string(&known).unwrap();
        assert_eq!(serde_json::from_str::<KnownRecipes>(&text).unwrap(), known);
        assert!(known.is_hopeless("other", &digest) && !known.is_hopeless("primary", &digest));
        let newer: KnownRecipes = serde_json::from_str(r#"{"primary": {"found": 255}}"#).unwrap();
        assert_eq!(newer.choose("primary", None, &location("primary.xml")), None);
    }
}
