//! The delta files and journals of a complete copy: which there are, and that they can be
//! read from here as from any other source.

use std::collections::BTreeMap;

use durable::Dir;
use repomd::{Checksum, Location, Record, Repomd};

use crate::cache::{Item, LocalCopy, Origin};
use crate::transport::{Request, Response, Transport, TransportError, TransportErrorKind, answer};

/// A file that clients of the copy get deltas by.
#[derive(Clone, Copy)]
pub(super) struct ForOthers<'r> {
    pub(super) location: &'r Location,
    pub(super) size: u64,
    pub(super) checksum: &'r Checksum,
}

/// Every delta file that repomd.xml names, and the journal.
pub(super) fn deltas_in(model: &Repomd) -> impl Iterator<Item = ForOthers<'_>> {
    let journals = model.journal.iter().map(|journal| ForOthers {
        location: &journal.location,
        size: journal.size,
        checksum: &journal.checksum,
    });
    journals.chain(model.records.iter().flat_map(Record::usable_deltas).map(|delta| ForOthers {
        location: &delta.location,
        size: delta.size,
        checksum: &delta.checksum,
    }))
}

/// The delta files and journals of a complete copy, by their names in `repodata/`.
pub(super) struct DeltaFiles<'h> {
    pub(super) items: BTreeMap<String, Item<'h>>,
    pub(super) work: Dir,
}

impl<'h> DeltaFiles<'h> {
    /// Whether the file at `location` is among them.
    pub(super) fn has(&self, location: &Location) -> bool {
        self.item(location).is_some()
    }

    pub(super) fn items(&self) -> impl Iterator<Item = &Item<'h>> {
        self.items.values()
    }

    fn item(&self, location: &Location) -> Option<&Item<'h>> {
        self.items.get(location.in_repodata()?)
    }
}

impl Transport for DeltaFiles<'_> {
    fn name(&self) -> String {
        self.work.path().display().to_string()
    }

    fn get(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        let what = request.location.as_str();
        let missing = || TransportError::about(TransportErrorKind::NotFound, what, "it is not here");
        let item = self.item(request.location).ok_or_else(missing)?;
        let dir = match item.from {
            Origin::Local(dir) => dir,
            Origin::Work => &self.work,
        };
        let other = |error| TransportError::about(TransportErrorKind::Other, what, error);
        let file = dir.open_file(&item.name).map_err(other)?.ok_or_else(missing)?;
        answer(file, what.to_owned(), request)
    }
}

/// Whether the delta file is held, and whole: they are small enough to be read.
pub(super) fn has(held: &LocalCopy, name: &str, size: u64, checksum: &codec::Digest) -> bool {
    let opened = match held.dir.len(name) {
        Ok(Some(found)) if found == size && held.state.deltas.contains(name) => held.dir.open_file(name),
        _ => return false,
    };
    let found = opened.ok().flatten().and_then(|file| checksum.algorithm().digest_of(file).ok());
    found.as_ref() == Some(checksum)
}
