//! Times of files, in whole seconds since 1970, as package managers compare them.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::SystemTime;

use durable::Dir;
use repomd::MAX_SIZE;

use crate::cache::{REPODATA, REPOMD};
use crate::xml::{Reader, Step};

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
    let location = location_of_primary(std::str::from_utf8(&repomd).ok()?)?;
    let file = dir.open_file(location.strip_prefix(REPODATA)?.strip_prefix('/')?).ok()??;
    file.metadata().ok().map(|found| found.mtime())
}

/// What repomd.xml says of it; not more is read than that takes, because this is done for
/// every cache before every command of a package manager.
fn location_of_primary(repomd: &str) -> Option<String> {
    let mut reader = Reader::new(repomd).ok()?;
    let mut is_primary = false;
    while let Some(step) = reader.step().ok()? {
        let Step::Open(attributes) = step else { continue };
        let value = |name: &str| attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        match *reader.path() {
            ["repomd", "data"] => is_primary = value("type").is_some_and(|kind| kind == "primary"),
            ["repomd", "data", "location"] if is_primary => return value("href").cloned(),
            _ => {}
        }
    }
    None
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
            assert_eq!(location_of_primary(&text).as_deref(), expected, "{records}");
        }
        for text in ["<html>", "", "<repomd><data type='primary'>"] {
            assert_eq!(location_of_primary(text), None);
        }
    }
}
