//! Whether a file at hand is the publisher's file, and which recipe the
//! publisher says that it has.

use codec::recipe::{ChunkRule, Recipe};
use repomd::Record;

use crate::cache::{LocalCopy, LocalFile};
use crate::digest::digest_or_none;
use crate::update::plan::Plan;

/// The recipe that repomd.xml publishes for a record.
///
/// A number that this version does not know is as good as none.
pub(super) fn published(record: &Record) -> Option<Recipe> {
    Recipe::from_number(record.journal()?.recipe?)
}

/// The rule that repomd.xml publishes for the chunks of a record's zchunk file.
pub(crate) fn chunk_rule(record: &Record) -> Option<ChunkRule> {
    ChunkRule::from_number(record.journal()?.chunks?)
}

/// Whether the held file is the one that the record of `plan` names, byte for
/// byte.
///
/// It is read only where checksums of two kinds cannot be compared.
pub(crate) fn is_publishers(held: &LocalCopy, file: &LocalFile<'_>, plan: &Plan<'_>) -> bool {
    let Some(ours) = digest_or_none(file.record.checksum.as_ref()) else {
        return false;
    };
    if ours.algorithm() == plan.checksum.algorithm() {
        return ours == plan.checksum;
    }
    let sizes = (held.dir.len(file.name), plan.record.size);
    if matches!(sizes, (Ok(Some(found)), Some(size)) if found != size) {
        return false;
    }
    let Ok(Some(opened)) = held.dir.open_file(file.name) else {
        return false;
    };
    plan.checksum.algorithm().digest_of(opened).is_ok_and(|digest| digest == plan.checksum)
}
