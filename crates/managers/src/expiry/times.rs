//! Times of files, in whole seconds since 1970, as package managers compare them.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::SystemTime;

use durable::Dir;
use repomd::files::{REPODATA, REPOMD, ZCHUNK};
use repomd::xml::Cursor;
use repomd::{MAX_SIZE, ReadError};

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

/// The type of primary.
const PRIMARY: &str = "primary";

/// When the primary of a cache, or its zchunk file where that is there, was written or found
/// current. `None` where repomd.xml or primary is not there, or cannot be read.
pub(super) fn time_of_primary(cache: &Path) -> Option<i64> {
    let dir = Dir::open(cache).ok()?.child(REPODATA).ok()??;
    let repomd = dir.read(REPOMD, MAX_SIZE as u64).ok()??;
    let repomd = std::str::from_utf8(&repomd).ok()?;
    let time = |kind: &str| {
        let location = location_of(kind, repomd).ok()??;
        let file = dir.open_file(location.strip_prefix(REPODATA)?.strip_prefix('/')?).ok()??;
        file.metadata().ok().map(|found| found.mtime())
    };
    let zchunk = format!("{PRIMARY}{ZCHUNK}");
    // Most documents have none, and are not read to the end for it.
    repomd.contains(&zchunk).then(|| time(&zchunk)).flatten().or_else(|| time(PRIMARY))
}

/// Where repomd.xml says that the file of a type is; not more is read than that takes,
/// because this is done for every cache before every command of a package manager.
fn location_of(kind: &str, repomd: &str) -> Result<Option<String>, ReadError> {
    let mut cursor = Cursor::new(repomd.as_bytes())?;
    let is_repomd = cursor.root()?.is("repomd");
    while let Some(data) = cursor.child()? {
        let is_meant = is_repomd && data.is("data") && data.attribute("type") == Some(kind);
        while let Some(tag) = cursor.child()? {
            if is_meant && tag.is("location") {
                return Ok(tag.attribute("href").map(str::to_owned));
            }
            cursor.skip()?;
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_location_is_that_of_the_record_itself() {
        let data = |kind: &str, inside: &str| format!("<data type='{kind}'>{inside}</data>");
        let own = "<location href=\"repodata/own.gz\"/>";
        let delta =
            "<delta-base><location href='repodata/base'/></delta-base><delta><location href='d'/></delta>";
        for (records, expected) in [
            (data("primary", own), Some("repodata/own.gz")),
            (data("primary", &format!("{delta}{own}")), Some("repodata/own.gz")),
            (data("filelists", "<location href='f'/>") + &data("primary", own), Some("repodata/own.gz")),
            (data("primary_zck", own), None),
            (data("primary", delta), None),
            (String::new(), None),
        ] {
            let text =
                format!("<?xml version='1.0'?><repomd xmlns='x'><revision>1</revision>{records}</repomd>");
            assert_eq!(location_of(PRIMARY, &text).unwrap().as_deref(), expected, "{records}");
        }
        for text in ["<html>", "", "<repomd><data type='primary'>"] {
            assert!(location_of(PRIMARY, text).is_err());
        }
    }
}
