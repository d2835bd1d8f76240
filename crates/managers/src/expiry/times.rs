//! Times of files, in whole seconds since 1970, as package managers compare them.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::SystemTime;

use durable::Dir;
use repomd::MAX_SIZE;

use crate::cache::{REPODATA, REPOMD, file_name, parse};

/// Of a moment; before 1970 they are negative.
pub(super) fn seconds(time: SystemTime) -> i64 {
    let signed = |seconds| i64::try_from(seconds).unwrap_or(i64::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => signed(after.as_secs()),
        Err(before) => -signed(before.duration().as_secs()),
    }
}

/// When a file was changed last; `None` where there is none.
pub(super) fn time_of_file(path: &Path) -> Option<i64> {
    std::fs::metadata(path).ok().map(|found| found.mtime())
}

/// When the primary of a cache was written or found current. `None` where repomd.xml or
/// primary is not there, or cannot be read.
pub(super) fn time_of_primary(cache: &Path) -> Option<i64> {
    let dir = Dir::open(cache).ok()?.child(REPODATA).ok()??;
    let repomd = dir.read(REPOMD, MAX_SIZE as u64).ok()??;
    let model = parse(&dir, &repomd).ok()?;
    let file = dir.open_file(file_name(model.record("primary")?)?).ok()??;
    file.metadata().ok().map(|found| found.mtime())
}
