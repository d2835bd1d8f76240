//! Whether the files of a new state are what its repomd.xml says.

use anyhow::Context as _;
use codec::Digest;
use durable::Dir;
use managers::cache::Stage;
use repomd::{Record, Repomd};

/// Whether the new state has the files of these types as repomd.xml says.
pub(super) fn are_whole(stage: &Stage<'_>, model: &Repomd, types: &[String]) -> anyhow::Result<bool> {
    Ok(damaged(&Dir::open(&stage.path())?, model, types)?.is_none())
}

/// The first of these types whose file is not what repomd.xml says.
pub(super) fn damaged<'a>(dir: &Dir, model: &'a Repomd, types: &[String]) -> anyhow::Result<Option<&'a str>> {
    for record in model.records.iter().filter(|record| types.contains(&record.kind)) {
        if !is_whole(dir, record)? {
            return Ok(Some(&record.kind));
        }
    }
    Ok(None)
}

/// Whether the file of a record is what that says. Files that did not change
/// were linked unread, and dnf takes such a file unread, too.
fn is_whole(dir: &Dir, record: &Record) -> anyhow::Result<bool> {
    let name = record.local_location().ok().and_then(|location| location.in_repodata());
    let digest = record.checksum.as_ref().and_then(|sum| Digest::parse(sum.kind(), sum.hex()).ok());
    let (Some(name), Some(digest)) = (name, digest) else {
        return Ok(false);
    };
    let path = dir.path().join(name);
    let file = dir.open_file(name)?.with_context(|| format!("there is no `{}`", path.display()))?;
    let found =
        digest.algorithm().digest_of(file).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(found == digest)
}
