//! What a new file must be, and how it is stored.

use codec::recipe::zchunk::ChunkRule;
use codec::recipe::{Facts, Recipe};
use codec::{Compression, Digest};
use repomd::journal::Journal;
use repomd::{Location, Record};

use crate::digest::digest_or_none;

/// How the open content is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoredForm {
    /// As the publisher stores it, to the byte, by a recipe.
    Exact(Recipe),
    /// Quickly, for local readers; with [`Compression::None`] it is open.
    Quick(Compression),
}

impl Default for StoredForm {
    /// Open.
    fn default() -> Self {
        Self::Quick(Compression::None)
    }
}

/// What the result must be. With nothing expected, nothing is verified.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Target {
    /// `<open-checksum>` of the target.
    pub open_checksum: Option<Digest>,
    /// `<open-size>` of the target in bytes; also caps what is written.
    pub open_size: Option<u64>,
    /// The most bytes that the open target may have, where `open_size` does not say it;
    /// nothing is decompressed beyond what that takes. Default: 16 GiB.
    pub max_size: Option<u64>,
    /// SHA-256 of the open content of the old file, where it is known: then a
    /// journal is applied without reading the old file for it.
    pub old_sha256: Option<Digest>,
    /// How the target is stored. Default: open.
    pub form: StoredForm,
    /// `<checksum>` of the target: of the file as it is stored by a recipe.
    pub checksum: Option<Digest>,
    /// `<size>` of the target: of the file as it is stored by a recipe.
    pub size: Option<u64>,
    /// What the file says of itself besides its content: for recipes that write it.
    pub facts: Facts,
    /// By which rule the chunks of a zchunk file begin: for its recipe.
    pub chunk_rule: Option<ChunkRule>,
}

impl Target {
    /// The file of a record, open; of the journal of its repomd.xml the rule for zchunk files is taken.
    /// Checksums of unknown types are not expected. The `<revision>` of [`facts`](Self::facts) is not in the
    /// record.
    #[must_use]
    pub fn from_record(record: &Record, journal: Option<&Journal>) -> Self {
        let recipe = journal.and_then(|journal| journal.recipes.get(&record.kind));
        let name = record.local_location().ok().map(Location::file_name);
        Self {
            open_checksum: digest_or_none(record.open_checksum.as_ref()),
            open_size: record.open_size,
            checksum: digest_or_none(record.checksum.as_ref()),
            size: record.size,
            facts: name.map(|name| Facts::from_repomd(None, name)).unwrap_or_default(),
            chunk_rule: recipe.and_then(|recipe| ChunkRule::from_number(recipe.chunks?)),
            ..Self::default()
        }
    }

    /// The most bytes that are written.
    pub(super) fn limit(&self) -> u64 {
        let max = self.max_size.unwrap_or(DEFAULT_MAX_SIZE);
        self.open_size.map_or(max, |size| size.min(max))
    }
}

with_methods!(Target {
    with_open_checksum: open_checksum = impl Into<Option<Digest>>;
    with_open_size: open_size = impl Into<Option<u64>>;
    with_max_size: max_size = impl Into<Option<u64>>;
    with_old_sha256: old_sha256 = impl Into<Option<Digest>>;
    with_form: form = StoredForm;
    with_checksum: checksum = impl Into<Option<Digest>>;
    with_size: size = impl Into<Option<u64>>;
    with_facts: facts = Facts;
    with_chunk_rule: chunk_rule = impl Into<Option<ChunkRule>>;
});

/// The most open bytes of a file unless the caller says otherwise.
pub(super) const DEFAULT_MAX_SIZE: u64 = 16 << 30;
