//! Our own repomd.xml: the publisher's records, true for the files that lie
//! there.

use repomd::files::REPODATA;
use repomd::model::RecordLocation;
use repomd::value::ValueError;
use repomd::{Checksum, Location, Record, Repomd};

use super::fetched::Stored;
use crate::digest::digest_or_none;

/// The record of a stored file, under this name in `repodata/`.
///
/// `before` is what was said of it in the state before, if it is from there: only
/// what the publisher says of its content is new.
pub(super) fn described(
    upstream: &Record,
    before: Option<&Record>,
    stored: &Stored,
    name: &str,
) -> Result<Record, ValueError> {
    let mut record = upstream.clone();
    record.deltas.clear();
    if digest_or_none(upstream.checksum.as_ref()) != Some(stored.checksum) {
        let algorithm = stored.checksum.algorithm().name();
        record.checksum = Some(Checksum::new(algorithm, &stored.checksum.to_hex())?);
        // These are of a zchunk file.
        record.header_checksum = before.and_then(|before| before.header_checksum.clone());
        record.header_size = before.and_then(|before| before.header_size);
    }
    record.location = Some(RecordLocation::Local(Location::new(&format!("{REPODATA}/{name}"))?));
    if stored.is_odd {
        record.open_checksum = None;
    }
    record.size = stored.size;
    record.open_size = stored.open_size;
    Ok(record)
}

/// The document that has these records.
pub(super) fn document(
    upstream: &Repomd,
    records: Vec<Record>,
) -> Result<Vec<u8>, repomd::write::WriteError> {
    let mut model = upstream.clone();
    model.records = records;
    model.journal = None;
    model.to_xml()
}
