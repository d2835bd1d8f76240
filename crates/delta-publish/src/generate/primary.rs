//! Where the chunks of primary begin, by which those of filelists and other are told.

use std::sync::{Arc, OnceLock};

use codec::recipe::zchunk::{FOLLOWERS, PrimaryChunks};
use delta_core::Rule;
use repomd::{Record, Repomd};

use crate::Error;
use crate::repository::Repository;

/// The primary of a repository, which is read once, when that is needed.
pub(super) struct Primary<'r> {
    repository: &'r Repository,
    record: Option<&'r Record>,
    chunks: OnceLock<Option<Arc<PrimaryChunks>>>,
}

impl<'r> Primary<'r> {
    pub(super) fn new(repository: &'r Repository) -> Self {
        Self { repository, record: record(&repository.model), chunks: OnceLock::new() }
    }

    /// Its `<checksum>`, `type:hex`; empty where there is none.
    pub(super) fn checksum(&self) -> String {
        let checksum = self.record.and_then(|record| record.checksum.as_ref());
        checksum.map(ToString::to_string).unwrap_or_default()
    }

    /// Where its chunks begin; nothing where that cannot be known. May wait for memory,
    /// so nobody who has some should ask.
    pub(super) fn chunks(&self) -> Option<&Arc<PrimaryChunks>> {
        // One that cannot be read is told of where it is published.
        self.chunks.get_or_init(|| self.read().ok().flatten().map(Arc::new)).as_ref()
    }

    fn read(&self) -> Result<Option<PrimaryChunks>, Error> {
        let named = self.record.and_then(|record| Some((record, Repository::file_of(record).ok()?)));
        let Some((record, name)) = named else { return Ok(None) };
        let repository = self.repository;
        let reader = repository.open_file(record, name, repository.expect(record)?)?;
        Ok(PrimaryChunks::read(reader).ok())
    }
}

/// Whether files of this type may have the chunks of primary.
pub(super) fn is_follower(data_type: &str) -> bool {
    FOLLOWERS.contains(&Rule::family(data_type))
}

/// The record of primary; of its zchunk file where there is no other.
fn record(model: &Repomd) -> Option<&Record> {
    ["primary", "primary_zck"].iter().find_map(|kind| model.record(kind))
}
