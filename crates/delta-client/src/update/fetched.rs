//! Files of a new state, as far as they are there.

use codec::Digest;
use repomd::Record;

use super::plan::Plan;
use crate::report::TypeUpdated;

/// A file that was obtained, verified and stored.
pub(super) struct Stored {
    /// Its file name, where it is.
    pub(super) name: String,
    pub(super) checksum: Digest,
    pub(super) size: Option<u64>,
    pub(super) open_size: Option<u64>,
    /// Whether it is the publisher's file, with another content than repomd.xml says.
    pub(super) is_odd: bool,
}

/// A file of the new state.
pub(super) struct FetchedFile {
    /// What the publisher says of it.
    pub(super) upstream: Record,
    /// What was said of it in the state before, if it is from there.
    pub(super) before: Option<Record>,
    /// Its name is that in the state before, or among the files obtained.
    pub(super) stored: Stored,
    pub(super) report: TypeUpdated,
}

impl FetchedFile {
    /// Whether this is the file of a plan by a newer repomd.xml, too; it is
    /// then described as that one says.
    pub(super) fn serves(&mut self, plan: &Plan<'_>) -> bool {
        let (a, b) = (&self.upstream, plan.record);
        let same = a.kind == b.kind
            && (&a.checksum, &a.open_checksum, a.size, a.open_size)
                == (&b.checksum, &b.open_checksum, b.size, b.open_size);
        if same {
            self.upstream = plan.record.clone();
        }
        same
    }
}
